//go:build linux

package vault

import (
	"bytes"
	"os"
	"testing"

	"motcua/slides"
)

func TestBlobFile(t *testing.T) {
	v, err := OpenFolder(t.TempDir(), testOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b := bytes.Repeat([]byte("phim "), 5000)
	sha := slides.Sum(b)
	if _, err := v.Blobs().File(sha); slides.KindOf(err) != slides.NotFound {
		t.Errorf("one that is not there: %v", err)
	}
	if err := v.Blobs().Put(sha, b); err != nil {
		t.Fatal(err)
	}
	path, err := v.Blobs().File(sha)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, b) {
		t.Error("the path leads to other bytes", err)
	}
	rotten := append(bytes.Clone(b), 'x')
	other := slides.Sum(rotten)
	if err := v.Blobs().Put(other, rotten); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(v.disk.(*Folder).Path(blobName(other)), append(bytes.Clone(b), 'y'), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Blobs().File(other); slides.KindOf(err) != slides.Corrupt || v.Blobs().Has(other) {
		t.Errorf("a rotten one: %v", err)
	}
	m := mustOpen(t, NewMemory(8<<20), testOptions())
	if err := m.Blobs().Put(sha, b); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Blobs().File(sha); slides.KindOf(err) != slides.Invalid {
		t.Errorf("in memory: %v", err)
	}
}
