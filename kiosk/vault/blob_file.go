package vault

import "motcua/slides"

// File is a blob's path, for a decoder that must read it by itself. The bytes
// are verified as they are by Get, the first time in this run: a film is too
// large to be read twice before each showing. Kind Invalid where the disk is no
// folder of this machine.
func (s *Blobs) File(sha string) (string, error) {
	const op = "vault.Blobs.File"
	d, ok := s.v.disk.(interface{ Path(name string) string })
	if !ok {
		return "", slides.E(slides.Invalid, op, "Kho này không nằm trên ổ đĩa.", "This vault is not on a disk.", nil)
	}
	s.mu.Lock()
	b := s.have[sha]
	checked := b != nil && b.checked
	s.mu.Unlock()
	if b == nil {
		return "", notHere(op)
	}
	if !checked {
		if err := s.verify(op, sha, b); err != nil {
			return "", err
		}
	}
	return d.Path(blobName(sha)), nil
}

// verify reads a blob a part at a time and sets a damaged one aside.
func (s *Blobs) verify(op, sha string, b *blob) error {
	sum := ""
	f, err := s.v.disk.Open(blobName(sha))
	if err == nil {
		defer f.Close()
		var n int64
		if n, err = f.Size(); err == nil && n == b.size {
			sum, err = sumFile(f, n)
		}
	}
	if err != nil && !missing(err) && !unreadable(err) {
		return broken(op, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.have[sha] != b {
		return notHere(op) // evicted meanwhile
	}
	if sum == sha {
		b.checked = true
		return nil
	}
	return s.damaged(op, sha, b, err)
}
