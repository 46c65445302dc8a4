package studio

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"motcua/slides/review"
)

// What a citizen would stumble over stands on the slide's page with the way to
// its field, and one press mends what needs no thought.
func TestFindingsAndTheirFixes(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	v := slideForm()
	v.Set("unit", o.firstUnitID())
	v.Set("body.text.vi", "Trang này → rất dài "+strings.Repeat("để đọc hết thì cần nhiều thời gian ", 5))
	v.Set("dwell", "4")
	path := "/studio/slides/" + idOf(o.post("/studio/new-slide/slogan", v).is(http.StatusSeeOther))
	a := o.get(path).is(http.StatusOK).has("Kiểm tra trước khi phát hành", "1 lỗi phải sửa", "không kịp đọc", `href="#f-dwell"`, `href="#f-body-text-vi"`)
	checkPage(t, a)
	o.post(path, a.form(path, "do=fix:glyphs")).is(http.StatusSeeOther)
	a = o.get(path).has("Trang này – rất dài", "Vẫn phát hành được").hasNot("lỗi phải sửa")
	i := strings.Index(a.body, "fix:dwell=")
	if i < 0 {
		t.Fatal("no fix for the dwell", a.text())
	}
	fix, _, _ := strings.Cut(a.body[i:], `"`)
	o.post(path, a.form(path, "do="+fix)).is(http.StatusSeeOther)
	o.get(path).has("Không có gì phải sửa")
	// Validity that has ended is an error; the fix takes it off.
	v = o.get(path).form(path, "do=save")
	v.Set("until", time.Now().Add(2*time.Minute).Add(7*time.Hour).UTC().Format(momentLayout))
	o.post(path, v).is(http.StatusSeeOther)
	o.get(path).has("hết hiệu lực sau 0 ngày").hasNot("Bỏ thời hạn")
	o.later.Store(3 * time.Minute.Milliseconds())
	a = o.get(path).has("đã hết hiệu lực", "Bỏ thời hạn")
	o.post(path, a.form(path, "do=fix:until")).is(http.StatusSeeOther)
	o.get(path).has("Không có gì phải sửa")
}

// How the screens of a unit are read is the unit's, or that of the one above.
func TestReviewFollowsTheUnit(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter()
	o.branches()
	path := "/studio/units/tren"
	form := o.get(path).has("24 inch", "200 tiếng mỗi phút").form(path, "do=save")
	form.Set("defaults.viewing.metres", "6,5")
	form.Set("defaults.viewing.words", "10")
	o.post(path, form).is(http.StatusUnprocessableEntity).has("60 đến 400")
	form.Set("defaults.viewing.words", "180")
	o.post(path, form).is(http.StatusSeeOther)
	o.get(path).has("cách 6,5 m", "180 tiếng")
	o.get("/studio/units/trong-1").has("cách 6,5 m", "180 tiếng")
	v := slideForm()
	v.Set("unit", "trong-1")
	v.Set("body.overline.vi", "Dòng dẫn nhỏ")
	id := idOf(o.post("/studio/new-slide/slogan", v).is(http.StatusSeeOther))
	o.get("/studio/slides/" + id).has("đứng cách 6.5 m")
}

func TestUntracked(t *testing.T) {
	for in, want := range map[string]string{
		"https://dichvucong.gov.vn/p/home?utm_source=zalo&id=7&fbclid=x#top": "https://dichvucong.gov.vn/p/home?id=7",
		"https://dichvucong.gov.vn/?utm_source=zalo":                         "https://dichvucong.gov.vn/",
		"https://dichvucong.gov.vn/a":                                        "https://dichvucong.gov.vn/a",
		"::":                                                                 "::",
	} {
		if got := untracked(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// What has not changed is not looked at again.
func TestReviewsAreKept(t *testing.T) {
	var r reviews
	n := 0
	for _, key := range []string{"a", "a", "b", "a"} {
		if _, err := r.of(key, func() ([]review.Finding, error) { n++; return nil, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if n != 2 {
		t.Errorf("%d looks at two slides", n)
	}
}
