package vault

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"motcua/slides"
)

// Manifest is a kept manifest with its bytes and the server's signature over
// them. It is shared: read only.
type Manifest struct {
	*slides.Manifest
	ID         string // SHA-256 of Bytes
	Bytes, Sig []byte // as sent
}

// Manifests holds the previous, the active and the pending manifest.
type Manifests struct {
	v                         *Vault
	mu                        sync.Mutex
	state                     manifestState // guarded by mu
	previous, active, pending *Manifest     // guarded by mu
}

// manifestState is the twice-written file "state". Newest, Revision and Epoch
// are those of the newest manifest taken: nothing older is taken after it, even
// if its own file is lost.
type manifestState struct {
	Epoch    string `json:"epoch"`
	Revision int64  `json:"revision"`
	Newest   string `json:"newest"`
	Previous string `json:"previous,omitempty"`
	Active   string `json:"active,omitempty"`
	Pending  string `json:"pending,omitempty"`
}

func manifestName(id string) string { return "manifests/" + id }

func openManifests(v *Vault) (*Manifests, error) {
	s := &Manifests{v: v}
	raw, err := readTwice(v.disk, "state")
	if err == nil {
		err = json.Unmarshal(raw, &s.state)
	}
	if err != nil {
		s.state = manifestState{}
		if !missing(err) {
			v.damaged("state")
			if s.state, err = s.search(); err != nil {
				return nil, err
			}
		}
	}
	for _, x := range []struct {
		to *(*Manifest)
		id string
	}{{&s.previous, s.state.Previous}, {&s.active, s.state.Active}, {&s.pending, s.state.Pending}} {
		if *x.to, err = s.read(x.id); err != nil {
			return nil, err
		}
	}
	return s, s.settle()
}

// settle falls back where the active manifest is lost: to the previous, else to
// a complete pending one, and sweeps files that nothing names.
func (s *Manifests) settle() error {
	v := s.v
	v.blobs.setReach(s.previous, s.active, s.pending)
	st := s.state
	if s.active == nil && s.previous != nil {
		s.active, s.previous = s.previous, nil
	}
	if s.active == nil && s.pending != nil && len(v.blobs.Missing(s.pending.Manifest)) == 0 {
		s.active, s.pending = s.pending, nil
	}
	st.Previous, st.Active, st.Pending = idOf(s.previous), idOf(s.active), idOf(s.pending)
	if st != s.state {
		if err := s.save(st); err != nil && !full(err) {
			return err
		}
		s.state = st
	}
	s.sweep()
	return nil
}

func idOf(m *Manifest) string {
	if m == nil {
		return ""
	}
	return m.ID
}

// read loads a kept manifest; nil where it is lost or damaged (then set aside).
func (s *Manifests) read(id string) (*Manifest, error) {
	if id == "" {
		return nil, nil
	}
	b, err := readFile(s.v.disk, manifestName(id), slides.MaxManifest)
	var sig []byte
	if err == nil {
		sig, err = readFile(s.v.disk, manifestName(id)+".sig", ed25519.SignatureSize)
	}
	if err != nil && !missing(err) && !unreadable(err) && slides.KindOf(err) != slides.TooLarge {
		return nil, err
	}
	if err == nil && slides.Sum(b) == id {
		m, perr := slides.ParseManifest(b)
		if perr == nil {
			return &Manifest{m, id, b, sig}, nil
		}
		if slides.KindOf(perr) == slides.Newer { // the program was put back to an older version
			return nil, nil
		}
	}
	s.v.damaged("manifest")
	s.v.blobs.mu.Lock()
	defer s.v.blobs.mu.Unlock()
	s.v.blobs.quarantine(manifestName(id), id)
	return nil, nil
}

// search finds what the lost state named: the newest complete manifest.
func (s *Manifests) search() (manifestState, error) {
	list, err := s.v.disk.List("manifests")
	if err != nil {
		return manifestState{}, err
	}
	var best *Manifest
	for _, e := range list {
		if !slides.ValidSHA(e.Name) {
			continue
		}
		m, err := s.read(e.Name)
		if err != nil {
			return manifestState{}, err
		}
		if m != nil && len(s.v.blobs.Missing(m.Manifest)) == 0 && (best == nil || m.Issued > best.Issued ||
			m.Epoch == best.Epoch && m.Revision > best.Revision) {
			best = m
		}
	}
	if best == nil {
		return manifestState{}, nil
	}
	return manifestState{Epoch: best.Epoch, Revision: best.Revision, Newest: best.ID, Active: best.ID}, nil
}

func (s *Manifests) save(st manifestState) error {
	raw, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return writeTwice(s.v.disk, "state", raw)
}

// sweep removes manifests that the state does not name; what it can't remove now
// it will the next time.
func (s *Manifests) sweep() {
	list, err := s.v.disk.List("manifests")
	if err != nil {
		return
	}
	for _, e := range list {
		id := strings.TrimSuffix(e.Name, ".sig")
		if id != s.state.Previous && id != s.state.Active && id != s.state.Pending {
			s.v.disk.Remove("manifests/" + e.Name)
		}
	}
}

// SavePending keeps a manifest durably; the caller has checked sig, the class,
// and that epoch is the one that the newest signed welcome named. Kind Conflict:
// the manifest is of another epoch, of an older revision than was taken before
// in this epoch, or of the same revision with other bytes (a fork). Kind Newer:
// a format that this program can't read. Kind Full: no room. After an error what
// was there stays. The manifest that is active or pending again is no error.
// Save before its blobs are put, so that they count as reachable.
func (s *Manifests) SavePending(b, sig []byte, epoch string) (*Manifest, error) {
	const op = "vault.SavePending"
	parsed, err := slides.ParseManifest(b)
	if err != nil {
		return nil, err
	}
	if len(sig) != ed25519.SignatureSize {
		return nil, slides.E(slides.Invalid, op, "Thiếu chữ ký của bản phát hành.", "The manifest's signature is missing.", nil)
	}
	m := &Manifest{parsed, slides.Sum(b), append([]byte(nil), b...), append([]byte(nil), sig...)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mayFollow(op, m, epoch); err != nil {
		return nil, err
	}
	st := s.state
	st.Epoch, st.Revision, st.Newest = m.Epoch, m.Revision, m.ID
	pending := m
	if s.active != nil && s.active.ID == m.ID {
		if s.pending == nil {
			return s.active, nil
		}
		pending = nil // the server took the pending one back
	} else if s.pending != nil && s.pending.ID == m.ID {
		return s.pending, nil
	}
	st.Pending = idOf(pending)
	if pending != nil {
		if err := s.v.blobs.reserve(op, int64(len(b))); err != nil {
			return nil, err
		}
		if err := writeFile(s.v.disk, manifestName(m.ID)+".sig", m.Sig); err != nil {
			return nil, broken(op, err)
		}
		if err := writeFile(s.v.disk, manifestName(m.ID), m.Bytes); err != nil {
			return nil, broken(op, err)
		}
	}
	if err := s.save(st); err != nil {
		return nil, broken(op, err)
	}
	s.state, s.pending = st, pending
	s.v.blobs.setReach(s.previous, s.active, s.pending)
	s.sweep()
	return m, nil
}

// mayFollow says whether m may be taken after what was taken so far.
func (s *Manifests) mayFollow(op string, m *Manifest, epoch string) error {
	st := s.state
	switch {
	case m.Epoch != epoch:
		return slides.E(slides.Conflict, op,
			fmt.Sprintf("Bản phát hành thuộc kỷ nguyên %s, máy chủ đang ở %s; không nhận.", m.Epoch, epoch),
			fmt.Sprintf("The manifest is of epoch %s, the server's is %s; it was not taken.", m.Epoch, epoch), nil)
	case m.Epoch != st.Epoch:
		return nil
	case m.Revision < st.Revision:
		return slides.E(slides.Conflict, op,
			fmt.Sprintf("Bản phát hành số %d cũ hơn bản %d đã nhận; không nhận.", m.Revision, st.Revision),
			fmt.Sprintf("Revision %d is older than %d, which was taken already; it was not taken.", m.Revision, st.Revision), nil)
	case m.Revision == st.Revision && m.ID != st.Newest && st.Newest != "":
		return slides.E(slides.Conflict, op,
			fmt.Sprintf("Có hai bản phát hành khác nhau cùng số %d; giữ bản đã nhận.", m.Revision),
			fmt.Sprintf("Two different manifests have revision %d; the one taken first stays.", m.Revision), nil)
	}
	return nil
}

// Flip makes the pending manifest the active one, durably and at once; a crash
// leaves either the one or the other. Kind NotFound: none is pending; kind
// Conflict: a blob of it is missing.
func (s *Manifests) Flip() (*Manifest, error) {
	const op = "vault.Flip"
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		return nil, slides.E(slides.NotFound, op, "Không có bản phát hành nào đang chờ.", "No manifest is pending.", nil)
	}
	if n := len(s.v.blobs.Missing(s.pending.Manifest)); n > 0 {
		return nil, slides.E(slides.Conflict, op, fmt.Sprintf("Bản phát hành chờ còn thiếu %d tệp.", n),
			fmt.Sprintf("The pending manifest lacks %d blobs.", n), nil)
	}
	st := s.state
	st.Previous, st.Active, st.Pending = st.Active, st.Pending, ""
	if err := s.save(st); err != nil {
		return nil, broken(op, err)
	}
	s.state = st
	s.previous, s.active, s.pending = s.active, s.pending, nil
	s.v.blobs.setReach(s.previous, s.active)
	s.sweep()
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
