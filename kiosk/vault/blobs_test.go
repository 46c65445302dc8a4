package vault

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"motcua/slides"
	"motcua/slides/fonts"
)

func TestBlobRanges(t *testing.T) {
	d, o := NewMemory(8<<20), testOptions()
	v := mustOpen(t, d, o)
	b := []byte(strings.Repeat("Một cửa. ", 1000))
	ref := slides.BlobRef{SHA: slides.Sum(b), Size: int64(len(b))}
	if done, err := v.Blobs().PutAt(ref, 0, b[:3000]); done || err != nil {
		t.Fatal(done, err)
	}
	if _, err := v.Blobs().PutAt(ref, 5000, b[5000:]); slides.KindOf(err) != slides.Conflict {
		t.Fatalf("a part that does not follow: %v", err)
	}
	d = d.Reboot(prng(1)) // what was synced stays: the download goes on
	v = mustOpen(t, d, o)
	if at := v.Blobs().Partial(ref.SHA); at != 3000 {
		t.Fatalf("after the power cut %d bytes are there", at)
	}
	if v.Blobs().Has(ref.SHA) {
		t.Fatal("a part counts as a blob")
	}
	if done, err := v.Blobs().PutAt(ref, 3000, b[3000:]); !done || err != nil {
		t.Fatal(done, err)
	}
	d = d.Reboot(prng(2))
	v = mustOpen(t, d, o)
	if got, err := v.Blobs().Get(ref.SHA); err != nil || !bytes.Equal(got, b) {
		t.Fatal(err)
	}
	// A wrong byte shows at the end, and the fetch starts anew.
	bad := append([]byte(nil), b...)
	bad[77] ^= 1
	other := slides.BlobRef{SHA: slides.Sum(append(b, 'x')), Size: int64(len(b) + 1)}
	if _, err := v.Blobs().PutAt(other, 0, append(bad, 'x')); slides.KindOf(err) != slides.Corrupt {
		t.Fatalf("wrong bytes: %v", err)
	}
	if v.Blobs().Partial(other.SHA) != 0 || v.Blobs().Has(other.SHA) || v.Status().Quarantined != 1 {
		t.Fatal("the wrong bytes were not set aside")
	}
	if done, err := v.Blobs().PutAt(other, 0, append(append([]byte(nil), b...), 'x')); !done || err != nil {
		t.Fatal(done, err)
	}
	if _, err := v.Blobs().PutAt(slides.BlobRef{SHA: slides.Sum([]byte("z")), Size: 1}, 0, []byte("zz")); slides.KindOf(err) != slides.TooLarge {
		t.Fatalf("too long: %v", err)
	}
	if err := v.Blobs().Put(slides.Sum([]byte("other")), b); slides.KindOf(err) != slides.Invalid {
		t.Fatalf("wrong name: %v", err)
	}
	empty := slides.BlobRef{SHA: slides.Sum(nil)}
	if done, err := v.Blobs().PutAt(empty, 0, nil); !done || err != nil {
		t.Fatalf("an empty blob: %v %v", done, err)
	}
}

func TestBlobRots(t *testing.T) {
	d := NewMemory(8 << 20)
	v := mustOpen(t, d, testOptions())
	b := []byte("ảnh")
	sha := slides.Sum(b)
	for i, rot := range []func([]byte) []byte{
		func(b []byte) []byte { b[1] ^= 4; return b },
		func(b []byte) []byte { return b[:1] },
		func(b []byte) []byte { return append(b, 0) },
	} {
		if err := v.Blobs().Put(sha, b); err != nil {
			t.Fatal(err)
		}
		d.Damage(blobName(sha), rot)
		if _, err := v.Blobs().Get(sha); slides.KindOf(err) != slides.Corrupt {
			t.Fatalf("rot %d: %v", i, err)
		}
		if v.Blobs().Has(sha) || v.Status().Quarantined != i+1 {
			t.Fatalf("rot %d: still there", i)
		}
		if _, err := v.Blobs().Get(sha); slides.KindOf(err) != slides.NotFound {
			t.Fatalf("rot %d: %v", i, err)
		}
	}
	v.Blobs().Put(sha, b)
	d.SetFault(func(op Op, name string) error {
		if op == OpRead {
			return syscall.EIO
		}
		return nil
	})
	if _, err := v.Blobs().Get(sha); slides.KindOf(err) != slides.Corrupt {
		t.Fatalf("unreadable: %v", err)
	}
}

func TestEviction(t *testing.T) {
	o := testOptions()
	o.MaxBlobs = 1000
	d := NewMemory(8 << 20)
	v := mustOpen(t, d, o)
	blob := func(i int) []byte { return []byte(strings.Repeat(fmt.Sprint(i%10), 100)) }
	m := manifestBytes(t, "e1", 1, blob(0), blob(1))
	v.Manifests().SavePending(m, make([]byte, 64), "e1")
	for i := range 10 {
		if err := v.Blobs().Put(slides.Sum(blob(i)), blob(i)); err != nil {
			t.Fatal(err)
		}
	}
	big := []byte(strings.Repeat("B", 250))
	if err := v.Blobs().Put(slides.Sum(big), big); err != nil {
		t.Fatal(err)
	}
	for i := range 10 { // 2, 3 and 4 are the oldest that nothing reaches
		if has := v.Blobs().Has(slides.Sum(blob(i))); has != (i < 2 || i > 4) {
			t.Errorf("blob %d: %v", i, has)
		}
	}
	huge := []byte(strings.Repeat("H", 900))
	err := v.Blobs().Put(slides.Sum(huge), huge)
	if slides.KindOf(err) != slides.Full || slides.Sentence(err, "vi") == "" {
		t.Fatalf("no room: %v", err)
	}
	if !v.Blobs().Has(slides.Sum(blob(0))) || !v.Blobs().Has(slides.Sum(blob(1))) {
		t.Fatal("a reachable blob is gone")
	}
}

func TestSeedFonts(t *testing.T) {
	all, err := fonts.All()
	if err != nil {
		t.Skip("this build has no fonts: ", err)
	}
	v := mustOpen(t, NewMemory(64<<20), testOptions())
	if err := v.Blobs().SeedFonts(); err != nil {
		t.Fatal(err)
	}
	for w, b := range all {
		if !v.Blobs().Has(slides.Sum(b)) {
			t.Errorf("weight %d is not there", w)
		}
	}
}
