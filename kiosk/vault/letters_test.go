package vault

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/letter"
)

func lettersOf(n byte) chain.ID { return letter.ChainOf(testIdentity(n).Chain) }

// Power cuts and kills while letters and ratings are written: every letter that
// was thanked for is delivered once, and neither outbox disturbs the other.
func TestLettersSurvivePowerCuts(t *testing.T) {
	cuts := 0
	for seed := range uint64(120) {
		r := prng(seed)
		d, o := NewMemory(64<<20), testOptions()
		v := mustOpen(t, d, o)
		mustPair(t, v, 7)
		letters, ratings := lettersOf(7), testIdentity(7).Chain
		thanked := map[chain.ID]map[uint64]string{letters: {}, ratings: {}}
		for i := range 40 {
			if r.IntN(6) == 0 {
				d.CutAfter(r.IntN(30))
			}
			box := v.Letters()
			if r.IntN(2) == 0 {
				box = v.Outbox()
			}
			name := fmt.Sprint("n", i)
			rec, err := box.Append(sections(name, r.IntN(4000)))
			switch {
			case err == nil:
				thanked[rec.Chain][rec.Seq] = name
			case !d.Dead() || !errors.Is(err, ErrPower):
				t.Fatalf("seed %d: %v", seed, err)
			}
			if d.Dead() || r.IntN(10) == 0 {
				cuts++
				d = d.Reboot(r)
				v = mustOpen(t, d, o)
				if n := v.Status().Damage; len(n) > 0 {
					t.Fatalf("seed %d: a power cut showed as damage: %v", seed, n)
				}
			}
		}
		for c, box := range map[chain.ID]*Outbox{letters: v.Letters(), ratings: v.Outbox()} {
			got := deliverOf(t, box, c, 16)
			if len(got.lost) > 0 {
				t.Fatalf("seed %d: lost %v", seed, got.lost)
			}
			for seq, name := range thanked[c] {
				if got.names[seq] != name {
					t.Fatalf("seed %d: %d is %q, want %q", seed, seq, got.names[seq], name)
				}
			}
		}
	}
	if cuts < 100 {
		t.Fatalf("only %d cuts", cuts)
	}
}

// Cut at each step of a pairing, and of the upgrade of a vault that was paired
// before letters were known: the next start has both chains, and no damage.
func TestLettersBeginAtEachPairing(t *testing.T) {
	for upgrade := range 2 {
		for after := range 200 {
			d, o := NewMemory(64<<20), testOptions()
			v := mustOpen(t, d, o)
			if upgrade == 1 {
				mustPair(t, v, 7)
				if err := v.Close(); err != nil {
					t.Fatal(err)
				}
				removeAll(t, d, "letters/"+lettersOf(7).String())
				d.CutAfter(after)
				if v, err := Open(d, o); err == nil {
					v.Close()
				}
			} else {
				d.CutAfter(after)
				v.Pair(testIdentity(7)) // may meet the cut
			}
			whole := !d.Dead()
			d = d.Reboot(prng(uint64(after)))
			v = mustOpen(t, d, o)
			if _, ok := v.Identity(); !ok {
				mustPair(t, v, 7)
			}
			if n := v.Status().Damage; len(n) > 0 {
				t.Fatalf("after %d: %v", after, n)
			}
			if rec, err := v.Letters().Append(sections("one", 10)); err != nil || rec.Chain != lettersOf(7) {
				t.Fatalf("after %d: %+v, %v", after, rec, err)
			}
			mustAppend(t, v, "one", 10)
			if whole {
				break
			}
			if after == 199 {
				t.Fatal("the cut never came too late")
			}
		}
	}
}

func removeAll(t *testing.T, d *Memory, dir string) {
	t.Helper()
	for _, f := range outboxFiles(t, d, dir) {
		if err := d.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(d.Remove(dir), d.SyncDir("letters")); err != nil {
		t.Fatal(err)
	}
}

// A disk that is full of other things refuses a letter before it is promised,
// and the ratings' own space stays.
func TestNoRoomForLetters(t *testing.T) {
	d, o := NewMemory(64<<20), testOptions()
	v := mustOpen(t, d, o)
	mustPair(t, v, 7)
	full := false
	d.SetFault(func(op Op, name string) error {
		if full && op == OpWrite && strings.HasPrefix(name, "letters/") && strings.Contains(name, "spare") {
			return syscall.ENOSPC
		}
		return nil
	})
	full = true
	var err error
	for range 200 {
		if _, err = v.Letters().Append(sections("n", 9000)); err != nil {
			break
		}
	}
	if slides.KindOf(err) != slides.Full || !v.Status().Full || !strings.Contains(slides.Sentence(err, "vi"), "góp ý") {
		t.Fatalf("%v", err)
	}
	mustAppend(t, v, "rating", 100)
	full = false
	if _, err := v.Letters().Append(sections("again", 100)); err != nil {
		t.Fatal(err)
	}
}

// No file of a letter says when it was written but by the hour, and no head
// that is signed over it either.
func TestLettersKnowOnlyTheHour(t *testing.T) {
	d, o := NewMemory(64<<20), testOptions()
	v := mustOpen(t, d, o)
	mustPair(t, v, 7)
	for range 3 {
		if _, err := v.Letters().Append(sections("n", 10)); err != nil {
			t.Fatal(err)
		}
	}
	head, ok := v.Letters().Head()
	h, err := chain.ParseHead(head.Bytes)
	if !ok || err != nil || h.At%hour != 0 {
		t.Fatalf("%+v, %v", h, err)
	}
	v.Letters().mu.Lock()
	defer v.Letters().mu.Unlock()
	b := v.Letters().boxes[lettersOf(7)]
	for _, p := range b.tail.places {
		f, ok, err := v.Letters().readFrame(b, b.tail, p)
		if !ok || err != nil || f.at == 0 || f.at%hour != 0 {
			t.Fatalf("%+v, %v", f.at, err)
		}
	}
}

// A letter that rotted away becomes a signed gap; the others arrive.
func TestRottenLetterIsAGap(t *testing.T) {
	d, o := NewMemory(64<<20), testOptions()
	v := mustOpen(t, d, o)
	mustPair(t, v, 7)
	for i := range 5 {
		if _, err := v.Letters().Append(sections(fmt.Sprint("n", i+1), 100)); err != nil {
			t.Fatal(err)
		}
	}
	v.Letters().mu.Lock()
	b := v.Letters().boxes[lettersOf(7)]
	p := b.tail.places[2]
	name := b.dir + "/" + b.tail.name
	v.Letters().mu.Unlock()
	f, err := d.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("rot"), int64(p.off)+60); err != nil {
		t.Fatal(err)
	}
	f.Close()
	got := deliverOf(t, v.Letters(), lettersOf(7), 16)
	if len(got.names) != 4 || !got.lost[3] || got.names[5] != "n5" {
		t.Fatalf("%+v", got)
	}
}
