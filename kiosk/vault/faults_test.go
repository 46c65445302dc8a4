package vault

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"motcua/slides"
	"motcua/slides/chain"
)

// A Sync that fails gives the data up (as Linux does): the rating is refused,
// and one that is thanked for afterwards survives the power cut.
func TestFailedSync(t *testing.T) {
	refused := 0
	for seed := range uint64(150) {
		r := prng(seed)
		o := testOptions()
		d := NewMemory(64 << 20)
		v := mustOpen(t, d, o)
		mustPair(t, v, 7)
		c := testIdentity(7).Chain
		thanked := map[uint64]string{}
		bad := false
		d.SetFault(func(op Op, name string) error {
			if bad && (op == OpSync || op == OpWrite) && strings.HasPrefix(name, "outbox/") && r.IntN(3) == 0 {
				return syscall.EIO
			}
			return nil
		})
		for i := range 30 {
			bad = r.IntN(3) == 0
			name := fmt.Sprint("r", i)
			rec, err := v.Outbox().Append(sections(name, r.IntN(1500)))
			if err != nil {
				if k := slides.KindOf(err); k != slides.Broken || !errors.Is(err, syscall.EIO) {
					t.Fatalf("seed %d: %v", seed, err)
				}
				refused++
				continue
			}
			thanked[rec.Seq] = name
			if r.IntN(12) == 0 {
				bad = false
				d = d.Reboot(r)
				v = mustOpen(t, d, o)
			}
		}
		bad = false
		d = d.Reboot(r)
		v = mustOpen(t, d, o)
		got := deliver(t, v, c, 64)
		for seq, name := range thanked {
			if got.names[seq] != name {
				t.Fatalf("seed %d: %d is %q, want %s (lost %v)", seed, seq, got.names[seq], name, got.lost)
			}
		}
	}
	if refused < 150 {
		t.Fatalf("only %d refused", refused)
	}
}

// A refused rating does not turn up later, neither where its mark could not be
// written nor, once another one has taken its place, where its segment could not
// even be wiped.
func TestRefusedStaysAway(t *testing.T) {
	for seed := range uint64(300) {
		r := prng(seed)
		o := testOptions()
		d := NewMemory(64 << 20)
		v := mustOpen(t, d, o)
		mustPair(t, v, 7)
		c := testIdentity(7).Chain
		mustAppend(t, v, "one", 10)
		stuck := seed%2 == 1
		failed, writes := false, 0
		seg := "outbox/" + c.String() + "/" + segmentName(1)
		d.SetFault(func(op Op, name string) error {
			if stuck && name == seg {
				if op == OpWrite {
					writes++
				}
				if op == OpSync || writes > 1 && op == OpWrite {
					return syscall.EIO
				}
			}
			if !stuck && !failed && op == OpSync && strings.HasSuffix(name, "/mark") {
				failed = true
				return syscall.EIO
			}
			return nil
		})
		if _, err := v.Outbox().Append(sections("refused", 10)); slides.KindOf(err) != slides.Broken {
			t.Fatalf("seed %d: %v", seed, err)
		}
		want := map[uint64]string{1: "one"}
		if stuck {
			d.CutAfter(r.IntN(12))
			if rec, err := v.Outbox().Append(sections("two", 10)); err == nil {
				want[rec.Seq] = "two"
			} else if !d.Dead() {
				t.Fatalf("seed %d: another segment did not help: %v", seed, err)
			}
		}
		d = d.Reboot(r)
		v = mustOpen(t, d, o)
		got := deliver(t, v, c, 64)
		for seq, name := range want {
			if got.names[seq] != name {
				t.Fatalf("seed %d: %d is %q, want %q", seed, seq, got.names[seq], name)
			}
		}
		if !stuck && len(got.names) != 1 || len(got.lost) > 0 {
			t.Fatalf("seed %d: %v, lost %v", seed, got.names, got.lost)
		}
		mustAppend(t, v, "three", 10)
		deliver(t, v, c, 64)
	}
}

// Bytes that the medium can't give are one record's loss, not the chain's; a
// read that works at the second try is no loss.
func TestUnreadable(t *testing.T) {
	o := testOptions()
	d, c, _ := twelve(t, o)
	fails := 2
	d.SetFault(func(op Op, name string) error {
		if op == OpRead && strings.HasSuffix(name, ".seg") && fails > 0 {
			fails--
			return syscall.EIO
		}
		return nil
	})
	v := mustOpen(t, d, o)
	if got := deliver(t, v, c, 5); len(got.lost) > 0 || len(got.names) != 12 {
		t.Fatalf("one failed read lost %v", got.lost)
	}
	// From now on everything fails: no gap may be made of a disk that fell off.
	d.SetFault(func(op Op, name string) error { return syscall.EIO })
	if _, err := v.Outbox().Unacked(c, 0, 5, 1<<20); slides.KindOf(err) != slides.Broken {
		t.Fatalf("Unacked on a dead disk: %v", err)
	}
	if _, err := v.Outbox().Append(sections("x", 1)); slides.KindOf(err) != slides.Broken || slides.Sentence(err, "vi") == "" {
		t.Fatalf("Append on a dead disk: %v", err)
	}
}

// When the disk is full ratings still fit, for a while; then they are refused in
// words; nothing thanked for is lost; and space makes it work again.
func TestFullDisk(t *testing.T) {
	o := testOptions()
	o.Spares = 3
	d := NewMemory(2 << 20)
	v := mustOpen(t, d, o)
	mustPair(t, v, 7)
	if err := v.Tidy(); err != nil {
		t.Fatal(err)
	}
	pinned := []byte(strings.Repeat("p", 100_000))
	m := manifestBytes(t, "e1", 1, pinned)
	if _, err := v.Manifests().SavePending(m, make([]byte, 64), "e1"); err != nil {
		t.Fatal(err)
	}
	if err := v.Blobs().Put(slides.Sum(pinned), pinned); err != nil {
		t.Fatal(err)
	}
	for i := range 40 { // unreachable ones make way for each other
		b := []byte(strings.Repeat(fmt.Sprintf("%04d", i), 25_000))
		if err := v.Blobs().Put(slides.Sum(b), b); err != nil {
			t.Fatalf("blob %d: %v", i, err)
		}
	}
	if !v.Blobs().Has(slides.Sum(pinned)) {
		t.Fatal("a reachable blob was evicted")
	}
	// Something else takes the rest of the disk.
	other, err := d.Create("other")
	if err != nil {
		t.Fatal(err)
	}
	free, _ := d.Free()
	other.Truncate(free)
	thanked, names := 0, map[uint64]string{}
	var refusal error
	for i := range 10_000 {
		name := fmt.Sprint("r", i)
		r, err := v.Outbox().Append(sections(name, 300))
		if err != nil {
			refusal = err
			break
		}
		thanked++
		names[r.Seq] = name
	}
	if slides.KindOf(refusal) != slides.Full || !strings.Contains(slides.Sentence(refusal, "vi"), "hết chỗ") {
		t.Fatalf("refusal: %v", refusal)
	}
	if thanked < 3*int(o.SegmentSize)/1024 {
		t.Fatalf("only %d ratings fit in the reserve", thanked)
	}
	if !v.Status().Full || slides.KindOf(v.Outbox().Ready()) != slides.Full {
		t.Fatal("the vault does not say that it is full")
	}
	if bytes, _ := v.Blobs().totals(); bytes != int64(len(pinned)) {
		t.Fatalf("%d bytes of blobs are left, want the reachable %d", bytes, len(pinned))
	}
	d.Remove("other")
	if err := v.Outbox().Ready(); err != nil {
		t.Fatalf("Ready with space again: %v", err)
	}
	names[mustAppend(t, v, "again", 10).Seq] = "again"
	if v.Status().Full {
		t.Fatal("still full")
	}
	d = d.Reboot(prng(1))
	got := deliver(t, mustOpen(t, d, o), testIdentity(7).Chain, 64)
	for seq, name := range names {
		if got.names[seq] != name {
			t.Fatalf("%d is %q, want %q", seq, got.names[seq], name)
		}
	}
}

// Acknowledged ratings make room before a new one is refused; what a restored
// server then lacks is stated.
func TestAckedMakesRoom(t *testing.T) {
	o := testOptions()
	d := NewMemory(12 * int64(o.SegmentSize) / 2)
	v := mustOpen(t, d, o)
	mustPair(t, v, 7)
	c := testIdentity(7).Chain
	var hashes []chain.Hash
	for i := range 1000 {
		r, err := v.Outbox().Append(sections(fmt.Sprint("r", i), 900))
		if err != nil {
			t.Fatalf("rating %d: %v", i, err)
		}
		hashes = append(hashes, r.Hash)
		if i%5 == 4 {
			if err := v.Outbox().Ack(c, r.Seq); err != nil {
				t.Fatal(err)
			}
		}
	}
	v.Close()
	v = mustOpen(t, d, o)
	if got := stateOf(t, v, c); got.Acked != 1000 || got.AckedHash != hashes[999] {
		t.Fatalf("acked %d", got.Acked)
	}
	if err := v.Outbox().Rewind(c, 500, chain.Hash{1}); slides.KindOf(err) != "" && slides.KindOf(err) != slides.Conflict {
		t.Fatalf("Rewind to another hash: %v", err)
	}
	v.Outbox().Rewind(c, 10, hashes[9])
	ver := chain.ResumeVerifier(c, stateOf(t, v, c).Public, 10, hashes[9])
	records, from := 0, uint64(0)
	for {
		b, err := v.Outbox().Unacked(c, from, 64, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if b.To == 0 {
			break
		}
		for _, s := range b.Gaps {
			if err := ver.Gap(s); err != nil {
				t.Fatal(err)
			}
		}
		for i := range b.Records {
			if err := ver.Record(&b.Records[i]); err != nil {
				t.Fatal(err)
			}
			records++
		}
		from = b.To + 1
	}
	if rep := ver.Report(); !rep.OK() || len(rep.Gaps) != 1 || rep.Gaps[0].From != 11 || records == 0 || uint64(records)+rep.Lost != 990 {
		t.Fatalf("%d records, report %+v", records, rep)
	}
}

func TestSecondKiosk(t *testing.T) {
	d := NewMemory(8 << 20)
	v := mustOpen(t, d, testOptions())
	_, err := Open(d, testOptions())
	if slides.KindOf(err) != slides.Conflict || !strings.Contains(slides.Sentence(err, "vi"), "ki-ốt khác") {
		t.Fatalf("second Open: %v", err)
	}
	v.Close()
	mustOpen(t, d, testOptions())
}

// 90 days after they were acknowledged ratings go, and then an older chain.
func TestRetention(t *testing.T) {
	o := testOptions()
	now := slides.Millis(1_790_000_000_000)
	o.Now = func() slides.Millis { return now }
	d := NewMemory(64 << 20)
	v := mustOpen(t, d, o)
	mustPair(t, v, 7)
	c := testIdentity(7).Chain
	var last Receipt
	for i := range 300 {
		last = mustAppend(t, v, fmt.Sprint("r", i), 900)
	}
	v.Outbox().Ack(c, last.Seq)
	mustPair(t, v, 8)
	mustAppend(t, v, "new chain", 1)
	segs := func() int {
		n := 0
		for _, f := range outboxFiles(t, d, "outbox/"+c.String()) {
			if strings.HasSuffix(f, ".seg") {
				n++
			}
		}
		return n
	}
	before := segs()
	now += 89 * 86_400_000
	if err := v.Tidy(); err != nil || segs() != before || before < 4 {
		t.Fatalf("after 89 days: %d of %d segments, %v", segs(), before, err)
	}
	now += 2 * 86_400_000
	if err := v.Tidy(); err != nil {
		t.Fatal(err)
	}
	if n := len(v.Outbox().Chains()); n != 1 {
		t.Fatalf("%d chains are left, want the current one", n)
	}
	if _, err := d.List("outbox/" + c.String()); !missing(err) {
		t.Fatalf("the old chain's folder is still there: %v", err)
	}
	v.Close()
	v = mustOpen(t, d, o)
	if got := deliver(t, v, testIdentity(8).Chain, 5); got.names[1] != "new chain" {
		t.Fatalf("%v", got.names)
	}
}

// An older chain delivers under its own key after a new pairing.
func TestPairAgain(t *testing.T) {
	o := testOptions()
	d := NewMemory(64 << 20)
	v := mustOpen(t, d, o)
	if _, err := v.Outbox().Append(sections("x", 1)); slides.KindOf(err) != slides.NotFound {
		t.Fatalf("Append before pairing: %v", err)
	}
	k1, err := v.PairingKey()
	if err != nil {
		t.Fatal(err)
	}
	v.Close()
	v = mustOpen(t, d, o)
	if again, _ := v.PairingKey(); !k1.Equal(again) {
		t.Fatal("the pairing's key changed over a restart")
	}
	mustPair(t, v, 1)
	mustAppend(t, v, "old", 1)
	k2, _ := v.PairingKey()
	if k1.Equal(k2) {
		t.Fatal("a second pairing got the first one's key")
	}
	mustPair(t, v, 2)
	mustPair(t, v, 2)
	if k, ok := v.Key(); !ok || !k.Equal(k2) {
		t.Fatal("the current key is not the new pairing's")
	}
	mustAppend(t, v, "new", 1)
	d = d.Reboot(prng(3))
	v = mustOpen(t, d, o)
	for n, want := range map[byte]string{1: "old", 2: "new"} {
		st := stateOf(t, v, testIdentity(n).Chain)
		if st.Current != (n == 2) || st.Public.Equal(k1.Public()) != (n == 1) {
			t.Fatalf("chain %d: %+v", n, st)
		}
		if got := deliver(t, v, st.Identity.Chain, 5); got.names[1] != want {
			t.Fatalf("chain %d delivered %v", n, got.names)
		}
	}
	if err := v.UpdateIdentity(func(id *Identity) { id.Name, id.Kiosk = "Mới", "other" }); err != nil {
		t.Fatal(err)
	}
	if id, _ := v.Identity(); id.Name != "Mới" || id.Kiosk != "k1" {
		t.Fatalf("identity %+v", id)
	}
}
