package vault

import (
	"bytes"
	"strings"
	"testing"

	"motcua/slides"
)

var testSig = bytes.Repeat([]byte{7}, 64)

func publish(t *testing.T, v *Vault, epoch string, rev int64, blobs ...string) *Manifest {
	t.Helper()
	var all [][]byte
	for _, b := range blobs {
		all = append(all, []byte(b))
	}
	if _, err := v.Manifests().SavePending(manifestBytes(t, epoch, rev, all...), testSig, epoch); err != nil {
		t.Fatalf("SavePending %d: %v", rev, err)
	}
	for _, b := range all {
		if err := v.Blobs().Put(slides.Sum(b), b); err != nil {
			t.Fatal(err)
		}
	}
	m, err := v.Manifests().Flip()
	if err != nil {
		t.Fatalf("Flip %d: %v", rev, err)
	}
	return m
}

func TestFlipNeedsEveryBlob(t *testing.T) {
	v := mustOpen(t, NewMemory(8<<20), testOptions())
	if _, err := v.Manifests().Flip(); slides.KindOf(err) != slides.NotFound {
		t.Fatalf("nothing pending: %v", err)
	}
	a, b := []byte("a"), []byte("b")
	raw := manifestBytes(t, "e1", 1, a, b)
	m, err := v.Manifests().SavePending(raw, testSig, "e1")
	if err != nil {
		t.Fatal(err)
	}
	v.Blobs().Put(slides.Sum(a), a)
	if _, err := v.Manifests().Flip(); slides.KindOf(err) != slides.Conflict || v.Manifests().Active() != nil {
		t.Fatalf("flipped without a blob: %v", err)
	}
	if miss := v.Blobs().Missing(m.Manifest); len(miss) != 1 || miss[0].SHA != slides.Sum(b) {
		t.Fatalf("missing %v", miss)
	}
	v.Blobs().Put(slides.Sum(b), b)
	if _, err := v.Manifests().Flip(); err != nil {
		t.Fatal(err)
	}
	got := v.Manifests().Active()
	if got.ID != slides.Sum(raw) || !bytes.Equal(got.Bytes, raw) || !bytes.Equal(got.Sig, testSig) || v.Manifests().Pending() != nil {
		t.Fatal("the active manifest is not the one sent")
	}
}

func TestRevisions(t *testing.T) {
	d, o := NewMemory(8<<20), testOptions()
	v := mustOpen(t, d, o)
	publish(t, v, "e1", 5, "five")
	v.Close()
	v = mustOpen(t, d, o)
	newer := bytes.Replace(manifestBytes(t, "e1", 6, []byte("six")), []byte(`"major":1`), []byte(`"major":2`), 1)
	for _, x := range []struct {
		what  string
		b     []byte
		epoch string
		want  slides.ErrKind
	}{
		{"older revision", manifestBytes(t, "e1", 4, []byte("four")), "e1", slides.Conflict},
		{"same revision, other bytes", manifestBytes(t, "e1", 5, []byte("fork")), "e1", slides.Conflict},
		{"epoch that no welcome named", manifestBytes(t, "e2", 9, []byte("x")), "e1", slides.Conflict},
		{"older epoch than the welcome's", manifestBytes(t, "e1", 9, []byte("x")), "e2", slides.Conflict},
		{"newer format", newer, "e1", slides.Newer},
		{"not a manifest", []byte("{"), "e1", slides.Invalid},
		{"the active one again", manifestBytes(t, "e1", 5, []byte("five")), "e1", ""},
	} {
		_, err := v.Manifests().SavePending(x.b, testSig, x.epoch)
		if slides.KindOf(err) != x.want {
			t.Errorf("%s: %v, want kind %q", x.what, err, x.want)
		}
		if err != nil && (slides.Sentence(err, "vi") == "" || slides.Sentence(err, "en") == "") {
			t.Errorf("%s: no sentence", x.what)
		}
		if v.Manifests().Active().Revision != 5 || v.Manifests().Pending() != nil {
			t.Fatalf("%s: what was there did not stay", x.what)
		}
	}
	// A restored server: another epoch, lower revisions.
	if m := publish(t, v, "e2", 1, "new life"); m.Revision != 1 || v.Manifests().Previous().Revision != 5 {
		t.Fatal("the new epoch was not taken")
	}
}

func TestDamagedManifests(t *testing.T) {
	for _, x := range []struct {
		what   string
		damage func(d *Memory, active, previous string)
		want   int64 // active revision after Open; 0: none
	}{
		{"active", func(d *Memory, a, p string) { flipBit(d, manifestName(a)) }, 1},
		{"active's signature cut", func(d *Memory, a, p string) { d.Remove(manifestName(a) + ".sig") }, 1},
		{"both", func(d *Memory, a, p string) { flipBit(d, manifestName(a)); flipBit(d, manifestName(p)) }, 0},
		{"one copy of the state", func(d *Memory, a, p string) { flipBit(d, "state.1") }, 2},
		{"other copy of the state", func(d *Memory, a, p string) { flipBit(d, "state.2") }, 2},
		{"state", func(d *Memory, a, p string) { flipBit(d, "state.1"); flipBit(d, "state.2") }, 2},
		{"state and active", func(d *Memory, a, p string) {
			flipBit(d, "state.1")
			flipBit(d, "state.2")
			flipBit(d, manifestName(a))
		}, 1},
	} {
		d, o := NewMemory(8<<20), testOptions()
		v := mustOpen(t, d, o)
		p := publish(t, v, "e1", 1, "one")
		a := publish(t, v, "e1", 2, "two")
		v.Close()
		x.damage(d, a.ID, p.ID)
		for range 3 { // and again: no crash loop, no new damage
			v = mustOpen(t, d, o)
			got := int64(0)
			if m := v.Manifests().Active(); m != nil {
				got = m.Revision
			}
			if got != x.want {
				t.Errorf("%s: active is %d, want %d", x.what, got, x.want)
			}
			v.Close()
		}
		// The server pushes the same manifest again.
		v = mustOpen(t, d, o)
		if _, err := v.Manifests().SavePending(a.Bytes, a.Sig, "e1"); err != nil {
			t.Fatalf("%s: the server's manifest again: %v", x.what, err)
		}
		if v.Manifests().Pending() != nil {
			if _, err := v.Manifests().Flip(); err != nil {
				t.Fatalf("%s: %v", x.what, err)
			}
		}
		if v.Manifests().Active().ID != a.ID {
			t.Errorf("%s: not mended", x.what)
		}
		if !strings.Contains(x.what, "state") {
			if _, err := v.Manifests().SavePending(manifestBytes(t, "e1", 1, []byte("one")), testSig, "e1"); slides.KindOf(err) != slides.Conflict {
				t.Errorf("%s: the older revision was taken: %v", x.what, err)
			}
		}
	}
}

func flipBit(d *Memory, name string) {
	if err := d.Damage(name, func(b []byte) []byte { b[len(b)/2] ^= 1; return b }); err != nil {
		panic(err)
	}
}
