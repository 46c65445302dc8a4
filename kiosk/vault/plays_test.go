package vault

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/slides"
	"motcua/slides/wire"
)

func play(i int) wire.Play {
	at := slides.Millis(1_790_000_000_000 + int64(i)*12_000)
	return wire.Play{Slide: fmt.Sprint("s", i%7), Blob: "b", From: at, Until: at + 12_000}
}

func TestPlaysSurvive(t *testing.T) {
	for seed := range uint64(50) {
		r := prng(seed)
		o := testOptions()
		d := NewMemory(8 << 20)
		v := mustOpen(t, d, o)
		disk := v.DiskID()
		sent := map[uint64]wire.Play{} // what the server got
		added, high := 0, uint64(0)
		for i := range 300 {
			if err := v.Plays().Add(play(i)); err != nil {
				t.Fatal(err)
			}
			added++
			switch r.IntN(20) {
			case 0:
				b, err := v.Plays().Batch(1 + r.IntN(30))
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range b {
					if old, ok := sent[p.ID]; ok && old != p {
						t.Fatalf("seed %d: id %d is another play now", seed, p.ID)
					}
					sent[p.ID] = p
				}
				if n := len(b); n > 0 && r.IntN(3) > 0 {
					if err := v.Plays().Ack(b[n-1].ID); err != nil {
						t.Fatal(err)
					}
					high = b[n-1].ID
				}
			case 1:
				d = d.Reboot(r)
				v = mustOpen(t, d, o)
			}
		}
		if err := v.Plays().Ack(1 << 40); slides.KindOf(err) != slides.Conflict {
			t.Fatalf("Ack of what was not sent: %v", err)
		}
		for {
			b, _ := v.Plays().Batch(100)
			if len(b) == 0 {
				break
			}
			for i, p := range b {
				if p.ID <= high || i > 0 && p.ID <= b[i-1].ID {
					t.Fatalf("seed %d: id %d after %d", seed, p.ID, high)
				}
				sent[p.ID] = p
			}
			high = b[len(b)-1].ID
			v.Plays().Ack(high)
		}
		if lost := added - len(sent); lost < 0 || lost > 300/20*playLoose*2 {
			t.Fatalf("seed %d: %d of %d plays lost", seed, lost, added)
		}
		if v.DiskID() != disk || len(disk) != 32 {
			t.Fatal("the disk's name changed")
		}
	}
}

func TestPlaysCollapse(t *testing.T) {
	o := testOptions()
	o.MaxPlays = 1000
	d := NewMemory(8 << 20)
	v := mustOpen(t, d, o)
	offered, err := func() ([]wire.Play, error) {
		for i := range 20 {
			v.Plays().Add(play(i))
		}
		return v.Plays().Batch(10)
	}()
	if err != nil {
		t.Fatal(err)
	}
	for i := 20; i < 5000; i++ {
		if err := v.Plays().Add(play(i)); err != nil {
			t.Fatal(err)
		}
	}
	v.Close()
	v = mustOpen(t, d, o)
	b, _ := v.Plays().Batch(10_000)
	if len(b) > o.MaxPlays {
		t.Fatalf("%d plays are kept", len(b))
	}
	for i := range offered {
		if b[i] != offered[i] {
			t.Fatal("a play that the server may have was summed up")
		}
	}
	n, seconds := counted(b)
	if n != 5000 || seconds != 5000*12 || v.Status().PlaysLost != 0 {
		t.Fatalf("%d plays, %v seconds, %d lost", n, seconds, v.Status().PlaysLost)
	}
}

func counted(b []wire.Play) (n int, seconds float64) {
	for _, p := range b {
		n += p.Times()
		if p.Count == 0 && p.Times() == 1 {
			p.Seconds = float64(p.Until-p.From) / 1000
		}
		seconds += p.Seconds
	}
	return n, seconds
}

// Answers to "useful?" are summed up with the plays, each with what it is of,
// and lengthen and count none.
func TestAnswersCollapseApart(t *testing.T) {
	o := testOptions()
	o.MaxPlays = 400
	v := mustOpen(t, NewMemory(8<<20), o)
	want := map[string][2]int{}
	plays := 0
	for i := range 3000 {
		p := play(i)
		switch i % 5 {
		case 1:
			p.Until, p.Yes = p.From, 1
		case 2:
			p.Until, p.No, p.Slide, p.Procedure = p.From, 1, "", fmt.Sprint("1.00000", i%3)
		default:
			plays++
		}
		if err := v.Plays().Add(p); err != nil {
			t.Fatal(err)
		}
		k := p.Slide + "/" + p.Procedure
		want[k] = [2]int{want[k][0] + p.Yes, want[k][1] + p.No}
	}
	b, err := v.Plays().Batch(10_000)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]int{}
	for _, p := range b {
		k := p.Slide + "/" + p.Procedure
		got[k] = [2]int{got[k][0] + p.Yes, got[k][1] + p.No}
	}
	n, seconds := counted(b)
	if len(b) > o.MaxPlays || n != plays || seconds != float64(plays*12) {
		t.Errorf("%d records of %d plays, want %d; %v seconds", len(b), n, plays, seconds)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
