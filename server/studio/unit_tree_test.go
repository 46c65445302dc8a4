package studio

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// A unit is added, renamed from a day on, moved and closed; the screens follow
// when the day comes, and figures of before stay.
func TestUnitTreePages(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t).enter()
	o.branches()
	name := func(unit string) string {
		t.Helper()
		m, err := o.store.Manifest(ctx, unit)
		if err != nil {
			t.Fatal(err)
		}
		x, err := slides.ParseManifest(m.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		return x.Unit["vi"]
	}
	path := "/studio/units/trong-1/tree"
	v := o.get(path).is(http.StatusOK).has("Nhánh trong", "Từ đầu").form(path, "do=save")
	v.Set("tree.name.vi", "")
	v.Set("day", "mai")
	v.Set("tree.zone", "Sao/Hoa")
	checkPage(t, o.post(path, v).is(http.StatusUnprocessableEntity).has("Ngày không đúng"))
	v.Set("day", o.store.Now().Time().In(vietnam(t)).Format(time.DateOnly))
	checkPage(t, o.post(path, v).is(http.StatusUnprocessableEntity).has("Thiếu nội dung tiếng Việt", "múi giờ"))
	v.Set("tree.zone", "")
	v.Set("tree.name.vi", "Nhánh đổi tên")
	v.Set("tree.parent", "trong-1")
	o.post(path, v).is(http.StatusUnprocessableEntity).has("vòng lặp")
	v.Set("tree.parent", "trong")
	o.post(path, v).is(http.StatusSeeOther)
	if got := name("trong-1"); got != "Nhánh đổi tên" {
		t.Errorf("the screens say %q", got)
	}
	// From a day to come: nothing changes before it.
	later := o.store.Now().Time().In(vietnam(t)).AddDate(0, 0, 10)
	v.Set("tree.name.vi", "Nhánh tương lai")
	v.Set("tree.parent", "ngoai")
	v.Set("day", later.Format(time.DateOnly))
	o.post(path, v).is(http.StatusSeeOther)
	o.get(path).has("Nhánh tương lai", "sắp tới", "Nhánh đổi tên")
	if err := o.store.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	if got := name("trong-1"); got != "Nhánh đổi tên" {
		t.Errorf("too early: %q", got)
	}
	o.later.Add((11 * 24 * time.Hour).Milliseconds())
	if err := o.store.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	if got := name("trong-1"); got != "Nhánh tương lai" {
		t.Errorf("when the day has come: %q", got)
	}
	o.client = o.browser()
	o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
	// A new one below, and its end; one with kiosks does not end.
	below := "/studio/units/ngoai/below"
	n := o.get(below).is(http.StatusOK).form(below, "do=save")
	n.Set("tree.name.vi", "Tổ công tác")
	o.post(below, n).is(http.StatusSeeOther)
	units, err := o.store.Units(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	made := ""
	for _, u := range units {
		if u.Name["vi"] == "Tổ công tác" && u.Parent == "ngoai" {
			made = u.ID
		}
	}
	if made == "" || !strings.HasPrefix(made, "to-cong-tac-") {
		t.Fatal("not made", units)
	}
	end := func(unit string) answer {
		p := "/studio/units/" + unit + "/tree"
		return o.post(p, o.get(p).form(p, "do=close"))
	}
	end("trong-1").is(http.StatusConflict).has("còn 1 ki-ốt")
	end("tren").is(http.StatusConflict).has("đơn vị cấp dưới")
	end(made).is(http.StatusSeeOther)
	o.get("/studio/units").hasNot("Tổ công tác")
	// Nobody moves a unit into one that is not theirs.
	o.client = o.as("qt-trong", store.Grant{Role: "admin", Unit: "trong"})
	p := "/studio/units/trong/tree"
	m := o.get(p).is(http.StatusOK).form(p, "do=save")
	if m.Get("tree.parent") != "tren" {
		t.Fatal("the form moves it by itself", m)
	}
	m.Set("tree.parent", "ngoai")
	o.post(p, m).is(http.StatusUnprocessableEntity).has("chưa được giao quyền này")
	o.get("/studio/new-unit").is(http.StatusForbidden)
}

func vietnam(t *testing.T) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Who is on duty at a counter gets its ratings from then on.
func TestCountersOfficersAndDuty(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t).enter()
	tree := o.branches()
	page := "/studio/units/trong-1/desks"
	o.get(page).is(http.StatusOK).has("Chưa có quầy nào")
	add := func(what, name string) string {
		t.Helper()
		o.post("/studio/units/trong-1/"+what, url.Values{"name": {name}}).is(http.StatusSeeOther)
		a := o.get(page).has(name)
		checkPage(t, a)
		switch what {
		case "counters":
			list, err := o.store.Counters(ctx, "trong-1")
			if err != nil || len(list) == 0 {
				t.Fatal(list, err)
			}
			return list[0].ID
		default:
			list, err := o.store.Officers(ctx, "trong-1")
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				if x.Name == name {
					return x.ID
				}
			}
			t.Fatal("no officer", name)
		}
		return ""
	}
	o.post("/studio/units/trong-1/counters", url.Values{"name": {"  "}}).is(http.StatusUnprocessableEntity).has("Tên dài 1–100 ký tự")
	counter, an, binh := add("counters", "Quầy 1"), add("officers", "Cán bộ An"), add("officers", "Cán bộ Bình")
	duty := func(officer string, code int) {
		t.Helper()
		o.post("/studio/units/trong-1/duty", url.Values{"counter": {counter}, "officer": {officer}}).is(code)
	}
	duty("khong-co", http.StatusNotFound)
	duty(an, http.StatusSeeOther)
	o.later.Add(3_600_000)
	o.client = o.browser()
	o.signIn(testLogin, testPassword)
	duty(binh, http.StatusSeeOther)
	list, err := o.store.DutyOf(ctx, counter, 10)
	if err != nil || len(list) != 2 || list[0].Officer != binh || list[0].Until != 0 || list[1].Until != list[0].Since {
		t.Fatalf("%+v %v", list, err)
	}
	// The counter and the officer are chosen in the kiosk's settings, by name.
	path := "/studio/kiosks/" + tree["trong-1"].kiosk + "/settings"
	v := o.get(path).has("Quầy 1", "Cán bộ An").form(path, "do=save")
	v.Set("counter", counter)
	v.Set("terminal.officer.id", binh)
	o.post(path, v).is(http.StatusSeeOther)
	k, err := o.store.Kiosk(ctx, tree["trong-1"].kiosk)
	if err != nil || k.Counter != counter || k.Terminal.Officer == nil || k.Terminal.Officer.Name != "Cán bộ Bình" {
		t.Fatalf("%+v %v", k, err)
	}
	o.get(page).has("Ki-ốt của Nhánh trong")
	// Somebody who has left serves nowhere.
	o.post("/studio/units/trong-1/officers", url.Values{"id": {binh}, "name": {"Cán bộ Bình"}, "do": {"close"}}).is(http.StatusSeeOther)
	cs, err := o.store.Counters(ctx, "trong-1")
	if err != nil || cs[0].Officer != "" {
		t.Fatalf("%+v %v", cs, err)
	}
	duty(binh, http.StatusNotFound)
	// A counter of another unit is not reached by this unit's address.
	other, err := o.store.SaveCounter(ctx, store.Actor{}, store.Counter{Unit: "ngoai", Name: "Quầy ngoài"})
	if err != nil {
		t.Fatal(err)
	}
	counter = other.ID
	duty(an, http.StatusNotFound)
	o.post("/studio/units/trong-1/counters", url.Values{"id": {other.ID}, "name": {"Chiếm"}}).is(http.StatusNotFound)
	o.get("/studio/audit?object=counter:"+list[0].Counter).has("Đổi người trực quầy", an, binh)
}
