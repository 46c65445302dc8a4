package vault

import (
	"fmt"
	"sort"

	"motcua/slides"
)

// setReach names the blobs that the kept manifests need.
func (s *Blobs) setReach(manifests ...*Manifest) {
	reach := map[string]bool{}
	for _, m := range manifests {
		if m != nil {
			for _, b := range m.Blobs {
				reach[b.SHA] = true
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reach = reach
}

// room makes place for n more bytes of blob sha under both bounds: MaxBlobs, and
// what must stay free on the disk. Kind Full where that can't be.
func (s *Blobs) room(op string, n int64, sha string) error {
	for {
		free, err := s.v.disk.Free()
		if err != nil {
			return broken(op, err)
		}
		if s.bytes+n <= s.v.opt.MaxBlobs && n+s.v.opt.Reserve <= free {
			return nil
		}
		if !s.evict(sha) {
			return slides.E(slides.Full, op,
				fmt.Sprintf("Ki-ốt không còn chỗ cho tệp %d byte; hãy giảm nội dung hoặc thay ổ đĩa.", n),
				fmt.Sprintf("The kiosk has no room for a blob of %d bytes; use less content or a larger disk.", n), nil)
		}
	}
}

// shrink evicts until about n bytes are free; false where nothing could go.
func (s *Blobs) shrink(n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	freed := false
	for {
		if free, err := s.v.disk.Free(); err != nil || free >= n {
			return freed
		}
		if !s.evict("") {
			return freed
		}
		freed = true
	}
}

// evict removes the least useful thing that no kept manifest reaches: files set
// aside, then a forgotten download, then the oldest blob. Never blob sha.
func (s *Blobs) evict(sha string) bool {
	if s.trimQuarantine(0) {
		return true
	}
	for p := range s.partial {
		if p != sha && !s.reach[p] && s.dropPartial(p) {
			return true
		}
	}
	oldest := ""
	for k, b := range s.have {
		if k != sha && !s.reach[k] && (oldest == "" || b.order < s.have[oldest].order) {
			oldest = k
		}
	}
	if oldest == "" {
		return false
	}
	if err := s.v.disk.Remove(blobName(oldest)); err != nil && !missing(err) {
		return false
	}
	s.bytes -= s.have[oldest].size
	delete(s.have, oldest)
	return true
}

// quarantine sets a damaged file aside; if it can't be moved it is removed, for
// it must not be found under its name again.
func (s *Blobs) quarantine(name, sha string) {
	s.quarantined++
	s.v.damaged("blob")
	d := s.v.disk
	if err := d.Rename(name, fmt.Sprintf("quarantine/%013d-%s", s.v.opt.Now(), sha)); err != nil && !missing(err) {
		d.Remove(name)
	}
	s.trimQuarantine(maxQuarantine)
}

// trimQuarantine removes the oldest files set aside beyond keep.
func (s *Blobs) trimQuarantine(keep int) bool {
	list, err := s.v.disk.List("quarantine")
	if err != nil {
		return false
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	removed := false
	for _, e := range list[:max(0, len(list)-keep)] {
		removed = s.v.disk.Remove("quarantine/"+e.Name) == nil || removed
	}
	return removed
}

// reserve makes room for n bytes of something else than a blob.
func (s *Blobs) reserve(op string, n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.room(op, n, "")
}
