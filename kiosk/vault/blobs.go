package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"

	"motcua/slides"
	"motcua/slides/fonts"
)

// Blobs keeps bytes named by their SHA-256. What no kept manifest reaches is
// evicted, oldest first, when room is needed; what one reaches never is.
type Blobs struct {
	v           *Vault
	mu          sync.Mutex
	have        map[string]*blob // guarded by mu
	partial     map[string]int64 // guarded by mu: bytes fetched so far
	reach       map[string]bool  // guarded by mu: named by a kept manifest
	bytes       int64            // guarded by mu: of have and partial
	quarantined int              // guarded by mu: files set aside since Open
	next        uint64           // guarded by mu: order of arrival
	folders     map[string]bool  // guarded by mu: known to be durable
}

type blob struct {
	size    int64
	order   uint64
	checked bool // guarded by Blobs.mu: File has read it
}

// maxQuarantine is how many damaged files are kept for a look.
const maxQuarantine = 8

func blobName(sha string) string { return "blobs/" + sha[:2] + "/" + sha }

func openBlobs(v *Vault) (*Blobs, error) {
	s := &Blobs{v: v, have: map[string]*blob{}, partial: map[string]int64{}, reach: map[string]bool{}, folders: map[string]bool{}}
	dirs, err := v.disk.List("blobs")
	if err != nil {
		return nil, err
	}
	type found struct {
		sha string
		Entry
	}
	var all []found
	for _, dir := range dirs {
		list, err := v.disk.List("blobs/" + dir.Name)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			switch {
			case slides.ValidSHA(e.Name) && strings.HasPrefix(e.Name, dir.Name):
				all = append(all, found{e.Name, e})
			default: // half written when the power failed
				if err := v.disk.Remove("blobs/" + dir.Name + "/" + e.Name); err != nil && !missing(err) {
					return nil, err
				}
			}
		}
	}
	sort.Slice(all, func(i, j int) bool {
		return all[i].Modified < all[j].Modified || all[i].Modified == all[j].Modified && all[i].sha < all[j].sha
	})
	for _, f := range all {
		s.add(f.sha, f.Size)
	}
	list, err := v.disk.List("partial")
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		if slides.ValidSHA(e.Name) && s.have[e.Name] == nil {
			s.partial[e.Name] = e.Size
			s.bytes += e.Size
		} else if err := v.disk.Remove("partial/" + e.Name); err != nil && !missing(err) {
			return nil, err
		}
	}
	return s, nil
}

func (s *Blobs) add(sha string, size int64) {
	if s.have[sha] != nil {
		return
	}
	s.next++
	s.have[sha] = &blob{size: size, order: s.next}
	s.bytes += size
}

// Put keeps b, whose SHA-256 must be sha (kind Invalid else). It returns once b
// is durable; a blob that is there already costs nothing. Kind Full where there
// is no room even after unreachable blobs are gone.
func (s *Blobs) Put(sha string, b []byte) error {
	const op = "vault.Blobs.Put"
	if slides.Sum(b) != sha {
		return slides.E(slides.Invalid, op, "Nội dung tệp không khớp mã SHA-256.", "The bytes don't match their SHA-256.", nil)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.have[sha] != nil {
		return nil
	}
	err := s.room(op, int64(len(b)), sha)
	if err == nil {
		err = s.folder(sha)
	}
	if err == nil {
		err = writeFile(s.v.disk, blobName(sha), b)
	}
	if err != nil {
		return broken(op, err)
	}
	s.add(sha, int64(len(b)))
	s.dropPartial(sha) // its space; what stays is swept at the next Open
	return nil
}

// folder makes the blob's folder durable.
func (s *Blobs) folder(sha string) error {
	if s.folders[sha[:2]] {
		return nil
	}
	if err := s.v.disk.MakeDir("blobs/" + sha[:2]); err != nil {
		return err
	}
	if err := s.v.disk.SyncDir("blobs"); err != nil {
		return err
	}
	s.folders[sha[:2]] = true
	return nil
}

// PutAt adds the next part of a blob being fetched in ranges; off must be what
// Partial says, also after a restart. When the last byte is there the whole is
// checked: done is true for a good one; a wrong one is set aside, Partial is 0
// again, and the error is of kind Corrupt: fetch anew. Kind Conflict: another
// offset, kind TooLarge: more bytes than ref names, kind Full: no room.
func (s *Blobs) PutAt(ref slides.BlobRef, off int64, b []byte) (done bool, err error) {
	const op = "vault.Blobs.PutAt"
	if !slides.ValidSHA(ref.SHA) {
		return false, slides.E(slides.Invalid, op, "Mã tệp không hợp lệ.", "The blob's name is not valid.", nil)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.have[ref.SHA] != nil {
		return true, nil
	}
	at := s.partial[ref.SHA]
	if off != at {
		return false, slides.E(slides.Conflict, op, fmt.Sprintf("Đã có %d byte của tệp, phần gửi đến bắt đầu ở %d.", at, off),
			fmt.Sprintf("%d bytes of the blob are here, the part begins at %d.", at, off), nil)
	}
	if off+int64(len(b)) > ref.Size {
		s.dropPartial(ref.SHA)
		return false, slides.E(slides.TooLarge, op, "Tệp tải về dài hơn đã khai báo.", "The blob is longer than was stated.", nil)
	}
	if err := s.room(op, int64(len(b)), ref.SHA); err != nil {
		return false, err
	}
	name := "partial/" + ref.SHA
	var f File
	if at == 0 {
		f, err = s.v.disk.Create(name)
	} else {
		f, err = s.v.disk.Open(name)
	}
	if err != nil {
		return false, broken(op, err)
	}
	defer f.Close()
	if _, err := f.WriteAt(b, off); err != nil {
		return false, broken(op, err)
	}
	if err := f.Sync(); err != nil {
		return false, broken(op, err)
	}
	s.partial[ref.SHA] = off + int64(len(b))
	s.bytes += int64(len(b))
	if s.partial[ref.SHA] < ref.Size {
		if at == 0 {
			return false, broken(op, s.v.disk.SyncDir("partial"))
		}
		return false, nil
	}
	return s.finish(op, ref.SHA, f)
}

// finish checks a blob whose last byte has come and gives it its name.
func (s *Blobs) finish(op, sha string, f File) (bool, error) {
	name, size := "partial/"+sha, s.partial[sha]
	sum, err := sumFile(f, size)
	if err != nil && !unreadable(err) {
		return false, broken(op, err)
	}
	if sum != sha {
		s.quarantine(name, sha)
		delete(s.partial, sha)
		s.bytes -= size
		return false, slides.E(slides.Corrupt, op, "Tệp tải về sai mã SHA-256; sẽ tải lại.", "The fetched blob has a wrong SHA-256; fetch it again.", nil)
	}
	d := s.v.disk
	if err := s.folder(sha); err != nil {
		return false, broken(op, err)
	}
	if err := d.Rename(name, blobName(sha)); err != nil {
		return false, broken(op, err)
	}
	delete(s.partial, sha)
	s.bytes -= size
	if err := d.SyncDir("blobs/" + sha[:2]); err != nil {
		return false, broken(op, err)
	}
	if err := d.SyncDir("partial"); err != nil {
		return false, broken(op, err)
	}
	s.add(sha, size)
	return true, nil
}

// sumFile is the SHA-256 of the first size bytes of f, read a part at a time.
func sumFile(f File, size int64) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, size)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Partial is how many bytes of a blob PutAt has so far.
func (s *Blobs) Partial(sha string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.partial[sha]
}

func (s *Blobs) dropPartial(sha string) bool {
	size, ok := s.partial[sha]
	if !ok {
		return false
	}
	if err := s.v.disk.Remove("partial/" + sha); err != nil && !missing(err) {
		return false
	}
	delete(s.partial, sha)
	s.bytes -= size
	return true
}

// Get returns the blob's bytes, verified against its name. Kind NotFound where
// it is not there; kind Corrupt where it was damaged, and is now set aside and
// counts as missing, to be fetched again.
func (s *Blobs) Get(sha string) ([]byte, error) {
	const op = "vault.Blobs.Get"
	s.mu.Lock()
	b := s.have[sha]
	s.mu.Unlock()
	if b == nil {
		return nil, notHere(op)
	}
	raw, err := readFile(s.v.disk, blobName(sha), b.size)
	if err == nil && slides.Sum(raw) == sha {
		return raw, nil
	}
	if err != nil && !missing(err) && !unreadable(err) && slides.KindOf(err) != slides.TooLarge {
		return nil, broken(op, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.have[sha] != b {
		return nil, notHere(op) // evicted meanwhile
	}
	return nil, s.damaged(op, sha, b, err)
}

func notHere(op string) error {
	return slides.E(slides.NotFound, op, "Ki-ốt không có tệp này.", "The kiosk does not have this blob.", nil)
}

// damaged sets a blob aside, to be fetched again. s.mu is held.
func (s *Blobs) damaged(op, sha string, b *blob, err error) error {
	s.quarantine(blobName(sha), sha)
	delete(s.have, sha)
	s.bytes -= b.size
	return slides.E(slides.Corrupt, op, "Tệp trên ki-ốt bị hỏng, đã cách ly và sẽ tải lại.", "A blob on the kiosk is damaged; it was set aside and will be fetched again.", err)
}

// Has says whether the blob is there.
func (s *Blobs) Has(sha string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.have[sha] != nil
}

// Missing lists the blobs of m that are not there, or not of the stated size.
func (s *Blobs) Missing(m *slides.Manifest) []slides.BlobRef {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []slides.BlobRef
	for _, r := range m.Blobs {
		b := s.have[r.SHA]
		if b != nil && b.size != r.Size {
			s.quarantine(blobName(r.SHA), r.SHA)
			delete(s.have, r.SHA)
			s.bytes -= b.size
			b = nil
		}
		if b == nil {
			out = append(out, r)
		}
	}
	return out
}

// SeedFonts keeps the embedded fonts, so that no kiosk has to fetch them.
func (s *Blobs) SeedFonts() error {
	all, err := fonts.All()
	if err != nil {
		return err
	}
	for _, b := range all {
		if err := s.Put(slides.Sum(b), b); err != nil {
			return err
		}
	}
	return nil
}

func (s *Blobs) totals() (bytes int64, quarantined int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes, s.quarantined
}
