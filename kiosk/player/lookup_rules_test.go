package player_test

import (
	"strings"
	"testing"
	"time"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/catalogue"
)

// A citizen types without marks on the screen's keys, reads the first
// procedure found, and comes back step by step: nothing written is lost.
func TestLookUpByTyping(t *testing.T) {
	s := newStage(t, newLibrary(t).load(t))
	s.touch("", "tile:lookup", "type")
	s.pass(time.Second)
	for _, r := range "cap lai gpld" {
		name := string(r)
		if r == ' ' {
			name = "space"
		}
		s.do(player.Touch{Target: "key:" + name, Serial: s.st.Serial}) // as fast as fingers go
	}
	if !s.says("Cấp lại giấy phép lao động cho người lao động nước ngoài làm việc tại Việt Nam Mã 1.014200 · 03 ngày làm việc") {
		t.Fatalf("found: %s", s.read())
	}
	s.touch("procedure:8")
	s.view(player.ViewProcedure)
	for _, want := range []string{"Thời hạn 03 ngày làm việc (tham khảo)", "Giấy tờ cần mang Máy chưa có danh mục", "dichvucong.gov.vn", "Nguồn: QĐ 1513/QĐ-UBND", "Đơn vị chưa rà soát"} {
		if !s.says(want) {
			t.Errorf("%q is not on %s", want, s.read())
		}
	}
	s.touch("back")
	s.view(player.ViewSearch)
	if live := s.st.Show().Live; live.Typed.Text != "cap lai gpld" {
		t.Errorf("the line holds %q", live.Typed.Text)
	}
	s.do(player.Key{Enter: true}) // a scanner and a real keyboard end so
	s.view(player.ViewProcedure)
	s.touch("back", "back", "back")
	s.view(player.ViewHome)
	s.touch("back")
	s.view(player.ViewLoop)
}

// Every leaf of a long procedure tells source and review, its forms and
// situations open, and its code is enlarged.
func TestALongProcedure(t *testing.T) {
	lib := newLibrary(t).load(t)
	whole := "procedure:" + itoa(len(lib.Procedures.Procedures)-1)
	s := newStage(t, lib)
	s.touch("", "tile:lookup", "group:2", whole)
	all := ""
	for leaf := range 20 {
		s.touch("leaf:" + itoa(leaf))
		if !s.says("Nguồn: Quyết định mẫu số 00/QĐ-") || !s.says("Rà soát lần cuối 14/3/2026") {
			t.Fatalf("leaf %d: %s", leaf, s.read())
		}
		all += " " + s.read()
	}
	for _, want := range []string{"02 bản sao", "cơ quan tự tra cứu dữ liệu", "Đã rút ngắn", "07 ngày làm việc", "10 ngày làm việc", "Một phần", "Nộp hồ sơ và nhận kết quả qua bưu điện được", "Mẫu số 07 đã điền", "Căn cứ pháp lý", "Sở Y tế"} {
		if !strings.Contains(strings.Join(strings.Fields(all), " "), want) {
			t.Errorf("%q is on no leaf", want)
		}
	}
	s.touch("form:1")
	s.view(player.ViewCode)
	if !s.says("dichvucong.gov.vn/mau/07-da-dien") {
		t.Error("no address in letters")
	}
	s.touch("back", "slide:faq-phi-le-phi")
	s.view(player.ViewRead)
	s.touch("back", "slide:no-such-slide", "form:9", "form:-1")
	s.view(player.ViewProcedure)
	s.touch("qr:body.qr")
	s.view(player.ViewCode)
}

// What is not in force today is not offered, in lists or by typing.
func TestOnlyWhatIsInForce(t *testing.T) {
	lib := newLibrary(t)
	cat, err := catalogue.Parse(lib.blobs[lib.manifest.Catalogue])
	if err != nil {
		t.Fatal(err)
	}
	for i := range cat.Procedures {
		p := &cat.Procedures[i]
		p.Until = ""
		if p.Field["vi"] != "Người có công" {
			p.From, p.Until = "2020-01-01", "2026-03-20" // today
		}
	}
	b, err := catalogue.Encode(cat)
	if err != nil {
		t.Fatal(err)
	}
	lib.manifest.Catalogue = lib.keep(b, "application/json")
	s := newStage(t, lib.load(t))
	s.touch("", "tile:lookup")
	if !s.says("Người có công 29 thủ tục") || s.says("Lao động, việc làm") {
		t.Errorf("fields: %s", s.read())
	}
	s.touch("type")
	s.write("giấy phép lao động")
	if s.says("1.014199") || s.says("1.014200") {
		t.Errorf("typing finds what is over: %s", s.read())
	}
}

// One touch answers "useful?", once a page, and is no rating.
func TestUsefulIsOneTouchAndNoRating(t *testing.T) {
	lib := newLibrary(t).load(t)
	s := newStage(t, lib)
	shown := s.st.Showing.Slide
	s.touch("", "useful:maybe", "useful:yes", "useful:no", "tile:lookup", "group:0", row(lib, "1.014200"), "useful:no", "useful:no")
	if !s.says("Cảm ơn Ông/Bà!") {
		t.Error("nobody says thanks")
	}
	s.touch("back", row(lib, "1.014200"), "back", "back", "back", "tile:guides", "slide:guide-mot-cua-2025", "useful:yes")
	var got []player.Voted
	for _, e := range s.done {
		if v, ok := e.(player.Voted); ok {
			got = append(got, v)
		}
	}
	at := start / 3_600_000 * 3_600_000
	want := []player.Voted{
		{Slide: shown, Blob: lib.Blob[shown], At: at, Useful: true},
		{Procedure: "1.014200", At: at},
		{Slide: "guide-mot-cua-2025", Blob: lib.Blob["guide-mot-cua-2025"], At: at, Useful: true},
	}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("answers %+v, want %+v", got, want)
	}
	if len(s.saves) != 0 {
		t.Error("an answer became a rating")
	}
}

// A code that is touched on a slide stays up while the slides go on behind it,
// as long as somebody wants it, and then gives way.
func TestATouchedCodeIsEnlargedAndStays(t *testing.T) {
	s := newStage(t, newLibrary(t).load(t))
	s.qr()
	s.view(player.ViewCode)
	if !s.says("dichvucong.gov.vn") || !s.says("gõ địa chỉ trên") {
		t.Errorf("it says %s", s.read())
	}
	slide := s.st.Showing.Slide
	s.touch("more-time")
	s.pass(player.MoreTime - time.Second)
	s.view(player.ViewCode)
	if s.st.Showing.Slide == slide {
		t.Error("the program stands still behind it")
	}
	s.pass(2 * time.Second)
	s.view(player.ViewLoop)
}

// Without a readable catalogue the rest goes on, and staff hear of it.
func TestADamagedCatalogueHidesItsTile(t *testing.T) {
	for _, bad := range [][]byte{[]byte(`{"format":1,"procedures":[{}]}`), []byte(`{"format":9}`)} {
		lib := newShelf(t, "nhanh", 1)
		lib.manifest.Catalogue = lib.keep(bad, "application/json")
		c, faults, err := player.Load(lib.bytes(t), lib.read)
		if err != nil || len(faults) != 1 || faults[0].Where != "blob:"+slides.Sum(bad) {
			t.Fatal(err, faults)
		}
		s := newStage(t, c)
		s.touch("")
		s.view(player.ViewRate)
	}
}

// Who reads a procedure reads on when other content comes.
func TestOtherContentDoesNotPullThePageAway(t *testing.T) {
	a := newLibrary(t).load(t)
	next := newShelf(t, "nhanh", 2)
	next.manifest.Revision = 2
	s := newStage(t, a)
	s.touch("", "tile:lookup", "group:0", row(a, "1.014200"))
	s.do(player.ContentReady{Content: next.load(t), Now: true})
	s.view(player.ViewProcedure)
	s.touch("slide:faq-lao-dong-nuoc-ngoai")
	s.view(player.ViewRead)
	s.touch("back", "back", "procedure:0")
	s.view(player.ViewProcedure)
	s.touch("back", "back", "back")
	s.view(player.ViewHome)
	s.touch("tile:lookup") // the new content has none
	s.view(player.ViewHome)
	s.pass(player.IdleAfter + time.Second)
	s.view(player.ViewLoop)
}
