package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/dossier"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// told adds a rating of somebody who told of themselves, with a moment that must not be kept.
func (d *device) told(t testing.TB, r survey.Rating, at time.Time) chain.Record {
	t.Helper()
	var sections []chain.Section
	for kind, v := range []any{chain.Core: r, chain.Moment: survey.Moment{At: slides.At(at)}, chain.PartA: survey.PartA{"tuoi": "18-24"}, chain.Free: survey.FreeText{Text: "tốt"}} {
		if kind == 0 {
			continue
		}
		b, err := json.Marshal(v)
		ok(t, err)
		sections = append(sections, chain.NewSection(chain.Kind(kind), b))
	}
	d.seq++
	rec, h := chain.Next(d.Chain, d.seq, d.hash, sections)
	d.hash = h
	return rec
}

func TestNoExactTimeIsKeptBesidePhanA(t *testing.T) {
	c := newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	ctx := context.Background()
	d := pair(t, s, "mot-cua", "")
	c.advance(17*time.Minute + 3*time.Second)
	b := d.batch(d.record(d.rating(c.now(), "nhanh", 5), c.now()), d.told(t, d.rating(c.now(), "nhanh", 4), c.now()))
	if got := must[Ingested](t)(s.IngestRatings(ctx, d.ID, b)); got.New != 2 || got.Suspect != 0 {
		t.Fatalf("%+v", got)
	}
	for row, err := range s.Ratings(ctx, RatingFilter{}) {
		ok(t, err)
		kinds := ""
		for _, x := range row.Sections {
			if x.Body != nil {
				kinds += string('0' + rune(x.Kind))
			}
		}
		exact := int64(row.Received)%int64(time.Hour/time.Millisecond) != 0
		if want := map[uint64]string{1: "12", 2: "134"}[row.Seq]; kinds != want || exact != (row.Seq == 1) {
			t.Errorf("rating %d keeps sections %s, received at %d; want %s", row.Seq, kinds, row.Received, want)
		}
	}
	// Sent again from a kiosk that did not hear: nothing changes, and the chain verifies.
	if got := must[Ingested](t)(s.IngestRatings(ctx, d.ID, b)); got.Again != 2 || got.New != 0 {
		t.Errorf("%+v", got)
	}
}

func TestTheOfficerIsWhoWasNamedElseWhoWasOnDuty(t *testing.T) {
	c := newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	ctx := context.Background()
	ok(t, s.write(ctx, "test", func(t *txn) error {
		for _, q := range []string{
			"INSERT INTO counters VALUES ('quay-1', 'mot-cua', '{}', 1, 0)",
			"INSERT INTO officers VALUES ('cb-1', 'mot-cua', 'Một', 1, 0), ('cb-2', 'mot-cua', 'Hai', 1, 0)",
			"INSERT INTO duty VALUES ('quay-1', 1, 0, 'cb-1')",
		} {
			if err := t.exec(q); err != nil {
				return err
			}
		}
		return t.fresh()
	}))
	d := pair(t, s, "mot-cua", "")
	named, unknown := d.rating(c.now(), "nhanh", 5), d.rating(c.now(), "nhanh", 5)
	named.Officer, unknown.Officer = "cb-2", "cb-9"
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(d.record(named, c.now()), d.record(d.rating(c.now(), "nhanh", 5), c.now()), d.record(unknown, c.now()))))
	for row, err := range s.Ratings(ctx, RatingFilter{}) {
		ok(t, err)
		if want := map[uint64]string{1: "cb-2", 2: "cb-1", 3: "cb-1"}[row.Seq]; row.Officer != want {
			t.Errorf("rating %d counts for %q, want %q", row.Seq, row.Officer, want)
		}
	}
}

func atDesk(t testing.TB, s *Store, d *device) {
	t.Helper()
	e := KioskEdit{Name: d.Name, Unit: d.Unit, Counter: "quay-1", Lang: "vi", Audience: slides.Public}
	e.Terminal.AtDesk = true
	must[Kiosk](t)(s.UpdateKiosk(context.Background(), editor, d.ID, e))
}

func TestInvitation(t *testing.T) {
	c := newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	ctx := context.Background()
	d := pair(t, s, "mot-cua", "")
	v := wire.Invitation{Ticket: "A012", Procedure: "1.000001"}
	_, err := s.Invite(ctx, editor, d.ID, v)
	wantKind(t, err, slides.Conflict) // not in counter mode
	atDesk(t, s, d)
	_, err = s.Invite(ctx, editor, d.ID, v)
	wantKind(t, err, slides.Conflict) // offline
	_, err = s.Invite(ctx, editor, "nobody", v)
	wantKind(t, err, slides.NotFound)
	_, err = s.TakeLease(ctx, d.ID, "conn", Hello{}, time.Minute)
	ok(t, err)
	for _, bad := range []wire.Invitation{{Ticket: strings.Repeat("1", 13)}, {Procedure: "một"}, {Officer: "../x"}, {Officer: "cb-9"}, {Procedure: "1.999999"}} {
		_, err = s.Invite(ctx, editor, d.ID, bad)
		wantKind(t, err, slides.Invalid)
	}
	first := must[wire.Command](t)(s.Invite(ctx, editor, d.ID, v))
	second := must[wire.Command](t)(s.Invite(ctx, editor, d.ID, wire.Invitation{Ticket: "A013"}))
	got := must[[]wire.Command](t)(s.PendingCommands(ctx, d.ID))
	if len(got) != 1 || got[0] != second || got[0].Ticket != "A013" || got[0].Expires-got[0].Issued != 30_000 || first.ID == second.ID {
		t.Fatalf("pending %+v, want %+v", got, second)
	}
	kept := func() (n int) {
		ok(t, s.read(ctx, "test", func(t *txn) error { return t.row("SELECT count(*) FROM commands WHERE args <> ''").Scan(&n) }))
		return n
	}
	if kept() != 1 {
		t.Errorf("%d tickets kept", kept())
	}
	ok(t, s.CommandDone(ctx, d.ID, wire.Done{ID: second.ID, OK: true}))
	if kept() != 0 {
		t.Error("a ticket is kept after the answer")
	}
	must[wire.Command](t)(s.Invite(ctx, editor, d.ID, v))
	c.advance(time.Minute)
	if left := must[[]wire.Command](t)(s.PendingCommands(ctx, d.ID)); len(left) != 0 {
		t.Errorf("%d invitations outlive their citizen", len(left))
	}
	ok(t, s.Tidy(ctx))
	if kept() != 0 {
		t.Error("a ticket is kept though the invitation is over")
	}
}

// A kiosk's rules name questionnaires that there are, its card a picture.
func TestKioskNamesWhatIsThere(t *testing.T) {
	s := openTest(t, t.TempDir(), newClock())
	office(t, s)
	ctx := context.Background()
	d := pair(t, s, "mot-cua", "")
	e := d.Edit()
	e.Terminal.Forms = []slides.FormRule{{Form: "nhanh"}, {Form: "khong-co"}}
	_, err := s.UpdateKiosk(ctx, editor, d.ID, e)
	wantProblem(t, err, "terminal.forms.1")
	e.Terminal.Forms = e.Terminal.Forms[:1]
	must[Kiosk](t)(s.UpdateKiosk(ctx, editor, d.ID, e))
	e = d.Edit()
	for mime, want := range map[string]string{"video/mp4": "terminal.officer.photo", "image/png": ""} {
		ref := must[slides.BlobRef](t)(s.PutBlob(ctx, mime, strings.NewReader("a file of "+mime), 1<<10))
		e.Terminal.Officer = &slides.OfficerCard{ID: "cb-1", Name: "Cán bộ A", Photo: ref.SHA}
		if _, err := s.UpdateKiosk(ctx, editor, d.ID, e); want != "" {
			wantProblem(t, err, want)
		} else {
			ok(t, err)
		}
	}
}

func wantProblem(t testing.TB, err error, path string) {
	t.Helper()
	e, is := errors.AsType[*slides.Error](err)
	if !is || len(e.Problems) != 1 || e.Problems[0].Path != path {
		t.Errorf("%v, want a problem at %s", err, path)
	}
}

func batchOf(t testing.TB, s *Store, codes ...string) wire.Dossiers {
	t.Helper()
	id := make([]byte, 16)
	rand.Read(id)
	d := wire.Dossiers{Batch: hex.EncodeToString(id)}
	for _, c := range codes {
		d.Sealed = append(d.Sealed, must[[]byte](t)(dossier.Seal(s.SealKey(), c)))
	}
	return d
}

func TestDossiersRateOnceAndNothingLeadsToTheirRatings(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	s := openTest(t, dir, c)
	ctx := context.Background()
	first := batchOf(t, s, "H37-0001", "H37-0002")
	first.Sealed = append(first.Sealed, make([]byte, dossier.BoxSize)) // sealed to nobody
	ok(t, s.TakeDossiers(ctx, first))
	ok(t, s.TakeDossiers(ctx, first)) // its answer was lost
	ok(t, s.TakeDossiers(ctx, batchOf(t, s, "H37-0002", "H37-0003", "H37-0003")))
	months := must[[]DossierMonth](t)(s.DossierMonths(ctx))
	if want := (DossierMonth{2023, time.March, 3, 2, 1}); len(months) != 1 || months[0] != want {
		t.Fatalf("%+v, want %+v", months, want)
	}
	for _, bad := range []wire.Dossiers{{}, {Batch: first.Batch}, {Batch: "zz", Sealed: first.Sealed}, {Batch: first.Batch, Sealed: make([][]byte, wire.MaxDossiers+1)}} {
		wantKind(t, s.TakeDossiers(ctx, bad), slides.Invalid)
	}
	// The tables have no column to join by, and rows in no order of arrival.
	ok(t, s.read(ctx, "test", func(x *txn) error {
		var columns, sql string
		if err := x.row("SELECT group_concat(name), (SELECT sql FROM sqlite_schema WHERE name = 'dossiers') FROM pragma_table_info('dossiers')").Scan(&columns, &sql); err != nil {
			return err
		}
		if columns != "mark,month" || !strings.Contains(sql, "WITHOUT ROWID") {
			t.Errorf("columns %s of %s", columns, sql)
		}
		return nil
	}))
	// The key is the database's: another one marks otherwise, the same one again alike.
	again := s.dossierMarks
	s.Close()
	if s = openTest(t, dir, c); s.dossierMarks != again || openTest(t, t.TempDir(), c).dossierMarks == again {
		t.Error("the key of the marks is not the database's own")
	}
	c.advance(25 * 31 * 24 * time.Hour)
	ok(t, s.Tidy(ctx))
	ok(t, s.TakeDossiers(ctx, batchOf(t, s, "H37-0001")))
	if m := must[[]DossierMonth](t)(s.DossierMonths(ctx))[0]; m.Rated != 1 || m.Again != 0 {
		t.Errorf("a dossier is known for ever: %+v", m)
	}
}

func TestAPITokens(t *testing.T) {
	c := newClock()
	s := openTest(t, t.TempDir(), c)
	ctx := context.Background()
	for _, bad := range []APIToken{
		{Name: " ", Scopes: []Scope{InviteScope}},
		{Name: "Máy lấy số"},
		{Name: "Máy lấy số", Scopes: []Scope{"everything"}},
		{Name: "Máy lấy số", Scopes: []Scope{InviteScope}, Expires: s.Now()},
	} {
		_, err := s.AddAPIToken(ctx, editor, "d1", bad)
		wantKind(t, err, slides.Invalid)
	}
	_, err := s.AddAPIToken(ctx, editor, "d1", APIToken{Name: "Máy lấy số", Scopes: []Scope{InviteScope}, Unit: "khong-co"})
	wantKind(t, err, slides.NotFound)
	k := must[APIToken](t)(s.AddAPIToken(ctx, editor, "d1", APIToken{Name: "Máy lấy số", Scopes: []Scope{InviteScope, ReadContent}}))
	short := must[APIToken](t)(s.AddAPIToken(ctx, editor, "d3", APIToken{Name: "Đến mai", Scopes: []Scope{ReadKiosks}, Expires: s.Now() + 24*3600_000}))
	_, err = s.UseAPIToken(ctx, "d2")
	wantKind(t, err, slides.Denied)
	if used := must[APIToken](t)(s.UseAPIToken(ctx, "d1")); !slices.Equal(used.Scopes, []Scope{ReadContent, InviteScope}) {
		t.Errorf("%+v", used)
	}
	must[APIToken](t)(s.UseAPIToken(ctx, "d3"))
	c.advance(25 * time.Hour)
	_, err = s.UseAPIToken(ctx, "d3")
	wantKind(t, err, slides.Denied)
	ok(t, s.RevokeAPIToken(ctx, editor, short.ID))
	if list := must[[]APIToken](t)(s.APITokens(ctx)); len(list) != 2 || list[1].ID != k.ID && list[0].ID != k.ID || int64(list[0].Seen)%(24*3600_000) != 0 || list[0].Seen == 0 {
		t.Errorf("%+v", list)
	}
	ok(t, s.RevokeAPIToken(ctx, editor, k.ID))
	_, err = s.UseAPIToken(ctx, "d1")
	wantKind(t, err, slides.Denied)
	wantKind(t, s.RevokeAPIToken(ctx, editor, k.ID), slides.NotFound)
}
