package store

import (
	"context"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

func TestRatingsAreKeptOnceAndCounted(t *testing.T) {
	c := newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	running(t, s)
	ctx := context.Background()
	d := pair(t, s, "mot-cua", "")
	b := d.batch(d.record(d.rating(c.now(), "nhanh", 5), c.now()), d.record(d.rating(c.now(), "nhanh", 2), c.now()), d.record(d.rating(c.now(), "rutgon", 5, 4, 3, 2, 0, 1), c.now()))
	got := must[Ingested](t)(s.IngestRatings(ctx, d.ID, b))
	if got.Acked != 3 || got.New != 3 || got.Suspect != 0 || got.Hash != d.hash {
		t.Fatalf("%+v", got)
	}
	got = must[Ingested](t)(s.IngestRatings(ctx, d.ID, b))
	if got.Acked != 3 || got.New != 0 || got.Again != 3 {
		t.Fatalf("sent again: %+v", got)
	}
	ok(t, s.CheckRollups(ctx))
	for _, q := range []StatQuery{{Unit: "mot-cua"}, {Unit: "tinh"}, {Kiosk: d.ID}, {Counter: "quay-1"}, {Field: "Người có công"}} {
		q.From, q.Until, q.Series, q.PerKiosk, q.PerUnit, q.PerHour = slides.At(c.now().Add(-24*time.Hour)), slides.At(c.now().Add(time.Hour)), true, true, true, true
		st := must[*Stats](t)(s.Statistics(ctx, q))
		if st.Ratings != 3 || len(st.Forms) != 2 || st.Forms[0].Questions["chung"] != (Levels{0, 0, 1, 0, 0, 1}) || st.Forms[1].All != (Levels{1, 0, 1, 1, 1, 1}) {
			t.Fatalf("%+v: %+v", q, st)
		}
		var n int64
		for _, p := range st.Series {
			n += p.Ratings
		}
		if n != 3 || len(st.Series) != 25 {
			t.Fatalf("series of %d buckets has %d", len(st.Series), n)
		}
		if q.Unit != "" && (st.Kiosks[0].Ratings != 3 || st.Week[2*24+10].Ratings != 3) {
			t.Fatalf("%+v", st.Kiosks)
		}
		if q.Unit == "tinh" && (len(st.Units) != 2 || st.Units[0].ID != "so" || st.Units[0].Ratings != 3 || st.Units[1].Ratings != 0) {
			t.Fatalf("%+v", st.Units)
		}
	}
	other := must[*Stats](t)(s.Statistics(ctx, StatQuery{Unit: "so-khac", From: 1, Until: slides.At(c.now())}))
	if other.Ratings != 0 {
		t.Fatal("counted in another branch")
	}
}

func TestHolesForksAndForeignBatches(t *testing.T) {
	c := newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	ctx := context.Background()
	d, e := pair(t, s, "mot-cua", ""), pair(t, s, "so", "")
	r := func() chain.Record { return d.record(d.rating(c.now(), "nhanh", 4), c.now()) }
	first := r()
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(first)))
	state := *d
	lost := r()
	third := r()
	got, err := s.IngestRatings(ctx, d.ID, d.batch(third))
	wantKind(t, err, slides.Invalid)
	if got.Acked != 1 {
		t.Fatalf("a hole must tell what is kept: %+v", got)
	}
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(lost, third)))
	// The same place, other bytes: the disk was copied, say.
	forked := state
	f2 := forked.record(d.rating(c.now(), "nhanh", 1), c.now())
	got, err = s.IngestRatings(ctx, d.ID, forked.batch(f2))
	wantKind(t, err, slides.Conflict)
	if got.Forks != 1 || got.Acked != 3 {
		t.Fatalf("%+v", got)
	}
	if _, err = s.IngestRatings(ctx, d.ID, forked.batch(f2)); slides.KindOf(err) != slides.Conflict {
		t.Fatal(err)
	}
	forks := must[[]ForkRow](t)(s.Forks(ctx, 0))
	if len(forks) != 1 || forks[0].Seq != 2 || forks[0].Stored != chain.HashOf(lost.Header) {
		t.Fatalf("%+v", forks)
	}
	if k := must[KioskStatus](t)(s.KioskStatus(ctx, d.ID)); k.Forks != 1 || k.Ratings != 3 {
		t.Fatalf("%+v", k)
	}
	// Another kiosk's chain, another key's signature, altered sections.
	_, err = s.IngestRatings(ctx, e.ID, d.batch(third))
	wantKind(t, err, slides.Denied)
	next := r()
	forged := d.batch(next)
	forged.Head = (&chain.Head{Chain: d.Chain, Seq: d.seq, Hash: d.hash}).Sign(e.key)
	_, err = s.IngestRatings(ctx, d.ID, forged)
	wantKind(t, err, slides.Denied)
	altered := next
	altered.Sections = append([]chain.Section(nil), next.Sections...)
	altered.Sections[0].Body = []byte(`{"answers":[]}`)
	_, err = s.IngestRatings(ctx, d.ID, d.batch(altered))
	wantKind(t, err, slides.Invalid)
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(next)))
	// A next record that does not follow from what is kept, alone and within a batch.
	stray := *d
	stray.hash = chain.Hash{1}
	s5 := stray.record(d.rating(c.now(), "nhanh", 1), c.now())
	got, err = s.IngestRatings(ctx, d.ID, stray.batch(s5))
	wantKind(t, err, slides.Conflict)
	if got.Forks != 1 || got.Acked != 4 {
		t.Fatalf("%+v", got)
	}
	five := r()
	stray = *d
	stray.hash = chain.Hash{2}
	s6 := stray.record(d.rating(c.now(), "nhanh", 1), c.now())
	got, err = s.IngestRatings(ctx, d.ID, stray.batch(five, s6))
	wantKind(t, err, slides.Invalid)
	if got.Acked != 4 {
		t.Fatalf("%+v", got)
	}
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(five)))
	if rep := verify(t, s, d.Chain); !rep.OK() || rep.Records != 5 {
		t.Fatalf("%+v", rep)
	}
	ok(t, s.CheckRollups(ctx))
}

func TestImpossibleRatingsAreKeptAndMarked(t *testing.T) {
	c := newClock()
	s := openTest(t, t.TempDir(), c, func(o *Options) { o.Suspect = SuspectRules{Rapid: 5 * time.Second, Burst: 4, BurstWithin: time.Minute} })
	office(t, s)
	ctx := context.Background()
	d := pair(t, s, "mot-cua", "")
	at := c.now().Add(-30 * time.Minute)
	ahead := d.rating(c.now().Add(400*24*time.Hour), "nhanh", 5)
	elsewhere := d.rating(at, "nhanh", 5)
	elsewhere.Kiosk = "k-khac"
	unknown := d.rating(at, "nhanh", 5)
	unknown.Version = 9
	cases := []struct {
		core any
		gap  time.Duration
		want string
	}{
		{d.rating(at, "nhanh", 5), time.Minute, ""},
		{d.rating(at, "nhanh", 5), 2 * time.Second, SuspectRapid},
		{ahead, time.Minute, SuspectClock},
		{elsewhere, time.Minute, SuspectInvalid},
		{unknown, time.Minute, SuspectInvalid},
		{map[string]any{"answers": 7}, time.Minute, SuspectInvalid},
		{"không phải phiếu", time.Minute, SuspectInvalid},
		{d.rating(at, "nhanh", 5), time.Minute, ""},
		{d.rating(at, "nhanh", 4), 10 * time.Second, ""},
		{d.rating(at, "nhanh", 3), 10 * time.Second, ""},
		{d.rating(at, "nhanh", 2), 10 * time.Second, ""},
		{d.rating(at, "nhanh", 1), 10 * time.Second, SuspectBurst},
		{d.rating(at, "nhanh", 1), time.Hour, ""},
	}
	for i, k := range cases {
		at = at.Add(k.gap)
		got := must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(d.record(k.core, at))))
		if got.New != 1 || (got.Suspect == 1) != (k.want != "") {
			t.Errorf("case %d: %+v, want %q", i, got, k.want)
		}
	}
	i := 0
	for row, err := range s.Ratings(ctx, RatingFilter{}) {
		ok(t, err)
		if row.Suspect != cases[i].want || len(row.Sections) != 2 {
			t.Errorf("case %d: suspect %q, want %q", i, row.Suspect, cases[i].want)
		}
		i++
	}
	if i != len(cases) {
		t.Fatalf("%d rows", i)
	}
	ok(t, s.CheckRollups(ctx))
	q := StatQuery{Unit: "tinh", From: slides.At(c.now().Add(-time.Hour)), Until: slides.At(c.now().Add(3 * time.Hour))}
	before := must[*Stats](t)(s.Statistics(ctx, q))
	if before.Ratings != 6 || before.Suspect != 7 {
		t.Fatalf("%d counted, %d suspect", before.Ratings, before.Suspect)
	}
	ref := RatingRef{Chain: d.Chain, Seq: 2}
	ok(t, s.SetSuspect(ctx, editor, []RatingRef{ref}, ""))
	after := must[*Stats](t)(s.Statistics(ctx, q))
	if after.Ratings != 7 || after.Suspect != 6 {
		t.Fatalf("%d counted, %d suspect", after.Ratings, after.Suspect)
	}
	ok(t, s.CorrectHour(ctx, editor, ref, survey.HourOf(slides.At(c.now().Add(-50*24*time.Hour)), vietnam)))
	ok(t, s.CheckRollups(ctx))
	wantKind(t, s.SetSuspect(ctx, editor, []RatingRef{{Chain: d.Chain, Seq: 1}, {Chain: d.Chain, Seq: 99}}, "x"), slides.NotFound)
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(d.record(d.rating(at, "nhanh", 5), at.Add(time.Hour)))))
	ok(t, s.CheckRollups(ctx)) // and nothing of the first was kept
}

func TestGapsAdvanceAndTheChainVerifies(t *testing.T) {
	c := newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	ctx := context.Background()
	d := pair(t, s, "mot-cua", "")
	r := func() chain.Record { return d.record(d.rating(c.now(), "nhanh", 4), c.now()) }
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(r(), r())))
	before := d.hash
	r()
	r() // 3 and 4 are lost
	g := chain.Gap{Chain: d.Chain, From: 3, To: 4, Prev: before, Next: d.hash, At: slides.At(c.now()), Reason: chain.Rotten}
	gaps := wire.Gaps{Chain: d.Chain, Gaps: []chain.Signed{g.Sign(d.key)}}
	for range 2 {
		if got := must[Ingested](t)(s.IngestGaps(ctx, d.ID, gaps)); got.Acked != 4 || got.Hash != d.hash {
			t.Fatalf("%+v", got)
		}
	}
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(r(), r())))
	over := chain.Gap{Chain: d.Chain, From: 6, To: 9, Prev: before, At: slides.At(c.now()), Reason: chain.Truncated}
	over.Next = over.Filler()
	got, err := s.IngestGaps(ctx, d.ID, wire.Gaps{Chain: d.Chain, Gaps: []chain.Signed{over.Sign(d.key)}})
	wantKind(t, err, slides.Conflict)
	if got.Acked != 6 {
		t.Fatalf("%+v", got)
	}
	ok(t, s.EraseSection(ctx, editor, RatingRef{d.Chain, 1}, chain.Moment))
	n := must[int64](t)(s.EraseOlder(ctx, editor, chain.Core, slides.At(c.now().Add(time.Hour))))
	if n != 4 {
		t.Fatalf("%d erased", n)
	}
	rep := verify(t, s, d.Chain)
	if !rep.OK() || rep.Records != 4 || rep.Lost != 2 || rep.Head == nil || rep.Head.Seq != 6 || rep.Withheld[chain.Core] != 4 || rep.Withheld[chain.Moment] != 1 {
		t.Fatalf("%+v", rep)
	}
	wantKind(t, s.CheckRollups(ctx), slides.Conflict)
	st := must[*Stats](t)(s.Statistics(ctx, StatQuery{Unit: "so", From: slides.At(c.now().Add(-time.Hour)), Until: slides.At(c.now().Add(time.Hour))}))
	if st.Missing != 2 || st.Ratings != 4 {
		t.Fatalf("%+v", st)
	}
}

// verify runs a chain's export through the verifier.
func verify(t testing.TB, s *Store, id chain.ID) chain.Report {
	t.Helper()
	ctx := context.Background()
	var v *chain.Verifier
	var head *chain.Signed
	for _, c := range must[[]ChainInfo](t)(s.Chains(ctx, "")) {
		if c.Chain == id {
			v, head = chain.NewVerifier(id, c.Key), c.Head
		}
	}
	for it, err := range s.ChainItems(ctx, id, 1) {
		ok(t, err)
		if it.Gap != nil {
			v.Gap(*it.Gap)
		} else {
			v.Record(it.Record)
		}
	}
	if head != nil {
		v.Head(*head)
	}
	return v.Report()
}
