package vault

import (
	"fmt"
	"sync"

	"motcua/slides"
	"motcua/slides/fonts"
)

// Blobs keeps bytes named by their SHA-256.
type Blobs struct {
	v  *Vault
	mu sync.Mutex
	m  map[string][]byte
	p  map[string][]byte
}

func openBlobs(v *Vault) (*Blobs, error) {
	return &Blobs{v: v, m: map[string][]byte{}, p: map[string][]byte{}}, nil
}

// Put keeps b, whose SHA-256 must be sha (kind Invalid else). Kind Full where
// there is no room even after unreachable blobs are gone.
func (s *Blobs) Put(sha string, b []byte) error {
	if slides.Sum(b) != sha {
		return slides.E(slides.Invalid, "vault.Blobs.Put", "Nội dung tệp không khớp mã.", "The bytes don't match their name.", nil)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[sha] = append([]byte(nil), b...)
	return nil
}

// PutAt adds the next part of a blob being fetched in ranges; off must be what
// Partial says. When the last byte is there the whole is checked: done is true
// for a good one; a wrong one is set aside, and the error is of kind Corrupt:
// fetch from 0 again.
func (s *Blobs) PutAt(ref slides.BlobRef, off int64, b []byte) (done bool, err error) {
	s.mu.Lock()
	p := s.p[ref.SHA]
	if off != int64(len(p)) {
		s.mu.Unlock()
		return false, slides.E(slides.Conflict, "vault.Blobs.PutAt", "Phần tệp không liền nhau.", "The part does not follow.", nil)
	}
	p = append(p, b...)
	s.p[ref.SHA] = p
	done = int64(len(p)) >= ref.Size
	if done {
		delete(s.p, ref.SHA)
	}
	s.mu.Unlock()
	if !done {
		return false, nil
	}
	return true, s.Put(ref.SHA, p)
}

// Partial is how many bytes of a blob PutAt has so far.
func (s *Blobs) Partial(sha string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.p[sha]))
}

// Get returns the blob's bytes, verified. Kind NotFound where it is not there,
// Corrupt where it was damaged and has now been set aside (it counts as missing).
func (s *Blobs) Get(sha string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.m[sha]
	if !ok {
		return nil, slides.E(slides.NotFound, "vault.Blobs.Get", "Không có tệp này.", "No such blob.", nil)
	}
	return b, nil
}

// Has says whether the blob is there.
func (s *Blobs) Has(sha string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.m[sha]
	return ok
}

// Missing lists the blobs of m that are not there.
func (s *Blobs) Missing(m *slides.Manifest) []slides.BlobRef {
	var out []slides.BlobRef
	for _, b := range m.Blobs {
		if !s.Has(b.SHA) {
			out = append(out, b)
		}
	}
	return out
}

// SeedFonts keeps the embedded fonts, so that no kiosk fetches them.
func (s *Blobs) SeedFonts() error {
	all, err := fonts.All()
	if err != nil {
		return err
	}
	for w, b := range all {
		if err := s.Put(slides.Sum(b), b); err != nil {
			return fmt.Errorf("font %d: %w", w, err)
		}
	}
	return nil
}

func (s *Blobs) shrink(int64) bool { return false }
