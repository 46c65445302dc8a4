package studio

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"motcua/server/store"
	"motcua/slides"
)

func (o *office) draft(path string, v map[string][]string) draftAnswer {
	o.t.Helper()
	var d draftAnswer
	if err := json.Unmarshal([]byte(o.post(path+"/draft", v).is(http.StatusOK).body), &d); err != nil {
		o.t.Fatal(err)
	}
	return d
}

// A form that is sent twice saves once: a new one makes one slide, and nobody is
// told that somebody else is editing. Gone back to and changed, it makes another.
func TestFormSentTwice(t *testing.T) {
	o := newOffice(t).enter().stock()
	const path = "/studio/new-slide/slogan"
	v := o.get(path).form(path, "do=save")
	v.Set("body.text.vi", "Nụ cười công sở")
	v.Set("do", "save")
	id := idOf(o.post(path, v).is(http.StatusSeeOther))
	if again := idOf(o.post(path, v).is(http.StatusSeeOther)); again != id {
		t.Fatalf("%s and %s from one form", id, again)
	}
	v.Set("source", "Kế hoạch 2023")
	if other := idOf(o.post(path, v).is(http.StatusSeeOther)); other == id {
		t.Fatal("the second is lost, or the first was overwritten")
	}
	saved := "/studio/slides/" + id
	v = o.get(saved).form(saved, "do=save")
	v.Set("body.text.vi", "Niềm tin nhân dân")
	v.Set("do", "save")
	o.post(saved, v).is(http.StatusSeeOther)
	o.post(saved, v).is(http.StatusSeeOther)
	o.get(saved).has("Niềm tin nhân dân", "phiên bản 2").hasNot("Hai người cùng sửa")
	v.Set("body.text.vi", "Trách nhiệm, tận tụy")
	o.post(saved, v).is(http.StatusConflict).has("Hai người cùng sửa")
}

// What is typed is kept for the person alone, comes back with the form, and is
// gone once it is saved or discarded.
func TestDraftsComeBack(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	v := slideForm()
	v.Del("title.vi")
	v.Set("unit", o.firstUnitID())
	v.Set("draft", "nhap-1")
	if d := o.draft("/studio/new-slide/slogan", v); d.Kept != "" || d.Shown == nil {
		t.Fatalf("nobody has typed: %+v", d)
	}
	v.Set("keep", "1")
	v.Set("checks", "1")
	d := o.draft("/studio/new-slide/slogan", v)
	if !strings.Contains(d.Kept, "Đã giữ") || d.Checks == nil || !strings.Contains(*d.Checks, "Không có gì phải sửa") {
		t.Fatalf("%+v", d)
	}
	if before := o.counts(); before.slides == 0 {
		t.Fatal("no slides")
	}
	o.get("/studio/slides").has("Đang soạn dở", "Nụ cười công sở, niềm tin nhân dân")
	a := o.get("/studio/new-slide/slogan?draft=nhap-1").has("soạn dở lúc", "Nụ cười công sở")
	checkPage(t, a)
	// Another person has drafts of their own.
	mine := o.client
	o.client = o.as("nguoi-khac", store.Grant{Role: "editor"})
	o.get("/studio/new-slide/slogan?draft=nhap-1").hasNot("Nụ cười công sở")
	o.get("/studio/slides").hasNot("Đang soạn dở")
	o.client = mine
	saved := "/studio/slides/" + idOf(o.post("/studio/new-slide/slogan", v).is(http.StatusSeeOther))
	o.get("/studio/slides").hasNot("Đang soạn dở")
	a = o.get(saved).has("Nụ cười công sở, niềm tin nhân dân") // a title for who wrote none
	form := a.form(saved, "do=save")
	form.Set("keep", "1")
	o.draft(saved, form)
	o.get(saved).hasNot("soạn dở")
	form.Set("body.text.vi", "Đang viết dở")
	form.Set("dwell", "lâu")
	if d = o.draft(saved, form); !strings.Contains(d.Problem, "không phải là số") {
		t.Errorf("%+v", d)
	}
	o.get(saved).has("soạn dở lúc", "Đang viết dở", "lâu")
	o.post(saved+"/draft/drop", nil).is(http.StatusSeeOther)
	o.get(saved).hasNot("soạn dở", "Đang viết dở")
}

// Two people on one slide lose nothing: each of the three ways out keeps what
// it says it keeps.
func TestConflictLosesNothing(t *testing.T) {
	needFonts(t)
	for do, c := range map[string]struct{ first, copied string }{
		"save":   {first: "Bản của tôi"},
		"theirs": {first: "Bản của người kia"},
		"both":   {first: "Bản của người kia", copied: "Bản của tôi"},
	} {
		t.Run(do, func(t *testing.T) {
			o := newOffice(t).enter().stock()
			v := slideForm()
			v.Set("unit", o.firstUnitID())
			id := idOf(o.post("/studio/new-slide/slogan", v).is(http.StatusSeeOther))
			path := "/studio/slides/" + id
			mine := o.get(path).form(path, "do=save")
			theirs := o.get(path).form(path, "do=save")
			me := o.client
			o.client = o.as("nguoi-khac", store.Grant{Role: "editor"})
			theirs.Set("body.text.vi", "Bản của người kia")
			o.post(path, theirs).is(http.StatusSeeOther)
			o.client = me
			mine.Set("body.text.vi", "Bản của tôi")
			mine.Set("keep", "1")
			if d := o.draft(path, mine); !strings.Contains(d.Newer, "phiên bản 2") {
				t.Errorf("not told of the newer version: %+v", d)
			}
			a := o.post(path, mine).is(http.StatusConflict).has("Hai người cùng sửa trang này", "Người nguoi-khac", "Bản của người kia", "Bản của tôi", "Giữ cả hai")
			checkPage(t, a)
			// Whoever walks away from the question finds it again.
			a = o.get(path).is(http.StatusOK).has("Hai người cùng sửa trang này", "Bản của tôi")
			to := "/studio/slides/" + idOf(o.post(path, a.form(path, "do="+do)).is(http.StatusSeeOther))
			if c.copied != "" {
				o.get(to).has(c.copied, "(bản sao)")
			}
			got, err := o.store.Slide(context.Background(), id)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(got.Slide.Body), c.first) {
				t.Errorf("the slide says %s", got.Slide.Body)
			}
			o.get(path).hasNot("Hai người cùng sửa")
			if _, err := o.store.SlideVersion(context.Background(), id, 2); err != nil {
				t.Error("what the other saved is gone:", err)
			}
		})
	}
}

func TestTitleOf(t *testing.T) {
	long := strings.Repeat("Nụ cười công sở ", 10)
	for text, want := range map[string]string{
		"Một câu\nhai dòng": "Một câu hai dòng",
		long:                "Nụ cười công sở Nụ cười công sở Nụ cười công sở Nụ cười công sở Nụ cười công sở…",
		"":                  "",
	} {
		b, err := json.Marshal(map[string]any{"text": slides.Vi(text)})
		if err != nil {
			t.Fatal(err)
		}
		if got := titleOf(&slides.Slide{Kind: "slogan", Body: b}); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// fillSlides makes a slide that somebody else has saved while the first user
// was writing, a template, and lists what can be done to slides.
func (o *office) fillSlides(unit string) []struct{ path, has string } {
	o.t.Helper()
	ctx := context.Background()
	sl := &slides.Slide{ID: "hai-nguoi", Kind: "slogan", Title: slides.Vi("Trang hai người cùng sửa"), Topic: "T04", Audience: slides.Public, Body: json.RawMessage(`{"text":{"vi":"Bản thứ nhất"}}`)}
	row, err := o.store.SaveSlide(ctx, store.Actor{}, unit, sl, 0)
	if err != nil {
		o.t.Fatal(err)
	}
	sl.Body = json.RawMessage(`{"text":{"vi":"Bản thứ hai, do người khác lưu trong khi người thứ nhất đang soạn"}}`)
	if _, err := o.store.SaveSlide(ctx, store.Actor{}, unit, sl, row.Version); err != nil {
		o.t.Fatal(err)
	}
	users, err := o.store.Users(ctx)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, u := range users {
		if u.Login == testLogin {
			v := slideForm()
			if err := o.store.SaveDraft(ctx, u.ID, store.UnsavedDraft{Key: draftKey(row.ID, ""), Kind: "slogan", Base: 1, Values: typed(v)}); err != nil {
				o.t.Fatal(err)
			}
		}
	}
	if err := o.store.SetTemplate(ctx, store.Actor{}, row.ID, true); err != nil {
		o.t.Fatal(err)
	}
	return []struct{ path, has string }{
		{"/studio/slides/" + row.ID, "Hai người cùng sửa trang này"},
		{"/studio/slides/" + row.ID + "/versions", "Các phiên bản"},
		{"/studio/slide-changes?all=1&kind=slogan", "Xem trước"},
		{"/studio/new-slide/slogan?from=" + row.ID, "Bản thứ hai"},
	}
}
