package player_test

import (
	"crypto/ed25519"
	"image"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"pgregory.net/rapid"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/letter"
	"motcua/slides/raster"
	"motcua/slides/scene"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

const public = "https://motcua.langson.gov.vn"

var (
	kioskKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	sealKey  = []byte(strings.Repeat("k", 32))
)

// open sets the stage's kiosk up as one that takes letters; with phone it offers
// phones too.
func (s *stage) opens(phone string, seal []byte) *stage {
	s.do(player.PlaceChanged{Place: player.Place{Kiosk: "k1", Counter: "quay-2", Terminal: slides.Terminal{Phone: phone, Seal: seal}}})
	return s
}

// serve answers what was asked of the kiosk: passes at once.
func (s *stage) serve() {
	for i := 0; i < len(s.done); i++ {
		if m, ok := s.done[i].(player.MakePass); ok {
			s.do(player.PassMade{To: m.To, Pass: wire.NewPass(kioskKey, m.To, s.st.Clock.Now())})
		}
	}
	s.done = nil
}

func (s *stage) letters() (out []player.SaveLetter) {
	for _, f := range s.done {
		if l, ok := f.(player.SaveLetter); ok {
			out = append(out, l)
		}
	}
	return out
}

const complaint = "Ghế chờ ở sảnh ít quá, người già phải đứng lâu. Mong cơ quan bố trí thêm ghế và quạt trong những ngày nắng nóng. Xin cảm ơn."

// letterPaths are the ways to the screens of letters and phones.
func letterPaths(t testing.TB) map[string]func() *stage {
	lib := newLibrary(t).load(t)
	on := func(phone string, seal []byte, targets ...string) func() *stage {
		return func() *stage {
			s := newStage(t, lib).opens(phone, seal)
			s.touch(targets...)
			s.serve()
			return s
		}
	}
	written := func(seal []byte) *stage {
		s := on(public, seal, "", "tile:suggest", "kind:phan-anh")()
		s.write(complaint)
		s.touch("done")
		return s
	}
	return map[string]func() *stage{
		"home4":      on("", nil, ""),
		"home4phone": on(public, nil, ""),
		"phone":      on(public, nil, "", "phone"),
		"phonewait": func() *stage {
			s := newStage(t, lib).opens(public, nil)
			s.touch("", "phone")
			return s
		},
		"letter":      on("", nil, "", "tile:suggest"),
		"letterphone": on(public, nil, "", "tile:suggest"),
		"writephone":  on(public, nil, "", "tile:suggest", "phone"),
		"lettertext":  on("", nil, "", "tile:suggest", "kind:hoi"),
		"letterfull":  func() *stage { s := written(sealKey); s.touch("edit"); return s },
		"lettersend":  func() *stage { return written(sealKey) },
		"letterplain": func() *stage { return written(nil) },
		"letterlong": func() *stage {
			s := written(sealKey)
			s.touch("edit")
			s.write(strings.Repeat(complaint, 5))
			s.touch("done", "reach:name")
			s.write("Nguoi gui mau co ten that dai de thu cho vua khung")
			s.touch("done", "reach:phone")
			s.write("0900000000")
			s.touch("done")
			return s
		},
		"contactname":  func() *stage { s := written(sealKey); s.touch("reach:name"); return s },
		"contactphone": func() *stage { s := written(sealKey); s.touch("reach:phone"); return s },
		"contactphonewrong": func() *stage {
			s := written(sealKey)
			s.touch("reach:phone")
			s.write("0900")
			s.touch("done")
			return s
		},
		"contactmailwrong": func() *stage {
			s := written(sealKey)
			s.touch("reach:mail")
			s.write("mau.example.vn")
			s.touch("done")
			return s
		},
		"contactmail": func() *stage { s := written(sealKey); s.touch("reach:mail"); return s },
		"receipt": func() *stage {
			s := written(sealKey)
			s.touch("send")
			s.do(player.Saved{ID: 1, Receipt: "ACDEFGHJKC"})
			return s
		},
		"receiptplain": func() *stage {
			s := written(nil)
			s.opens("", nil)
			s.touch("send")
			s.do(player.Saved{ID: 1, Receipt: "ACDEFGHJKC"})
			return s
		},
		"letterrefused": func() *stage {
			s := written(sealKey)
			s.touch("send")
			s.do(player.Refused{ID: 1, Full: true})
			return s
		},
	}
}

func TestALetterIsWhatWasWritten(t *testing.T) {
	s := newStage(t, newShelf(t, "nhanh", 2).load(t)).opens("", sealKey)
	s.touch("", "tile:suggest", "kind:phan-anh")
	s.view(player.ViewLetterText)
	s.touch("done") // nothing is written yet
	s.view(player.ViewLetterText)
	s.write("gọi 0912345678")
	s.touch("back")
	s.view(player.ViewLetter)
	s.touch("kind:khen") // what was written stays
	s.touch("done")
	s.view(player.ViewLetterSend)
	if !s.says("gọi "+survey.Masked) || s.says("0912345678") {
		t.Errorf("the screen does not show what will be kept: %s", s.read())
	}
	s.touch("reach:phone")
	s.write("0900.123-456x")
	s.touch("done", "reach:name", "back", "send")
	got := s.letters()
	if len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	l := got[0]
	if l.Text != "gọi 0912345678" || l.Letter.Category != "khen" || l.Letter.Kiosk != "k1" || l.Letter.Counter != "quay-2" || l.Letter.Channel != survey.AtKiosk ||
		l.Contact != (letter.Contact{Phone: "0900.123-456"}) || string(l.Seal) != string(sealKey) || l.Letter.Hour%3600_000 != 0 {
		t.Fatalf("%+v", l)
	}
	l.Letter.Code = letter.NewCode()
	if _, err := letter.Sections(l.Letter, l.Text, nil); err != nil {
		t.Fatal(err)
	}
	s.view(player.ViewLetterSend) // no thanks before it is on the disk
	s.do(player.Saved{ID: l.ID, Receipt: l.Letter.Code})
	s.view(player.ViewReceipt)
	if !s.says(letter.Spell(l.Letter.Code)) {
		t.Fatal(s.read())
	}
	s.pass(player.ReceiptFor + time.Second)
	s.view(player.ViewLoop)
	if len(s.saves) != 0 {
		t.Fatal("a letter was saved as a rating")
	}
	// A rating after it is thanked for as one.
	s.touch("", "tile:rate", "rate:5")
	s.do(player.Saved{ID: s.saves[0].ID})
	s.view(player.ViewThanks)
}

// A number that is none is told where it is written: the letter is not lost for it.
func TestAWrongContactIsToldAtOnce(t *testing.T) {
	s := newStage(t, newShelf(t, "nhanh", 2).load(t)).opens("", sealKey)
	s.touch("", "tile:suggest", "kind:hoi")
	s.write("may gio mo cua")
	s.touch("done", "reach:phone")
	s.write("0900")
	s.touch("done")
	if s.view(player.ViewContact); !s.says("8–15 chữ số") {
		t.Fatal(s.read())
	}
	s.do(player.Key{Enter: true})
	s.view(player.ViewContact)
	s.touch("back", "send") // not by a way round
	if s.view(player.ViewContact); !s.says("8–15 chữ số") || len(s.letters()) != 0 {
		t.Fatal(s.read())
	}
	s.write("000000")
	if s.says("8–15 chữ số") {
		t.Error("still told while it is mended")
	}
	s.touch("done", "reach:mail")
	s.write("mau")
	s.touch("done")
	if s.view(player.ViewContact); !s.says("ten@noi.vn") {
		t.Fatal(s.read())
	}
	s.touch("key:clear", "done")
	s.view(player.ViewLetterSend)
	s.touch("send")
	if got := s.letters(); len(got) != 1 || got[0].Contact != (letter.Contact{Phone: "0900000000"}) {
		t.Fatalf("%+v", got)
	}
}

// A kiosk that does not know the server's key asks for no contact.
func TestNoContactWithoutASeal(t *testing.T) {
	s := newStage(t, newShelf(t, "nhanh", 2).load(t)).opens("", nil)
	s.touch("", "tile:suggest", "kind:hoi")
	s.write("may gio mo cua")
	s.touch("done", "reach:name")
	s.view(player.ViewLetterSend)
	s.touch("send")
	if got := s.letters(); len(got) != 1 || !got[0].Contact.Empty() {
		t.Fatalf("%+v", got)
	}
	s.pass(player.SaveWithin + time.Second)
	if s.view(player.ViewRefused); !s.says("Chưa xác nhận") {
		t.Fatal(s.read())
	}
	s.do(player.Saved{ID: 1, Receipt: letter.NewCode()}) // late, but good news
	s.view(player.ViewReceipt)
}

// Who walks away leaves nothing.
func TestALetterLeftBehindIsForgotten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t, newShelf(t, "nhanh", 2).load(t)).opens(public, sealKey)
		s.touch("", "tile:suggest", "kind:gop-y")
		s.write("ten toi la")
		for range rapid.IntRange(0, 6).Draw(rt, "touches") {
			s.touch(rapid.SampledFrom([]string{"done", "back", "edit", "reach:name", "reach:mail", "key:a", "kind:khen", "phone", "more-time"}).Draw(rt, "target"))
		}
		s.pass(5 * time.Minute)
		s.view(player.ViewLoop)
		if n := len(s.letters()); n != 0 {
			rt.Fatalf("%d letters that nobody sent", n)
		}
		s.touch("", "tile:suggest", "kind:gop-y", "done")
		s.view(player.ViewLetterText) // empty again
	})
}

// The tile and the QR are there only where they can serve.
func TestPhonesNeedAnAddress(t *testing.T) {
	c := newShelf(t, "nhanh", 2).load(t)
	s := newStage(t, c).opens("", nil)
	s.touch("", "phone")
	s.view(player.ViewHome)
	if s.touch("tile:suggest", "phone"); s.says("điện thoại") {
		t.Fatal(s.read())
	}
	s.view(player.ViewLetter)
}

// Each visit has a pass of its own, and one that stays is renewed in time.
func TestPassesAreFresh(t *testing.T) {
	s := newStage(t, newShelf(t, "nhanh", 2).load(t)).opens(public, nil)
	seen := map[string]bool{}
	shown := func() string {
		t.Helper()
		s.serve()
		url := onlyURL(t, s.st.Show().Still)
		p, err := wire.ParsePass(strings.TrimPrefix(url, public+wire.PathRate))
		if err != nil || !p.SignedBy(kioskKey.Public().(ed25519.PublicKey)) || !p.Opens(s.st.Clock.Now()) {
			t.Fatalf("%s: %v", url, err)
		}
		return url
	}
	for range 3 {
		s.touch("", "phone")
		url := shown()
		if seen[url] {
			t.Fatal("the pass of the visit before")
		}
		seen[url] = true
		s.touch("back", "back")
		s.view(player.ViewLoop)
	}
	s.touch("", "phone")
	first := shown()
	for range 30 { // somebody keeps asking for time
		s.touch("more-time")
		s.pass(30 * time.Second)
		last := shown()
		if p, _ := wire.ParsePass(strings.TrimPrefix(last, public+wire.PathRate)); s.st.Clock.Now()-p.Issued > slides.Millis((wire.PassFresh + time.Minute).Milliseconds()) {
			t.Fatal("an old pass is on the screen")
		}
	}
	if shown() == first {
		t.Fatal("never renewed")
	}
}

func onlyURL(t *testing.T, st player.Still) string {
	t.Helper()
	sc, err := st.Compose(1920, 1080, faces(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range sc.Ops {
		if m, ok := op.(scene.Modules); ok {
			return m.URL
		}
	}
	t.Fatal("no QR on the screen")
	return ""
}

// The pass's QR is read from the pixels on every screen, and a module is large
// enough for a phone at half a metre: 0.5 mm is what a camera of ten years ago
// resolves there; a 24-inch screen of 1920 pixels has 3.6 of them a millimetre.
func TestPassIsReadFromTheScreen(t *testing.T) {
	for _, way := range []string{"phone", "receipt"} {
		for _, wh := range screens {
			s := letterPaths(t)[way]()
			sc, err := s.st.Show().Still.Compose(wh[0], wh[1], faces(t))
			if err != nil {
				t.Fatal(err)
			}
			var m scene.Modules
			for _, op := range sc.Ops {
				if x, ok := op.(scene.Modules); ok {
					m = x
				}
			}
			// In millimetres of a screen whose longer side is 531 (24 inches).
			mm := m.Module * 531 / float32(max(sc.W, sc.H))
			if way == "phone" && (len(m.Dark) > 57 || mm < 0.9) || way == "receipt" && mm < 0.9 {
				t.Errorf("%s at %v: %d modules of %.2f mm", way, wh, len(m.Dark), mm)
			}
			if way == "phone" && wh == screens[0] {
				t.Logf("%d modules a side, %.2f mm each on a 24-inch screen", len(m.Dark), mm)
			}
			if got := scan(t, raster.Draw(sc, nil), m.Rect); got != m.URL {
				t.Errorf("%s at %v: read %q, want %q", way, wh, got, m.URL)
			}
		}
	}
}

// scan finds and reads the one code in a picture; what a pass looks like is
// chance, and the decoder, unlike phones, now and then does not find the corners
// of a large code on a screen, so it may also be shown where it is.
func scan(t *testing.T, img *image.RGBA, where scene.Rect) string {
	t.Helper()
	near := image.Rect(int(where.X), int(where.Y), int(where.X+where.W), int(where.Y+where.H)).Inset(-12)
	said := ""
	for _, try := range []struct {
		img  image.Image
		hint gozxing.DecodeHintType
	}{{img, gozxing.DecodeHintType_TRY_HARDER}, {img.SubImage(near), gozxing.DecodeHintType_PURE_BARCODE}} {
		bmp, err := gozxing.NewBinaryBitmapFromImage(try.img)
		if err != nil {
			t.Fatal(err)
		}
		r, err := qrcode.NewQRCodeReader().Decode(bmp, map[gozxing.DecodeHintType]any{try.hint: true})
		if err == nil {
			return r.GetText()
		}
		said = err.Error()
	}
	return said
}
