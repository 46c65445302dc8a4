package vault

import (
	"bytes"
	"testing"

	"motcua/slides"
	"motcua/slides/chain"
)

func TestClock(t *testing.T) {
	d, o := NewMemory(8<<20), testOptions()
	v := mustOpen(t, d, o)
	const noon = slides.Millis(1_790_000_000_000)
	step := func(at slides.Millis, trusted bool, want slides.Millis) {
		t.Helper()
		if err := v.KeepTime(at, trusted); err != nil {
			t.Fatal(err)
		}
		if got := v.LastTime(); got != want {
			t.Fatalf("LastTime %d, want %d", got, want)
		}
	}
	step(noon, false, noon)
	step(noon-5000, false, noon)          // the kiosk's own clock does not go back
	step(noon+30_000, false, noon+30_000) // not written yet
	d = d.Reboot(prng(1))
	v = mustOpen(t, d, o)
	if got := v.LastTime(); got < noon || got > noon+30_000 {
		t.Fatalf("after the power cut %d", got)
	}
	year := noon + 365*86_400_000
	step(year, false, year) // a clock a year ahead
	step(noon+60_000, true, noon+60_000)
	v.Close()
	v = mustOpen(t, d, o)
	if got := v.LastTime(); got != noon+60_000 {
		t.Fatalf("the server's word did not stay: %d", got)
	}
}

func TestNotes(t *testing.T) {
	d, o := NewMemory(8<<20), testOptions()
	v := mustOpen(t, d, o)
	if v.Note("settings") != nil {
		t.Fatal("a note from nowhere")
	}
	if err := v.SaveNote("settings", []byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := v.SaveNote("../x", nil); slides.KindOf(err) != slides.Invalid {
		t.Fatalf("a bad name: %v", err)
	}
	v.SaveNote("settings", []byte("b"))
	flipBit(d, "notes/settings.1")
	d = d.Reboot(prng(1))
	v = mustOpen(t, d, o)
	if got := v.Note("settings"); string(got) != "b" {
		t.Fatalf("%q", got)
	}
}

// FuzzUnseal: whatever is read as a sealed file is exactly what seal writes.
func FuzzUnseal(f *testing.F) {
	f.Add(seal(7, []byte(`{"epoch":"e1"}`)))
	f.Add(seal(0, nil))
	f.Add([]byte("motcua 1 1 0 00000000\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		gen, body, err := unseal(b)
		if err == nil && !bytes.Equal(seal(gen, body), b) {
			t.Fatalf("%q is not what seal writes", b)
		}
	})
}

// FuzzSegment: any bytes scan to places that hold whole records of the chain, in
// order and apart, and a mark parses only if it encodes to itself.
func FuzzSegment(f *testing.F) {
	c := chain.ID{1}
	rec, _ := chain.Next(c, 1, chain.Hash{}, sections("a", 5))
	one := encodeFrame(c, 1, 5, rec.Encode())
	rec, _ = chain.Next(c, 2, chain.HashOf(rec.Header), sections("b", 700))
	two := encodeFrame(c, 2, 5, rec.Encode())
	f.Add(append(append([]byte(nil), one...), two...))
	f.Add(append(make([]byte, sector), two...))
	f.Add((&mark{gen: 1, seq: 2}).encode(c))
	f.Add(rec.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		checkScan(t, c, b)
		checkScan(t, c, encodeFrame(c, 1, 0, b)) // with a sum that is right
		if m, ok := parseMark(c, b); ok && !bytes.Equal(m.encode(c)[:markSize], b[:markSize]) {
			t.Fatal("a mark that does not encode to itself")
		}
	})
}

func checkScan(t *testing.T, c chain.ID, b []byte) {
	t.Helper()
	s := &segment{first: 1}
	s.scan(c, b, 1<<63)
	last, end := uint64(0), int64(0)
	for _, p := range s.places {
		if p.seq <= last || int64(p.off) < end || int(p.off)%sector != 0 {
			t.Fatalf("place %+v after %d, %d", p, last, end)
		}
		fr, ok := parseFrame(c, b[p.off:])
		if !ok || fr.seq != p.seq {
			t.Fatalf("no frame at %+v", p)
		}
		if _, _, ok := parseRecord(c, p.seq, fr.payload); !ok {
			t.Fatalf("no record at %+v", p)
		}
		last, end = p.seq, int64(p.off)+int64(p.size)
	}
}

// FuzzState: no bytes in the small files of a chain stop the vault from opening.
func FuzzState(f *testing.F) {
	f.Add("state", []byte(`{"base":1,"acked":2,"segment_size":65536}`))
	f.Add("state", []byte(`{"base":9,"acked":1,"segment_size":-1}`))
	f.Add("gaps", []byte(`[{"bytes":"AA==","sig":""}]`))
	f.Add("mark", []byte("MCM1"))
	f.Add("identity", []byte("{}"))
	f.Add("clock", []byte("-9"))
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		o := testOptions()
		d := NewMemory(64 << 20)
		v := mustOpen(t, d, o)
		mustPair(t, v, 7)
		mustAppend(t, v, "r1", 1)
		mustAppend(t, v, "r2", 1)
		v.Close()
		dir := "outbox/" + testIdentity(7).Chain.String() + "/"
		switch name {
		case "state", "gaps", "identity":
			writeTwice(d, dir+name, body)
		case "mark":
			writeFile(d, dir+name, body)
		case "clock", "disk":
			writeTwice(d, name, body)
		default:
			writeTwice(d, "state", body)
		}
		v = mustOpen(t, d, o)
		for _, st := range v.Outbox().Chains() {
			if _, err := v.Outbox().Unacked(st.Identity.Chain, 0, 10, 1<<20); err != nil && slides.KindOf(err) != slides.Conflict {
				t.Fatal(err)
			}
		}
		_, err := v.Outbox().Append(sections("r3", 1))
		if err != nil && slides.KindOf(err) == slides.Broken {
			t.Fatal(err)
		}
	})
}
