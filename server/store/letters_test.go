package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/letter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// writer is a device's chain of letters.
type writer struct{ device }

func (d *device) writer() *writer {
	w := &writer{*d}
	w.Chain = letter.ChainOf(d.Chain)
	w.seq, w.hash = 0, chain.Genesis(w.Chain, d.Key)
	return w
}

func (w *writer) letter(t testing.TB, s *Store, at time.Time, text string, c letter.Contact) (letter.Letter, chain.Record) {
	t.Helper()
	l := letter.Letter{Code: letter.NewCode(), Category: "gop-y", Unit: w.Unit, Kiosk: w.ID, Counter: "quay-1", Channel: survey.AtKiosk, Lang: "vi", Hour: survey.HourOf(slides.At(at), vietnam), Clock: survey.Synced}
	var sealed []byte
	if !c.Empty() {
		sealed = must[[]byte](t)(letter.Seal(s.SealKey(), c))
	}
	parts := must[[]chain.Section](t)(letter.Sections(l, text, sealed))
	w.seq++
	r, h := chain.Next(w.Chain, w.seq, w.hash, parts)
	w.hash = h
	return l, r
}

func TestLettersArriveOnceAndApart(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	running(t, s)
	d := pair(t, s, "mot-cua", "")
	w := d.writer()
	l1, r1 := w.letter(t, s, c.now(), "Ghế chờ ít quá, gọi 0912345678", letter.Contact{Name: "Người gửi mẫu", Phone: "0900000000"})
	_, r2 := w.letter(t, s, c.now().Add(13*time.Minute), "Cán bộ hướng dẫn tận tình", letter.Contact{})
	batch := w.batch(r1, r2)
	for i, want := range []Ingested{{New: 2}, {Again: 2}} {
		got := must[Ingested](t)(s.IngestLetters(ctx, d.ID, batch))
		if got.Acked != 2 || got.New != want.New || got.Again != want.Again {
			t.Fatalf("round %d: %+v", i, got)
		}
	}
	_, err := s.IngestRatings(ctx, d.ID, batch)
	wantKind(t, err, slides.Denied) // letters are no ratings
	other := pair(t, s, "so", "")
	_, err = s.IngestLetters(ctx, other.ID, batch)
	wantKind(t, err, slides.Denied)
	_, err = s.IngestLetters(ctx, d.ID, d.batch(d.record(d.rating(c.now(), "nhanh", 5), c.now())))
	wantKind(t, err, slides.Denied)

	list, more, err := s.Letters(ctx, LetterFilter{})
	ok(t, err)
	if len(list) != 2 || more {
		t.Fatalf("%+v", list)
	}
	var got Letter
	for _, l := range list {
		if l.Code == l1.Code {
			got = l
		}
		if l.Hour != survey.HourOf(l.Hour, vietnam) {
			t.Errorf("a letter knows its minute: %v", l.Hour.Time())
		}
	}
	if got.Text != "Ghế chờ ít quá, gọi "+survey.Masked || !got.Contact || got.State != LetterNew || got.Kiosk != d.ID || got.UnitName["vi"] == "" {
		t.Fatalf("%+v", got)
	}
	// Nothing of it is in the ratings' tables, exports or figures.
	k := must[KioskStatus](t)(s.KioskStatus(ctx, d.ID))
	if k.Ratings != 0 || len(must[[]ChainInfo](t)(s.Chains(ctx, d.ID))) != 1 {
		t.Fatalf("letters count as ratings: %+v", k)
	}
	ok(t, s.CheckRollups(ctx))
}

// The contact leaves its table only through LetterContact, which says so in the audit.
func TestContactIsSealedAndAudited(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	w := d.writer()
	want := letter.Contact{Name: "Người gửi mẫu", Mail: "mau@example.vn"}
	_, r1 := w.letter(t, s, c.now(), "Xin được trả lời", want)
	_, r2 := w.letter(t, s, c.now(), "Không cần trả lời", letter.Contact{})
	must[Ingested](t)(s.IngestLetters(ctx, d.ID, w.batch(r1, r2)))
	var plain int
	ok(t, s.w.QueryRow("SELECT count(*) FROM letter_contacts WHERE instr(body, 'mau') OR instr(body, 'Người')").Scan(&plain))
	if plain != 0 {
		t.Fatal("the contact stands open in the database")
	}
	list, _, err := s.Letters(ctx, LetterFilter{})
	ok(t, err)
	for _, l := range list {
		before := must[int64](t)(s.VerifyAudit(ctx))
		got, err := s.LetterContact(ctx, editor, l.ID)
		after := must[int64](t)(s.VerifyAudit(ctx))
		if l.Contact && (err != nil || got != want || after != before+1) {
			t.Errorf("%+v, %v; audit rows %d, then %d", got, err, before, after)
		}
		if !l.Contact && (slides.KindOf(err) != slides.NotFound || after != before) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	rows := must[[]AuditRow](t)(s.Audit(ctx, AuditFilter{Limit: 1}))
	if rows[0].Verb != "letter.contact" || strings.Contains(string(rows[0].Detail), "mau@") {
		t.Errorf("%+v", rows[0])
	}
}

func TestStaffAnswerLetters(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	w := d.writer()
	l, r := w.letter(t, s, c.now(), "Bảng hướng dẫn bị mờ", letter.Contact{})
	must[Ingested](t)(s.IngestLetters(ctx, d.ID, w.batch(r)))
	list, _, err := s.Letters(ctx, LetterFilter{})
	ok(t, err)
	id := list[0].ID
	st := must[LetterStatus](t)(s.LetterStatus(ctx, strings.ToLower(letter.Spell(l.Code))))
	if st.State != LetterNew || st.Answer != "" {
		t.Fatalf("%+v", st)
	}
	// An answer in the making is nobody else's business.
	due := slides.At(c.now().Add(24 * time.Hour))
	got := must[Letter](t)(s.UpdateLetter(ctx, editor, id, 1, LetterEdit{State: LetterWorking, Due: due, Answer: "Đang xem xét", Note: "hỏi văn phòng"}))
	if got.Version != 2 || got.By != editor.User {
		t.Fatalf("%+v", got)
	}
	if st := must[LetterStatus](t)(s.LetterStatus(ctx, l.Code)); st.State != LetterWorking || st.Answer != "" {
		t.Fatalf("%+v", st)
	}
	_, err = s.UpdateLetter(ctx, editor, id, 1, LetterEdit{State: LetterAnswered})
	wantKind(t, err, slides.Conflict)
	for _, bad := range []LetterEdit{{State: "gone"}, {State: LetterAnswered, Shown: true}, {State: LetterWorking, Answer: "x", Shown: true}, {State: LetterNew, Answer: strings.Repeat("x", MaxAnswer+1)}, {State: LetterNew, Due: -1}} {
		_, err = s.UpdateLetter(ctx, editor, id, 2, bad)
		wantKind(t, err, slides.Invalid)
	}
	c.advance(48 * time.Hour)
	if n := must[LetterCounts](t)(s.LetterCounts(ctx, []string{"so", "mot-cua"})); n != (LetterCounts{Working: 1, Late: 1}) {
		t.Fatalf("%+v", n)
	}
	if n := must[LetterCounts](t)(s.LetterCounts(ctx, []string{"so-khac"})); n != (LetterCounts{}) {
		t.Fatalf("%+v", n)
	}
	must[Letter](t)(s.UpdateLetter(ctx, editor, id, 2, LetterEdit{State: LetterAnswered, Due: due, Answer: "Đã thay bảng mới.", Shown: true, Note: "hỏi văn phòng"}))
	if st := must[LetterStatus](t)(s.LetterStatus(ctx, l.Code)); st.State != LetterAnswered || st.Answer != "Đã thay bảng mới." {
		t.Fatalf("%+v", st)
	}
	for _, f := range []struct {
		f    LetterFilter
		want int
	}{
		{LetterFilter{Units: []string{"so", "mot-cua"}}, 1},
		{LetterFilter{Units: []string{"so-khac"}}, 0},
		{LetterFilter{Units: []string{}}, 0},
		{LetterFilter{State: LetterNew}, 0},
		{LetterFilter{State: LetterAnswered}, 1},
		{LetterFilter{Late: true}, 0},
		{LetterFilter{Category: "khen"}, 0},
		{LetterFilter{Search: "huong dan BI mo"}, 1},
		{LetterFilter{Search: "ghe"}, 0},
		{LetterFilter{Search: letter.Spell(l.Code)}, 1},
		{LetterFilter{Skip: 1}, 0},
	} {
		if list, _, err := s.Letters(ctx, f.f); err != nil || len(list) != f.want {
			t.Errorf("%+v: %d letters, %v", f.f, len(list), err)
		}
	}
	_, err = s.Letter(ctx, "khong-co")
	wantKind(t, err, slides.NotFound)
	_, err = s.LetterStatus(ctx, "xyz")
	wantKind(t, err, slides.Invalid)
	_, err = s.LetterStatus(ctx, letter.NewCode())
	wantKind(t, err, slides.NotFound)
	must[int64](t)(s.VerifyAudit(ctx))
}

// A letter that nobody can read holds up no queue; staff see that it is there.
func TestUnreadableLetterIsKept(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	w := d.writer()
	w.seq++
	r, h := chain.Next(w.Chain, w.seq, w.hash, []chain.Section{chain.NewSection(chain.Core, []byte("{}"))})
	w.hash = h
	_, fine := w.letter(t, s, c.now(), "Sau đó", letter.Contact{})
	if got := must[Ingested](t)(s.IngestLetters(ctx, d.ID, w.batch(r, fine))); got.Acked != 2 {
		t.Fatalf("%+v", got)
	}
	list, _, err := s.Letters(ctx, LetterFilter{})
	ok(t, err)
	if len(list) != 2 || list[0].Unit != "mot-cua" || list[1].Unit != "mot-cua" {
		t.Fatalf("%+v", list)
	}
	if st := must[[]wire.ChainState](t)(s.KioskChains(ctx, d.ID)); st[1].Chain != w.Chain || st[1].Seq != 2 {
		t.Fatalf("%+v", st)
	}
}

// Two letters with one receipt: neither's holder is told the other's answer.
func TestDoubledReceipt(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	w := d.writer()
	l, r1 := w.letter(t, s, c.now(), "Một", letter.Contact{})
	_, r2 := w.letter(t, s, c.now(), "Hai", letter.Contact{})
	must[Ingested](t)(s.IngestLetters(ctx, d.ID, w.batch(r1, r2)))
	_, err := s.w.Exec("UPDATE letters SET code = ?, state = 'answered', answer = 'riêng', shown = 1", l.Code)
	ok(t, err)
	if st := must[LetterStatus](t)(s.LetterStatus(ctx, l.Code)); st.Answer != "" {
		t.Fatalf("%+v", st)
	}
}
