package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"image"
	"image/png"
	"math"
	"strings"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/letter"
	"motcua/slides/wire"
)

func TestPairing(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	newKey := func() ed25519.PublicKey {
		pub, _, _ := ed25519.GenerateKey(rand.Reader)
		return pub
	}
	from := func(addr string) error {
		_, err := s.CreatePairing(ctx, PairingRequest{Key: newKey(), Nonce: make([]byte, 32), Addr: addr})
		return err
	}
	port := 1024
	ask := func(key ed25519.PublicKey) (Pairing, error) {
		port++ // every connection has its own
		return s.CreatePairing(ctx, PairingRequest{Key: key, Nonce: make([]byte, 32), Addr: fmt.Sprintf("192.0.2.9:%d", port)})
	}
	edit := KioskEdit{Name: "Ki-ốt 1", Unit: "mot-cua"}
	key := newKey()
	old := must[Pairing](t)(ask(key))
	p := must[Pairing](t)(ask(key)) // the same screen again: the older code is gone
	_, err := s.PairingByCode(ctx, editor, old.Code)
	wantKind(t, err, slides.NotFound)
	if list := must[[]Pairing](t)(s.Pairings(ctx)); len(list) != 1 || list[0].Code != "" || list[0].Ticket != "" {
		t.Fatalf("%+v", list)
	}
	if got := must[Pairing](t)(s.PairingByCode(ctx, editor, " "+p.Code[:3]+"-"+p.Code[3:])); got.ID != p.ID {
		t.Fatal("a code as people type it")
	}
	got, id, err := s.PollPairing(ctx, p.Ticket)
	if err != nil || got.State != wire.PairWaiting || id != nil {
		t.Fatal(got, id, err)
	}
	_, _, err = s.PollPairing(ctx, "sai")
	wantKind(t, err, slides.NotFound)
	_, err = s.ApprovePairing(ctx, editor, Approval{Code: p.Code, KioskEdit: KioskEdit{Name: "", Unit: "khong-co"}})
	wantKind(t, err, slides.Invalid)
	k := must[Kiosk](t)(s.ApprovePairing(ctx, editor, Approval{Code: p.Code, KioskEdit: edit}))
	_, err = s.ApprovePairing(ctx, editor, Approval{Pairing: p.ID, KioskEdit: edit})
	wantKind(t, err, slides.Conflict) // one code, one kiosk
	_, id, err = s.PollPairing(ctx, p.Ticket)
	if err != nil || id == nil || id.Kiosk != k.ID || id.Chain != k.Chain || !ed25519.PublicKey(id.Key).Equal(key) || id.Class != k.Class || id.Epoch != s.Epoch() {
		t.Fatalf("%+v %v", id, err)
	}
	// A screen that lost power before it heard asks again with its key: it is
	// answered with the kiosk that it is, and the ticket it had is void.
	lost := must[Pairing](t)(ask(key))
	if lost.State != wire.PairApproved || lost.Kiosk != k.ID || lost.Ticket == p.Ticket {
		t.Fatalf("%+v", lost)
	}
	_, id, err = s.PollPairing(ctx, lost.Ticket)
	if err != nil || id == nil || id.Kiosk != k.ID || id.Chain != k.Chain {
		t.Fatalf("%+v %v", id, err)
	}
	_, _, err = s.PollPairing(ctx, p.Ticket)
	wantKind(t, err, slides.NotFound)
	if !must[ed25519.PublicKey](t)(s.SignInKey(ctx, k.ID)).Equal(key) {
		t.Fatal("another key")
	}
	// Expiry, refusal, guessing.
	late := must[Pairing](t)(ask(newKey()))
	c.advance(wire.CodeLife)
	_, err = s.ApprovePairing(ctx, editor, Approval{Pairing: late.ID, KioskEdit: edit})
	wantKind(t, err, slides.Conflict)
	no := must[Pairing](t)(ask(newKey()))
	ok(t, s.RefusePairing(ctx, editor, no.ID))
	wantKind(t, s.RefusePairing(ctx, editor, no.ID), slides.NotFound)
	if got, _, _ := s.PollPairing(ctx, no.Ticket); got.State != wire.PairRefused {
		t.Fatal(got.State)
	}
	good := must[Pairing](t)(ask(newKey()))
	guesser := Actor{User: "u-guess"}
	for range maxWrongCodes {
		_, err = s.PairingByCode(ctx, guesser, "AAAAAA")
		wantKind(t, err, slides.NotFound)
	}
	_, err = s.ApprovePairing(ctx, guesser, Approval{Code: good.Code, KioskEdit: edit})
	wantKind(t, err, slides.Throttled)
	c.advance(wrongWindow)
	for range maxWaitingAddr {
		_, err = ask(newKey())
		ok(t, err)
	}
	_, err = ask(newKey())
	wantKind(t, err, slides.Throttled)
	for i := range maxWaitingAddr {
		ok(t, from(fmt.Sprintf("[2001:db8::%x]:99", i+1)))
	}
	wantKind(t, from("[2001:db8::ffff:1]:99"), slides.Throttled) // another address of the same line
	ok(t, from("[2001:db8:0:1::1]:99"))
	for range maxWaitingAddr + 5 {
		ok(t, from("127.0.0.1:99")) // a proxy in front
	}
}

// What a broken kiosk says of itself must not spoil a page or a sum.
func TestImplausibleHealth(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	running(t, s)
	d := pair(t, s, "mot-cua", "")
	ok(t, s.SaveHealth(ctx, d.ID, &wire.Health{
		Memory: math.MinInt64, DiskFree: -1, Frames: -1, Uptime: -1, Pending: math.MinInt32, Quarantine: math.MaxInt32, Revision: -2, Offset: math.MaxInt64,
		Slide: strings.Repeat("x", 5000), Errors: []wire.Fault{{At: math.MinInt64, Where: "vault", Text: "sớm", Count: -1}, {At: math.MaxInt64, Where: "vault", Text: "muộn", Count: math.MaxInt}},
	}))
	h := must[KioskStatus](t)(s.KioskStatus(ctx, d.ID)).Health
	if h.Memory != 0 || h.DiskFree != 0 || h.Frames != 0 || h.Uptime != 0 || h.Pending != 0 || h.Quarantine > 1e6 || h.Revision != 0 || h.Offset > 4e11 || len(h.Slide) > 100 {
		t.Fatalf("%+v", h)
	}
	for _, f := range must[[]FaultRow](t)(s.Faults(ctx, d.ID, 0)) {
		if y := f.Last.Time().UTC().Year(); y < 1970 || y > 9999 || f.Count < 1 {
			t.Fatalf("%+v", f)
		}
	}
}

func TestPairedAgain(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	first := pair(t, s, "mot-cua", "")
	left := first.record(first.rating(c.now(), "nhanh", 5), c.now())
	c.advance(time.Hour)
	late := must[Pairing](t)(s.CreatePairing(ctx, PairingRequest{Key: must[ed25519.PublicKey](t)(newKey(t)), Nonce: make([]byte, 32)}))
	must[Kiosk](t)(s.ApprovePairing(ctx, editor, Approval{Pairing: late.ID, Kiosk: first.ID, KioskEdit: KioskEdit{Name: "x", Unit: "so"}}))
	seq := must[int64](t)(s.LastChange(ctx))
	second := pair(t, s, "mot-cua", first.ID)
	if got, id, err := s.PollPairing(ctx, late.Ticket); err != nil || id != nil || got.State != wire.PairExpired {
		t.Fatal("two screens got one identity", got.State, id, err)
	}
	if second.ID != first.ID || second.Chain == first.Chain {
		t.Fatal("the id stays, the chain is new")
	}
	if k := kindsAfter(t, s, seq); k[1] != KioskUnpaired {
		t.Fatalf("the older connection must end: %v", k)
	}
	if must[ed25519.PublicKey](t)(s.SignInKey(ctx, first.ID)).Equal(first.key.Public()) {
		t.Fatal("the old key still signs in")
	}
	// The old outbox still delivers under its old key.
	must[Ingested](t)(s.IngestRatings(ctx, first.ID, first.batch(left)))
	must[Ingested](t)(s.IngestRatings(ctx, first.ID, second.batch(second.record(second.rating(c.now(), "nhanh", 5), c.now()))))
	states := must[[]wire.ChainState](t)(s.KioskChains(ctx, first.ID))
	if len(states) != 6 || states[3].Chain != letter.ChainOf(second.Chain) || states[0].Chain != second.Chain || states[2].Seq != 1 || states[2].Hash != first.hash {
		t.Fatalf("%+v", states)
	}
	keys := must[[]KioskKey](t)(s.KioskKeys(ctx, first.ID))
	if len(keys) != 3 || keys[0].Retired != 0 || keys[1].Retired == 0 {
		t.Fatalf("%+v", keys)
	}
	ok(t, s.Unpair(ctx, editor, first.ID))
	_, err := s.SignInKey(ctx, first.ID)
	wantKind(t, err, slides.Denied)
	_, err = s.SignInKey(ctx, "k-none")
	wantKind(t, err, slides.NotFound)
	ok(t, s.CheckRollups(ctx))
}

func newKey(t *testing.T) (ed25519.PublicKey, error) {
	t.Helper()
	pub, _, err := ed25519.GenerateKey(rand.Reader)
	return pub, err
}

func TestLeasesNewestWins(t *testing.T) {
	ctx, c, dir := context.Background(), newClock(), t.TempDir()
	one := openTest(t, dir, c)
	office(t, one)
	two := openTest(t, dir, c, func(o *Options) { o.Server = "srv-2" })
	d := pair(t, one, "mot-cua", "")
	h := Hello{Manifest: "m", Revision: 3}
	if was, err := one.TakeLease(ctx, d.ID, "c1", h, time.Minute); err != nil || was != nil {
		t.Fatal(was, err)
	}
	seq := must[int64](t)(two.LastChange(ctx))
	was := must[*Lease](t)(two.TakeLease(ctx, d.ID, "c2", h, time.Minute))
	if was == nil || was.Server != "srv-1" || was.Conn != "c1" || was.Replaced != 1 {
		t.Fatalf("%+v", was)
	}
	if k := kindsAfter(t, one, seq); len(k) != 1 || k[0] != SessionTaken {
		t.Fatalf("%v", k)
	}
	ok(t, one.DropLease(ctx, d.ID, "c1")) // it lost its place: nothing to end
	if mine := must[map[string]string](t)(one.RenewLeases(ctx, time.Minute)); len(mine) != 0 {
		t.Fatalf("%v", mine)
	}
	if mine := must[map[string]string](t)(two.RenewLeases(ctx, time.Minute)); mine[d.ID] != "c2" {
		t.Fatalf("%v", mine)
	}
	st := must[KioskStatus](t)(one.KioskStatus(ctx, d.ID))
	if !st.Online || st.Server != "srv-2" || st.Replaced != 1 || st.HasRevision != 3 || st.Should == "" {
		t.Fatalf("%+v", st)
	}
	c.advance(2 * time.Minute)
	if st = must[KioskStatus](t)(one.KioskStatus(ctx, d.ID)); st.Online {
		t.Fatal("online after its lease ended")
	}
	if was := must[*Lease](t)(one.TakeLease(ctx, d.ID, "c3", h, time.Minute)); was != nil {
		t.Fatal("an ended lease is nobody's place")
	}
	// The same start of the program dials again: no second screen, but the older
	// connection is told to go.
	h.Instance = "start-1"
	must[*Lease](t)(one.TakeLease(ctx, d.ID, "c4", h, time.Minute))
	before := must[KioskStatus](t)(one.KioskStatus(ctx, d.ID)).Replaced
	seen := must[int64](t)(one.LastChange(ctx))
	if was := must[*Lease](t)(one.TakeLease(ctx, d.ID, "c5", h, time.Minute)); was != nil {
		t.Errorf("a reconnect counts as a second screen: %+v", was)
	}
	if list := must[[]Change](t)(one.Changes(ctx, seen, 10)); len(list) != 1 || list[0].Kind != SessionTaken || list[0].Ref != "c4" {
		t.Errorf("the older connection is not told: %+v", list)
	}
	h.Instance = "start-2"
	if was := must[*Lease](t)(one.TakeLease(ctx, d.ID, "c6", h, time.Minute)); was == nil || was.Conn != "c5" {
		t.Errorf("a second screen is not seen: %+v", was)
	}
	if after := must[KioskStatus](t)(one.KioskStatus(ctx, d.ID)).Replaced; after != before+1 {
		t.Errorf("replaced %d times, want %d", after, before+1)
	}
	_, err := one.TakeLease(ctx, "k-none", "c", h, time.Minute)
	wantKind(t, err, slides.NotFound)
	// Two servers take ratings of one kiosk in turn: the row says where the chain stands.
	for i := range 6 {
		s := []*Store{one, two}[i%2]
		must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(d.record(d.rating(c.now(), "nhanh", 5), c.now()))))
	}
	ok(t, two.CheckRollups(ctx))
}

func TestReports(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	r := d.record(d.rating(c.now(), "nhanh", 5), c.now())
	head := (&chain.Head{Chain: d.Chain, Seq: 1, Hash: d.hash, At: slides.At(c.now())}).Sign(d.key)
	h := &wire.Health{
		Program: "1.0", Pending: 1, Offset: -1200, Manifest: "abc", Revision: 1, Head: &head, Memory: 7,
		Errors: []wire.Fault{{At: 5, Where: "slide:s1", Text: "Ảnh hỏng", Count: 2}},
	}
	for range 3 {
		ok(t, s.SaveHealth(ctx, d.ID, h))
		c.advance(time.Minute)
	}
	st := must[KioskStatus](t)(s.KioskStatus(ctx, d.ID))
	if st.Behind != 1 || st.Pending != 1 || st.Offset != -1200 || st.Health == nil || st.Health.Memory != 7 {
		t.Fatalf("%+v", st)
	}
	if f := must[[]FaultRow](t)(s.Faults(ctx, "", 0)); len(f) != 1 || f[0].Count != 2 {
		t.Fatalf("%+v", f)
	}
	if p := must[[]HealthPoint](t)(s.HealthHistory(ctx, d.ID, 0)); len(p) != 3 {
		t.Fatalf("%+v", p)
	}
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(r)))
	if st = must[KioskStatus](t)(s.KioskStatus(ctx, d.ID)); st.Behind != 0 {
		t.Fatalf("%+v", st)
	}
	forged := head
	forged.Sig = make([]byte, 64)
	h.Head = &forged
	wantKind(t, s.SaveHealth(ctx, d.ID, h), slides.Denied)
	other := chain.Head{Chain: d.Chain, Seq: 1, At: slides.At(c.now())}
	lie := other.Sign(d.key)
	h.Head = &lie
	ok(t, s.SaveHealth(ctx, d.ID, h))
	if f := must[[]ForkRow](t)(s.Forks(ctx, 0)); len(f) != 1 {
		t.Fatal("two signed heads of one place are a fork")
	}
	h.Head = nil
	wantKind(t, s.SaveHealth(ctx, "k-none", h), slides.NotFound)
	plays := wire.Plays{Disk: "d1", Plays: []wire.Play{{ID: 1, Slide: "s1", Blob: slides.Sum(nil), From: 1, Until: 2}, {ID: 2, Slide: "Không hợp lệ", From: 1, Until: 2}, {ID: 3, Slide: "s2", From: 5, Until: 9}}}
	for range 2 {
		if last := must[uint64](t)(s.SavePlays(ctx, d.ID, plays)); last != 3 {
			t.Fatal(last)
		}
	}
	answers := wire.Plays{Disk: "d1", Plays: []wire.Play{
		{ID: 4, Slide: "s1", Blob: slides.Sum(nil), From: 1, Until: 1, Yes: 1},
		{ID: 5, Slide: "s1", From: 1, Until: 9, Count: 7, Seconds: 60, Yes: 2, No: 1},
		{ID: 6, Procedure: "1.014200", From: 1, Until: 1, No: 1},
		{ID: 7, Procedure: "s1", From: 1, Until: 1, No: 1},
		{ID: 8, Slide: "s2", From: 1, Until: 1, Yes: -1},
	}}
	for range 2 { // sent twice counts once
		if last := must[uint64](t)(s.SavePlays(ctx, d.ID, answers)); last != 8 {
			t.Fatal(last)
		}
	}
	if u := must[Useful](t)(s.UsefulSlide(ctx, "s1")); u != (Useful{3, 1}) {
		t.Errorf("s1: %+v", u)
	}
	if u := must[Useful](t)(s.UsefulProcedure(ctx, "1.014200")); u != (Useful{0, 1}) {
		t.Errorf("1.014200: %+v", u)
	}
	if u := must[Useful](t)(s.UsefulSlide(ctx, "s2")); u != (Useful{}) {
		t.Errorf("s2: %+v", u)
	}
	var n int
	ok(t, s.r.QueryRow("SELECT coalesce(sum(count), 0) FROM plays WHERE id > 3").Scan(&n))
	if n != 7 {
		t.Errorf("the answers count as %d plays, want 7", n)
	}
	ok(t, s.r.QueryRow("SELECT count(*) FROM plays WHERE id <= 3").Scan(&n))
	if n != 2 {
		t.Fatalf("%d plays", n)
	}
	var picture bytes.Buffer
	ok(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))))
	ok(t, s.SaveScreenshot(ctx, d.ID, wire.Screenshot{At: 9, Image: picture.Bytes()}))
	wantKind(t, s.SaveScreenshot(ctx, d.ID, wire.Screenshot{At: 10, Image: []byte("\x89PNG\r\n\x1a\n<script>")}), slides.Invalid)
	wantKind(t, s.SaveScreenshot(ctx, d.ID, wire.Screenshot{Image: []byte("<svg onload=…>")}), slides.Invalid)
	if sc := must[Screenshot](t)(s.Screenshot(ctx, d.ID)); sc.Type != "image/png" || sc.At != 9 {
		t.Fatalf("%+v", sc)
	}
	cmd := must[wire.Command](t)(s.AddCommand(ctx, editor, d.ID, wire.Reload, time.Minute))
	ok(t, s.CommandSent(ctx, cmd.ID))
	if list := must[[]wire.Command](t)(s.PendingCommands(ctx, d.ID)); len(list) != 1 || list[0] != cmd {
		t.Fatalf("%+v", list)
	}
	ok(t, s.CommandDone(ctx, d.ID, wire.Done{ID: cmd.ID, OK: true, Vi: "Đã tải lại"}))
	if list := must[[]CommandRow](t)(s.Commands(ctx, d.ID, 0)); list[0].State != "done" || list[0].Vi != "Đã tải lại" || list[0].Sent == 0 {
		t.Fatalf("%+v", list)
	}
	_, err := s.AddCommand(ctx, editor, d.ID, "format", time.Minute)
	wantKind(t, err, slides.Invalid)
}
