package studio

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"motcua/server/store"
	"motcua/slides"
)

// Every setting of a kiosk can be set, but for those the server fills in.
func TestTheFormHasEverySetting(t *testing.T) {
	w, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	filledIn := []string{"seal", "phone"}
	var names []string
	for _, f := range fieldsOf(terminalParts(w, nil, nil)) {
		names = append(names, f.Name)
	}
	for f := range reflect.TypeFor[slides.Terminal]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if slices.Contains(names, name) == slices.Contains(filledIn, name) {
			t.Errorf("%s: in the form %v, filled in by the server %v", name, slices.Contains(names, name), slices.Contains(filledIn, name))
		}
	}
}

func someSpan(t *rapid.T) slides.Span {
	clock := func(name string) slides.DayTime {
		return slides.DayTime(rapid.SampledFrom([]string{"00:00", "07:30", "11:30", "13:30", "17:00", "22:15"}).Draw(t, name))
	}
	s := slides.Span{From: clock("from"), Until: clock("until")}
	if s.Until == "00:00" {
		s.Until = "24:00"
	}
	if s.From == s.Until {
		s.Until = "23:59"
	}
	for d := range 7 {
		if day := (d + 1) % 7; rapid.Bool().Draw(t, "day") {
			s.Days = append(s.Days, day)
		}
	}
	return s
}

// Whatever a kiosk is set up as, showing the form and sending it back changes
// nothing; and the form keeps what it does not have.
func TestTerminalThroughTheForm(t *testing.T) {
	w, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	parts := terminalParts(w, nil, nil)
	rapid.Check(t, func(t *rapid.T) {
		spans := func(name string) []slides.Span {
			return rapid.SliceOfN(rapid.Custom(someSpan), 0, 3).Draw(t, name)
		}
		text := func(name string) slides.Text {
			return rapid.SampledFrom([]slides.Text{nil, slides.Vi("Quầy số 1"), {"vi": "Mời vào", "en": "Come in"}}).Draw(t, name)
		}
		in := slides.Terminal{
			AtDesk: rapid.Bool().Draw(t, "at"), Desk: text("desk"), OldTone: rapid.Bool().Draw(t, "old"), Dossier: rapid.Bool().Draw(t, "dossier"),
			Hours: spans("hours"), Closed: slides.Closing{Text: text("closed"), URL: rapid.SampledFrom([]string{"", "https://dichvucong.gov.vn"}).Draw(t, "url")},
			Power: spans("power"), Switch: rapid.Bool().Draw(t, "switch"), Sound: rapid.Bool().Draw(t, "sound"),
			Typing: rapid.SampledFrom([]slides.Typing{"", slides.VNI, slides.Plain}).Draw(t, "typing"), Motion: rapid.SampledFrom([]slides.Motion{"", slides.Push, slides.NoMove}).Draw(t, "motion"),
			Phone: "https://a.vn", Seal: make([]byte, 32),
		}
		if rapid.Bool().Draw(t, "fewer tiles") {
			in.Tiles = []slides.Tile{slides.TileRate, slides.TileSuggest}
		}
		if rapid.Bool().Draw(t, "night") {
			in.Night = &slides.Night{Span: someSpan(t), Level: rapid.IntRange(5, 100).Draw(t, "level")}
		}
		if rapid.Bool().Draw(t, "officer") {
			in.Officer = &slides.OfficerCard{ID: "cb-1", Name: "Cán bộ A", Title: text("title")}
		}
		for range rapid.IntRange(0, 2).Draw(t, "rules") {
			in.Forms = append(in.Forms, slides.FormRule{Form: "nhanh", Spans: spans("times")})
		}
		if len(in.Hours) == 1 && isAlways(in.Hours[0]) {
			in.Hours = []slides.Span{slides.Always}
		}
		v := values{}
		terminalValues(v, in)
		var p slides.Problems
		out := readTerminal(w, fieldsOf(parts), v, in, &p)
		if len(p.List) > 0 || toJSON(t, in) != toJSON(t, out) {
			t.Fatalf("%v\nin  %s\nout %s\nform %v", p.List, toJSON(t, in), toJSON(t, out), v)
		}
	})
}

func TestDayTimesAsPeopleWriteThem(t *testing.T) {
	for in, want := range map[string]string{"7:30": "07:30", "7h30": "07:30", "07:30:00": "07:30", "7h": "07:00", "13.45": "13:45", " 8:05 ": "08:05", "sáng": "sáng", "25:00": "25:00"} {
		if got := dayTime(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestTimesInWords(t *testing.T) {
	w, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	week := []int{1, 2, 3, 4, 5}
	for want, list := range map[string][]slides.Span{
		"T2–T6 07:30–11:30, 13:30–17:00; T7 07:30–11:30": {{Days: week, From: "07:30", Until: "11:30"}, {Days: week, From: "13:30", Until: "17:00"}, {Days: []int{6}, From: "07:30", Until: "11:30"}},
		"Hằng ngày 00:00–24:00":                          {slides.Always},
		"T2, T3, T7, CN 08:00–09:00":                     {{Days: []int{0, 6, 1, 2}, From: "08:00", Until: "09:00"}},
	} {
		if got := (teller{words: w, lang: "vi"}).spans(list); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A form of a kiosk is filled in row by row without a script, refuses what is
// wrong beside its field and keeps the rest.
func TestKioskSettingsForm(t *testing.T) {
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	k := o.paired("Sảnh tầng 1", unit)
	path := "/studio/kiosks/" + k.id + "/settings"
	press := func(v url.Values, do string, code int) answer {
		v.Set("do", do)
		return o.post(path, v).is(code)
	}
	v := o.get(path).is(http.StatusOK).has("Theo giờ của đơn vị", "Giờ mở cửa").form(path, "")
	for _, row := range []string{"terminal.hours", "terminal.hours", "terminal.forms"} {
		v = press(v, "add:"+row, http.StatusOK).form(path, "")
	}
	v = press(v, "add:terminal.forms.0.spans", http.StatusOK).has("chưa được lưu").form(path, "")
	v.Set("name", "Sảnh lớn")
	v.Set("groups", "Tang-1; phuong")
	v.Set("terminal.hours_from", "own")
	v["terminal.hours.0.days"] = []string{"1", "2", "3", "4", "5"}
	v.Set("terminal.hours.0.from", "7h30")
	v.Set("terminal.hours.0.until", "11:30")
	v.Set("terminal.hours.1.from", "sáng")
	v.Set("terminal.forms.0.form", "daydu")
	v["terminal.forms.0.spans.0.days"] = []string{"5"}
	v.Set("terminal.forms.0.spans.0.from", "08:00")
	v.Set("terminal.forms.0.spans.0.until", "10:00")
	v.Set("terminal.closed.url", "http://chua-an-toan.vn")
	v.Set("terminal.night.level", "3")
	v.Del("terminal.tiles")
	bad := press(v, "save", http.StatusUnprocessableEntity).has("Khoảng giờ sáng– không đúng", "bắt đầu bằng https://", "từ 5 đến 100 phần trăm", "ít nhất một ô", "Sảnh lớn", "chua-an-toan")
	checkPage(t, bad)
	v = bad.form(path, "")
	if v.Get("name") != "Sảnh lớn" || v.Get("terminal.hours.0.from") != "07:30" && v.Get("terminal.hours.0.from") != "7h30" {
		t.Errorf("lost: %v", v)
	}
	v = press(v, "remove:terminal.hours.1", http.StatusOK).form(path, "")
	v["terminal.tiles"] = []string{"rate", "lookup"}
	v.Set("terminal.closed.url", "https://dichvucong.gov.vn")
	v.Del("terminal.night.level")
	press(v, "save", http.StatusSeeOther)
	got, err := o.store.Kiosk(context.Background(), k.id)
	if err != nil {
		t.Fatal(err)
	}
	week := []int{1, 2, 3, 4, 5}
	want := slides.Terminal{
		Tiles: []slides.Tile{"rate", "lookup"}, Hours: []slides.Span{{Days: week, From: "07:30", Until: "11:30"}}, Closed: slides.Closing{URL: "https://dichvucong.gov.vn"},
		Forms: []slides.FormRule{{Form: "daydu", Spans: []slides.Span{{Days: []int{5}, From: "08:00", Until: "10:00"}}}},
	}
	if toJSON(t, got.Terminal) != toJSON(t, want) || got.Name != "Sảnh lớn" || !slices.Equal(got.Groups, []string{"phuong", "tang-1"}) {
		t.Errorf("%+v", got)
	}
	o.get("/studio/kiosks/"+k.id).is(http.StatusOK).has("T2–T6 07:30–11:30", "T6 08:00–10:00", "ngoài các giờ ấy: phiếu mặc định")
	// Somebody else was first: told, nothing lost, and saving again is meant.
	v = o.get(path).form(path, "")
	mine := o.get(path).form(path, "")
	v.Set("name", "Của người khác")
	press(v, "save", http.StatusSeeOther)
	mine.Set("name", "Của tôi")
	again := press(mine, "save", http.StatusConflict).has("người khác đã lưu", "Của tôi").form(path, "")
	press(again, "save", http.StatusSeeOther)
	if got, _ = o.store.Kiosk(context.Background(), k.id); got.Name != "Của tôi" {
		t.Error(got.Name)
	}
}

// What a form can't have is told, not dropped; and one that does not say what it
// began from is not saved.
func TestSettingsFormTellsWhatItCanNotHave(t *testing.T) {
	o := newOffice(t).enter().stock()
	k := o.paired("Sảnh tầng 1", o.firstUnitID())
	path := "/studio/kiosks/" + k.id + "/settings"
	form := func() url.Values {
		v := o.get(path).form(path, "")
		v.Set("do", "save")
		v.Set("name", "Khác")
		return v
	}
	for name, c := range map[string]struct {
		set  url.Values
		says string
	}{
		"day":   {url.Values{"terminal.hours_from": {"own"}, "terminal.hours.#": {"1"}, "terminal.hours.0.days": {"1", "7"}, "terminal.hours.0.from": {"07:30"}, "terminal.hours.0.until": {"17:00"}}, `Không có lựa chọn "7"`},
		"power": {url.Values{"terminal.power.#": {"1"}, "terminal.power.0.days": {"-1"}, "terminal.power.0.from": {"07:30"}, "terminal.power.0.until": {"17:00"}}, `Không có lựa chọn "-1"`},
		"tile":  {url.Values{"terminal.tiles": {"rate", "casino"}}, `Không có lựa chọn "casino"`},
		"form":  {url.Values{"terminal.forms.#": {"1"}, "terminal.forms.0.form": {"khong-co"}}, `Không có phiếu "khong-co"`},
	} {
		t.Run(name, func(t *testing.T) {
			v := form()
			for f, x := range c.set {
				v[f] = x
			}
			o.post(path, v).is(http.StatusUnprocessableEntity).has(c.says, "Khác")
		})
	}
	v := form()
	v.Del("base")
	again := o.post(path, v).is(http.StatusConflict).has("sửa từ bản nào", "Khác")
	if got, err := o.store.Kiosk(context.Background(), k.id); err != nil || got.Name != "Sảnh tầng 1" {
		t.Fatal(got.Name, err)
	}
	v = again.form(path, "")
	v.Set("do", "save")
	o.post(path, v).is(http.StatusSeeOther)
	// A unit's form as well.
	path = "/studio/units/" + o.firstUnitID()
	v = o.get(path).is(http.StatusOK).form(path, "do=save")
	v.Del("base")
	v = o.post(path, v).is(http.StatusConflict).has("sửa từ bản nào").form(path, "do=save")
	o.post(path, v).is(http.StatusSeeOther)
}

// A unit's hours and languages reach the kiosks below, by their settings and
// their manifest, unless a kiosk or a unit in between says otherwise.
func TestUnitDefaultsReachKiosks(t *testing.T) {
	needFonts(t)
	ctx := context.Background()
	o := newOffice(t).enter().stock()
	units, err := o.store.Units(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	var root, leaf store.Unit
	for _, u := range units {
		if u.Parent == "" && root.ID == "" {
			root = u
		}
		if u.Parent != "" {
			leaf = u
		}
	}
	k := o.paired("Sảnh", leaf.ID)
	own := o.paired("Riêng", leaf.ID)
	e := store.KioskEdit{Name: "Riêng", Unit: leaf.ID, Terminal: slides.Terminal{Hours: []slides.Span{slides.Always}}}
	if _, err := o.store.UpdateKiosk(ctx, store.Actor{}, own.id, e); err != nil {
		t.Fatal(err)
	}
	path := "/studio/units/" + root.ID
	o.get("/studio/units").is(http.StatusOK).has(path, leaf.Name["vi"])
	v := o.get(path).is(http.StatusOK).form(path, "do=add:defaults.hours")
	v = o.post(path, v).is(http.StatusOK).form(path, "do=save")
	v["defaults.hours.0.days"] = []string{"1", "2", "3", "4", "5"}
	v.Set("defaults.hours.0.from", "07:30")
	v.Set("defaults.hours.0.until", "")
	v.Set("defaults.languages_from", "own")
	v["defaults.languages"] = []string{"en", "tyz"}
	v.Set("defaults.more", "km, xx yy zz")
	v.Set("defaults.more", "km; không")
	checkPage(t, o.post(path, v).is(http.StatusUnprocessableEntity).has("Khoảng giờ 07:30– không đúng", "Mã ngôn ngữ"))
	v.Set("defaults.hours.0.until", "00:00")
	v.Set("defaults.more", "km")
	before, err := o.store.Manifest(ctx, leaf.ID)
	if err != nil {
		t.Fatal(err)
	}
	seq, err := o.store.LastChange(ctx)
	if err != nil {
		t.Fatal(err)
	}
	o.post(path, v).is(http.StatusSeeOther)
	got, err := o.store.Kiosk(ctx, k.id)
	if err != nil || len(got.Terminal.Hours) != 0 || len(got.Works.Hours) != 1 || got.Works.Hours[0].Until != "24:00" {
		t.Fatalf("%+v %v", got, err)
	}
	if x, _ := o.store.Kiosk(ctx, own.id); len(x.Works.Hours) != 1 || !isAlways(x.Works.Hours[0]) {
		t.Errorf("the kiosk with hours of its own: %+v", x.Works)
	}
	told := map[string]bool{}
	list, err := o.store.Changes(ctx, seq, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Kind == store.KioskChanged {
			told[c.Kiosk] = true
		}
	}
	if !told[k.id] || !told[own.id] {
		t.Errorf("kiosks not told: %v", told)
	}
	after, err := o.store.Manifest(ctx, leaf.ID)
	if err != nil || after.Revision <= before.Revision {
		t.Fatalf("revision %d after %d: %v", after.Revision, before.Revision, err)
	}
	m, err := slides.ParseManifest(after.Bytes)
	if err != nil || !slices.Equal(m.Languages, []string{"vi", "en", "tyz", "km"}) {
		t.Fatalf("%v %v", m.Languages, err)
	}
	o.get("/studio/kiosks/"+k.id).has("T2–T6 07:30–24:00", "(theo "+leaf.Name["vi"]+")")
	// Again the same: nothing is issued.
	o.post(path, o.get(path).form(path, "do=save")).is(http.StatusSeeOther)
	if x, _ := o.store.Manifest(ctx, leaf.ID); x.Revision != after.Revision {
		t.Error("saving the same issued a revision")
	}
	if got := o.get(path).form(path, "").Get("defaults.more"); got != "km" {
		t.Errorf("the other language is %q", got)
	}
}

func TestCopySettingsAndUndo(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	from, one, two, third := o.paired("Mẫu", unit), o.paired("Một", unit), o.paired("Hai", unit), o.paired("Ba", unit)
	set := func(id string, t slides.Terminal) {
		k, err := o.store.Kiosk(ctx, id)
		if err != nil {
			o.t.Fatal(err)
		}
		e := k.Edit()
		e.Terminal = t
		if _, err := o.store.UpdateKiosk(ctx, store.Actor{}, id, e); err != nil {
			o.t.Fatal(err)
		}
	}
	get := func(id string) slides.Terminal {
		k, err := o.store.Kiosk(ctx, id)
		if err != nil {
			o.t.Fatal(err)
		}
		return k.Terminal
	}
	set(from.id, slides.Terminal{Typing: slides.VNI, OldTone: true, Sound: true, Desk: slides.Vi("Quầy mẫu")})
	set(one.id, slides.Terminal{Desk: slides.Vi("Quầy một"), Switch: true})
	path := "/studio/kiosks/" + from.id + "/copy"
	o.post(path, url.Values{"do": {"preview"}}).is(http.StatusUnprocessableEntity).has("ít nhất một phần", "ít nhất một ki-ốt nhận")
	v := o.get(path).is(http.StatusOK).has("Một", "Hai").form(path, "do=preview")
	if len(v["part"])+len(v["kiosk"]) != 0 {
		t.Error("something is chosen already", v)
	}
	v["part"], v["kiosk"] = []string{"keyboard"}, []string{one.id, two.id}
	a := o.post(path, v).is(http.StatusOK).has("Sẽ thay đổi 2 ki-ốt", "Gõ kiểu Telex", "Gõ kiểu VNI", "Chép sang 2 ki-ốt")
	checkPage(t, a)
	if get(one.id).Typing != "" {
		t.Fatal("the preview changed something")
	}
	done := o.post(path, a.form(path, "do=copy")).is(http.StatusSeeOther)
	id := idOf(done)
	if g := get(one.id); g.Typing != slides.VNI || !g.OldTone || g.Switch || g.Sound || g.Desk["vi"] != "Quầy một" {
		t.Errorf("%+v", g)
	}
	if g := get(third.id); g.Typing != "" {
		t.Errorf("not chosen, but changed: %+v", g)
	}
	set(two.id, slides.Terminal{Typing: slides.Plain})
	o.get("/studio/kiosk-copies/"+id).is(http.StatusOK).has("Từ “Mẫu” sang 2 ki-ốt", "Hoàn tác")
	to := o.post("/studio/kiosk-copies/"+id+"/undo", nil).is(http.StatusSeeOther)
	if !strings.Contains(to.header.Get("Location"), "partly") {
		t.Error(to.header.Get("Location"))
	}
	if g := get(one.id); g.Typing != "" || !g.Switch || g.Desk["vi"] != "Quầy một" {
		t.Errorf("undone: %+v", g)
	}
	if g := get(two.id); g.Typing != slides.Plain {
		t.Errorf("what was changed since is gone: %+v", g)
	}
	o.post("/studio/kiosk-copies/"+id+"/undo", nil).is(http.StatusConflict)
	if n, err := o.store.VerifyAudit(ctx); err != nil || n == 0 {
		t.Error(n, err)
	}
}
