package store

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"motcua/server/compile"
	"motcua/slides"
)

func manifestOf(t *testing.T, s *Store, class string) *slides.Manifest {
	t.Helper()
	m := must[Manifest](t)(s.Manifest(context.Background(), class))
	if slides.Sum(m.Bytes) != m.ID {
		t.Fatal("a manifest's id is the hash of its bytes")
	}
	p := must[*slides.Manifest](t)(slides.ParseManifest(m.Bytes))
	if p.Revision != m.Revision || p.Class != m.Class {
		t.Fatalf("row %d %s, bytes %d %s", m.Revision, m.Class, p.Revision, p.Class)
	}
	return p
}

func slideIDs(m *slides.Manifest) string {
	var ids []string
	for _, s := range m.Slides {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids, " ")
}

// kindsAfter lists the kinds of change after a seq.
func kindsAfter(t *testing.T, s *Store, seq int64) (out []ChangeKind) {
	t.Helper()
	for _, c := range must[[]Change](t)(s.Changes(context.Background(), seq, 0)) {
		out = append(out, c.Kind)
	}
	return out
}

func TestDraftsGoLiveOnlyWhenPublished(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	first := manifestOf(t, s, d.Class)
	if slideIDs(first) != "s1 s2" || len(first.Surveys) != 2 || first.Zone != "Asia/Ho_Chi_Minh" || first.Office["vi"] != "Bộ phận Tiếp nhận và Trả kết quả" {
		t.Fatalf("%+v", first)
	}
	row := must[SlideRow](t)(s.Slide(ctx, "s1"))
	edited := *row.Slide
	edited.Title = slides.Vi("No\u0323\u0302i dung mo\u031b\u0301i") // NFD, as some keyboards write it
	row = must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", &edited, row.Version))
	if row.State != Edited || must[Manifest](t)(s.Manifest(ctx, d.Class)).Revision != first.Revision {
		t.Fatalf("a draft reached the screens: %+v", row.Item)
	}
	_, err := s.SaveSlide(ctx, editor, "so", &edited, row.Version-1)
	wantKind(t, err, slides.Conflict)
	seq := must[int64](t)(s.LastChange(ctx))
	wakes, end := s.Watch()
	defer end()
	p := must[Publication](t)(s.Publish(ctx, editor, PublishRequest{Note: "thử"}))
	select {
	case <-wakes:
	default:
		t.Fatal("publishing woke nobody")
	}
	if p.Revision != first.Revision+1 || len(p.Items) != 1 || p.Items[0].After != 2 || len(p.Classes) != 1 {
		t.Fatalf("%+v", p)
	}
	if k := kindsAfter(t, s, seq); len(k) != 1 || k[0] != ManifestChanged {
		t.Fatalf("%v", k)
	}
	second := manifestOf(t, s, d.Class)
	if second.Flip != slides.AtBoundary || second.Slides[0].Blob != row.SHA {
		t.Fatalf("%+v", second)
	}
	for _, b := range second.Blobs {
		blob := must[*Blob](t)(s.Blob(ctx, b.SHA))
		var buf bytes.Buffer
		must[int64](t)(buf.ReadFrom(blob))
		blob.Close()
		if slides.Sum(buf.Bytes()) != b.SHA || int64(buf.Len()) != b.Size {
			t.Fatalf("blob %+v is not what its name says", b)
		}
	}
	if got := must[*slides.Slide](t)(s.LiveSlide(ctx, "s1")); got.Title["vi"] != "Nội dung mới" {
		t.Fatalf("%q is not NFC", got.Title["vi"])
	}
	_, err = s.Publish(ctx, editor, PublishRequest{})
	wantKind(t, err, slides.Invalid)
	// Recall: off at once, gone from "publish everything", back only on purpose.
	p = must[Publication](t)(s.RecallSlide(ctx, editor, "s1", "sai số liệu"))
	if m := manifestOf(t, s, d.Class); slideIDs(m) != "s2" || m.Flip != slides.AtOnce || m.Revision != p.Revision {
		t.Fatalf("%+v", m)
	}
	if must[SlideRow](t)(s.Slide(ctx, "s1")).State != Recalled {
		t.Fatal("not recalled")
	}
	_, err = s.Publish(ctx, editor, PublishRequest{})
	wantKind(t, err, slides.Invalid)
	must[Publication](t)(s.Publish(ctx, editor, PublishRequest{Items: []ItemRef{{SlideItem, "s1"}}}))
	if slideIDs(manifestOf(t, s, d.Class)) != "s1 s2" {
		t.Fatal("not back")
	}
	// Recalling publication 2 puts version 1 back only if nothing came since; something did.
	must[Publication](t)(s.RecallPublication(ctx, editor, p.Revision+1, ""))
	if slideIDs(manifestOf(t, s, d.Class)) != "s2" {
		t.Fatal("the publication was not taken back")
	}
	_, err = s.RecallPublication(ctx, editor, p.Revision+1, "")
	wantKind(t, err, slides.Conflict)
	must[int64](t)(s.VerifyAudit(ctx))
}

func TestBadContentIsRefusedWholly(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	bad := func(change func(*slides.Slide)) error {
		sl := slogan("moi", "Khẩu hiệu")
		change(sl)
		_, err := s.SaveSlide(ctx, editor, "so", sl, 0)
		return err
	}
	wantKind(t, bad(func(s *slides.Slide) { s.Title = slides.Vi(strings.Repeat("ă", 10_000)) }), slides.Invalid)
	wantKind(t, bad(func(s *slides.Slide) { s.ID = "../etc" }), slides.Invalid)
	wantKind(t, bad(func(s *slides.Slide) { s.Kind = "svg" }), slides.Invalid)
	wantKind(t, bad(func(s *slides.Slide) { s.Body = []byte(`{"text":5}`) }), slides.Invalid)
	_, err := s.SaveSlide(ctx, editor, "khong-co", slogan("moi", "x"), 0)
	wantKind(t, err, slides.NotFound)
	qr := slogan("qr", "Dịch vụ công")
	qr.Kind, qr.Body = "guide", []byte(`{"title":{"vi":"Nộp hồ sơ"},"steps":[{"title":{"vi":"Mở trang"}}],"qr":{"url":"https://gia-mao.example.com/"}}`)
	must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", qr, 0))
	seq, rev := must[int64](t)(s.LastChange(ctx)), must[int64](t)(s.Revision(ctx))
	_, err = s.Publish(ctx, editor, PublishRequest{})
	wantKind(t, err, slides.Invalid)
	if !strings.Contains(slides.Sentence(err, "vi"), "gia-mao.example.com") {
		t.Fatal(err)
	}
	if must[int64](t)(s.LastChange(ctx)) != seq || must[int64](t)(s.Revision(ctx)) != rev || must[SlideRow](t)(s.Slide(ctx, "qr")).State != Draft {
		t.Fatal("a refused publication left something behind")
	}
	e := compile.Entry{Entry: slides.Entry{ID: "e9", Playlist: "chung", Zone: "Asia/Hanoi", Start: "2023-01-01T00:00", Priority: slides.Normal}, Where: compile.Where{All: true}}
	_, err = s.SaveEntry(ctx, editor, "so", e, 0)
	wantKind(t, err, slides.Invalid)
	e.Zone, e.Where = "Asia/Ho_Chi_Minh", compile.Where{Units: []string{"khong-co"}}
	_, err = s.SaveEntry(ctx, editor, "so", e, 0)
	wantKind(t, err, slides.Invalid)
	_, err = s.SavePlaylist(ctx, editor, "so", slides.Playlist{ID: "p9", Name: "x", Items: []slides.Item{{Slide: "khong-co"}}}, 0)
	wantKind(t, err, slides.Invalid)
	q := quick()
	q.Title = slides.Vi("Khác")
	for _, r := range must[[]SurveyRow](t)(s.Surveys(ctx)) {
		if r.ID == "nhanh" {
			_, err = s.SaveSurvey(ctx, editor, "so", q, r.Version)
			wantKind(t, err, slides.Conflict) // published and may have answers
		}
	}
	_, err = s.PutBlob(ctx, "image/png", bytes.NewReader(make([]byte, 200_000)), 100_000)
	wantKind(t, err, slides.TooLarge)
}

func TestClassesShareAndSplit(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	a, b, other := pair(t, s, "mot-cua", ""), pair(t, s, "mot-cua", ""), pair(t, s, "so-khac", "")
	if a.Class != b.Class || a.Class == other.Class {
		t.Fatal(a.Class, b.Class, other.Class)
	}
	internal := slogan("noi-bo", "Họp giao ban")
	internal.Audience = slides.Internal
	must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", internal, 0))
	must[PlaylistRow](t)(s.SavePlaylist(ctx, editor, "so", slides.Playlist{ID: "rieng", Name: "Riêng", Items: []slides.Item{{Slide: "noi-bo"}, {Slide: "s2"}}}, 0))
	entry := compile.Entry{Entry: slides.Entry{ID: "e2", Playlist: "rieng", Zone: "Asia/Ho_Chi_Minh", Start: "2023-01-01T00:00", Priority: slides.Campaign}, Where: compile.Where{Units: []string{"so"}, Kiosks: []string{b.ID}}}
	must[EntryRow](t)(s.SaveEntry(ctx, editor, "so", entry, 0))
	before := manifestOf(t, s, other.Class)
	seq := must[int64](t)(s.LastChange(ctx))
	p := must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	nb := must[Kiosk](t)(s.Kiosk(ctx, b.ID))
	if nb.Class == a.Class || nb.Settings <= b.Settings {
		t.Fatalf("an entry names b alone: %+v", nb)
	}
	if m := manifestOf(t, s, other.Class); m.Revision != before.Revision {
		t.Fatal("nothing changed for the other office, and it got a new manifest")
	}
	if m := manifestOf(t, s, a.Class); len(m.Schedule) != 2 || slideIDs(m) != "s1 s2" || m.Revision != p.Revision {
		t.Fatalf("internal slides are not for the hall: %v", slideIDs(m))
	}
	moved := false
	for _, ch := range must[[]Change](t)(s.Changes(ctx, seq, 0)) {
		moved = moved || ch.Kind == KioskChanged && ch.Kiosk == b.ID && ch.Class == nb.Class
	}
	if !moved {
		t.Fatal("b's connection is not told of its new class")
	}
	// Named no more, b comes back to the hall's class, whose content is what it was.
	e2 := must[[]EntryRow](t)(s.Entries(ctx))[1]
	e2.Entry.Where.Kiosks = nil
	must[EntryRow](t)(s.SaveEntry(ctx, editor, "so", e2.Entry, e2.Version))
	p = must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	if k := must[Kiosk](t)(s.Kiosk(ctx, b.ID)); k.Class != a.Class || manifestOf(t, s, a.Class).Revision != p.Revision {
		t.Fatal("b has a higher revision than its class and would refuse it")
	}
	// A kiosk that moves must find a revision above the one it has.
	has := manifestOf(t, s, a.Class).Revision
	c.advance(time.Second)
	k := must[Kiosk](t)(s.UpdateKiosk(ctx, editor, a.ID, KioskEdit{Name: "A", Unit: "so-khac"}))
	if m := manifestOf(t, s, k.Class); k.Class != other.Class || m.Revision <= has {
		t.Fatalf("class %s revision %d, the kiosk has %d", k.Class, m.Revision, has)
	}
	k = must[Kiosk](t)(s.UpdateKiosk(ctx, editor, a.ID, KioskEdit{Name: "A", Unit: "so", Audience: slides.Internal}))
	if m := manifestOf(t, s, k.Class); slideIDs(m) != "noi-bo s1 s2" {
		t.Fatalf("%s", slideIDs(m))
	}
	// An emergency flips at once, when it begins and when it ends.
	e := must[Emergency](t)(s.AskEmergency(ctx, editor, Emergency{Unit: "so", Slide: "s1", Where: compile.Where{All: true}, Minutes: 30, Zone: "Asia/Ho_Chi_Minh"}))
	must[Emergency](t)(s.ConfirmEmergency(ctx, approver, e.ID))
	if manifestOf(t, s, k.Class).Flip != slides.AtOnce {
		t.Fatal("an emergency waits")
	}
	must[Emergency](t)(s.EndEmergency(ctx, editor, e.ID))
	if m := manifestOf(t, s, k.Class); m.Flip != slides.AtOnce || len(m.Schedule) != 2 {
		t.Fatal("the end of an emergency waits")
	}
	ok(t, s.Tidy(ctx))
	manifestOf(t, s, k.Class)
}

func TestStarterIsLoadedOnce(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	row := must[SlideRow](t)(s.Slide(ctx, "s1"))
	mine := *row.Slide
	mine.Source = "Sửa tại chỗ"
	must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", &mine, row.Version))
	rev := must[int64](t)(s.Revision(ctx))
	office(t, s)
	if must[int64](t)(s.Revision(ctx)) != rev || must[SlideRow](t)(s.Slide(ctx, "s1")).Slide.Source != "Sửa tại chỗ" {
		t.Fatal("loading again changed something")
	}
	if got := must[[]SlideRow](t)(s.Slides(ctx, SlideFilter{Search: "ky cuong", Unit: "tinh"})); len(got) != 1 || got[0].ID != "s2" {
		t.Fatalf("%+v", got)
	}
	if got := must[[]SlideRow](t)(s.Slides(ctx, SlideFilter{State: Edited})); len(got) != 1 || got[0].ID != "s1" {
		t.Fatalf("%+v", got)
	}
}

// A double press or a forged form names an item twice, or a state that is none.
func TestOddRequests(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	_, err := s.Slides(ctx, SlideFilter{State: "zz"})
	wantKind(t, err, slides.Invalid)
	row := must[SlideRow](t)(s.Slide(ctx, "s1"))
	edited := *row.Slide
	edited.Title = slides.Vi("Nội dung mới")
	row = must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", &edited, row.Version))
	twice := []ItemRef{row.ItemRef, row.ItemRef}
	if p := must[Publication](t)(s.Publish(ctx, editor, PublishRequest{Items: twice})); len(p.Items) != 1 {
		t.Fatalf("%+v", p.Items)
	}
}

// A line of the ticker has no entry: it shows on its unit's screens and those
// below, and not on those beside.
func TestTickerStaysInItsUnit(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	mine, other := pair(t, s, "mot-cua", ""), pair(t, s, "so-khac", "")
	line := &slides.Slide{ID: "dong", Kind: "ticker", Topic: "T08", Audience: slides.Public, Title: slides.Vi("Tin"), Body: []byte(`{"line":{"vi":"Tin của Sở"}}`)}
	must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", line, 0))
	must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	for _, k := range []struct {
		class string
		lines int
	}{{mine.Class, 1}, {other.Class, 0}} {
		if m := manifestOf(t, s, k.class); len(m.Ticker) != k.lines {
			t.Errorf("%s has %d lines, want %d", k.class, len(m.Ticker), k.lines)
		}
	}
}
