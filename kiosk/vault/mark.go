package vault

import (
	"encoding/binary"
	"hash/crc32"

	"motcua/slides/chain"
)

// mark says which record was the newest that is known to be on the medium. It
// is written after the record's own Sync and before "Cảm ơn", alternately to
// one of two sectors of the file "mark", 4 KiB apart.
type mark struct {
	gen       uint64
	seq       uint64
	hash      chain.Hash // what header seq+1 points to
	acked     uint64
	ackedHash chain.Hash
	rewinds   uint64 // as in chainState: an older one's acked does not count
}

const (
	markMagic = "MCM1"
	markSize  = 4 + 8 + 8 + 32 + 8 + 32 + 8 + 4
	markStep  = 4096
)

func (m *mark) encode(c chain.ID) []byte {
	b := make([]byte, 0, sector)
	b = append(b, markMagic...)
	b = binary.BigEndian.AppendUint64(b, m.gen)
	b = binary.BigEndian.AppendUint64(b, m.seq)
	b = append(b, m.hash[:]...)
	b = binary.BigEndian.AppendUint64(b, m.acked)
	b = append(b, m.ackedHash[:]...)
	b = binary.BigEndian.AppendUint64(b, m.rewinds)
	b = binary.BigEndian.AppendUint32(b, crc32.Update(crc32.Checksum(c[:], castagnoli), castagnoli, b))
	return b[:sector]
}

func parseMark(c chain.ID, b []byte) (m mark, ok bool) {
	if len(b) < markSize || string(b[:4]) != markMagic {
		return mark{}, false
	}
	sum := crc32.Update(crc32.Checksum(c[:], castagnoli), castagnoli, b[:markSize-4])
	if binary.BigEndian.Uint32(b[markSize-4:]) != sum {
		return mark{}, false
	}
	m.gen = binary.BigEndian.Uint64(b[4:12])
	m.seq = binary.BigEndian.Uint64(b[12:20])
	copy(m.hash[:], b[20:52])
	m.acked = binary.BigEndian.Uint64(b[52:60])
	copy(m.ackedHash[:], b[60:92])
	m.rewinds = binary.BigEndian.Uint64(b[92:100])
	return m, true
}

// readMark returns the newest good mark and how many of the two are good.
func readMark(d Disk, dir string, c chain.ID) (m mark, good int, err error) {
	f, err := d.Open(dir + "/mark")
	if missing(err) {
		return mark{}, 0, nil
	}
	if err != nil {
		return mark{}, 0, err
	}
	defer f.Close()
	for i := range int64(2) {
		b, err := readSectors(f, i*markStep, sector)
		if err != nil {
			return mark{}, 0, err
		}
		if k, ok := parseMark(c, b); ok {
			if good == 0 || k.gen > m.gen {
				m = k
			}
			good++
		}
	}
	return m, good, nil
}

// place is where the mark stands in its file: generations take turns.
func (m *mark) place() int64 { return int64(m.gen%2) * markStep }

// newMarks makes the file "mark" anew with m in both places; it returns the
// newer of the two.
func newMarks(d Disk, dir string, c chain.ID, m mark) (mark, error) {
	b := make([]byte, 2*markStep)
	for range 2 {
		m.gen++
		copy(b[m.place():], m.encode(c))
	}
	return m, writeFile(d, dir+"/mark", b)
}
