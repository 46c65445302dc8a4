// Package chain is the signed rating chain: it lets anyone check, offline and
// years later, that no rating up to the last signed head is missing or altered,
// while any section of a rating can be withheld or erased.
//
// A rating is a Record: a Header, and Sections kept apart from it. The header
// holds SHA-256(salt ‖ body) of each section, the chain's id, the record's seq
// (from 1, without holes) and the hash of the header before it. Header 1 points
// to Genesis, which binds the chain to the kiosk's key. A batch ends with a
// Head (chain, seq, hash of the newest header, moment) signed with Ed25519;
// damage becomes a signed Gap, which takes the place of the headers From..To.
//
// Layouts, integers big-endian:
//
//	header  "MCH1" chain[16] seq[8] prev[32] n[1] n×(kind[1] hash[32])
//	head    "MCT1" chain[16] seq[8] hash[32] at[8]
//	gap     "MCG1" chain[16] from[8] to[8] prev[32] next[32] at[8] reason[1] note (UTF-8, at most 200 bytes)
//
// What is signed is a context string, a zero byte, and the layout's bytes.
// Bytes are kept as they came and never encoded again.
package chain

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"motcua/slides"
)

// ID names a chain; a pairing makes one.
type ID [16]byte

func (c ID) String() string { return hex.EncodeToString(c[:]) }

// MarshalText writes hexadecimal.
func (c ID) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads hexadecimal.
func (c *ID) UnmarshalText(b []byte) error {
	if len(b) != 32 {
		return fmt.Errorf("chain: id has %d characters, want 32", len(b))
	}
	_, err := hex.Decode(c[:], b)
	return err
}

// Hash is a SHA-256.
type Hash [32]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads hexadecimal.
func (h *Hash) UnmarshalText(b []byte) error {
	if len(b) != 64 {
		return fmt.Errorf("chain: hash has %d characters, want 64", len(b))
	}
	_, err := hex.Decode(h[:], b)
	return err
}

// Kind is a section's kind: each can be withheld on its own.
type Kind byte

// The sections: core answers (with place and hour), the exact moment, Phần A
// (who the citizen is), free text; of a letter also how to reach its writer.
const (
	Core    Kind = 1
	Moment  Kind = 2
	PartA   Kind = 3
	Free    Kind = 4
	Contact Kind = 5
)

// SaltSize keeps a section's hash from being guessed from its few possible bodies.
const SaltSize = 16

// Limits of one record. A "đầy đủ" rating with free text stays below 8 KiB.
const (
	MaxSections = 8
	MaxBody     = 16 << 10
	MaxRecord   = 32 << 10
)

// Section is one part of a rating, kept apart from the header.
type Section struct {
	Kind Kind   `json:"kind"`
	Salt []byte `json:"salt"` // SaltSize bytes
	Body []byte `json:"body"` // JSON, as the kiosk wrote it
}

// NewSection salts a body.
func NewSection(kind Kind, body []byte) Section {
	salt := make([]byte, SaltSize)
	rand.Read(salt) // never fails (crypto/rand)
	return Section{Kind: kind, Salt: salt, Body: body}
}

// Hash is SHA-256(salt ‖ body).
func (s *Section) Hash() Hash {
	h := sha256.New()
	h.Write(s.Salt)
	h.Write(s.Body)
	return Hash(h.Sum(nil))
}

// SectionHash is what a header keeps of a section.
type SectionHash struct {
	Kind Kind
	Hash Hash
}

// Header is one link of the chain.
type Header struct {
	Chain    ID
	Seq      uint64
	Prev     Hash
	Sections []SectionHash
}

const (
	headerMagic = "MCH1"
	headMagic   = "MCT1"
	gapMagic    = "MCG1"
	headerFixed = 4 + 16 + 8 + 32 + 1
)

// Encode writes the header's bytes.
func (h *Header) Encode() []byte {
	b := make([]byte, 0, headerFixed+33*len(h.Sections))
	b = append(b, headerMagic...)
	b = append(b, h.Chain[:]...)
	b = binary.BigEndian.AppendUint64(b, h.Seq)
	b = append(b, h.Prev[:]...)
	b = append(b, byte(len(h.Sections)))
	for _, s := range h.Sections {
		b = append(b, byte(s.Kind))
		b = append(b, s.Hash[:]...)
	}
	return b
}

// ParseHeader reads a header; trailing bytes, a zero seq, unordered or doubled
// kinds are errors, so that one header has one encoding.
func ParseHeader(b []byte) (Header, error) {
	bad := func(what string) (Header, error) {
		return Header{}, slides.E(slides.Invalid, "chain.ParseHeader", "Bản ghi phiếu không đọc được: "+what, "The rating's header can't be read: "+what, nil)
	}
	if len(b) < headerFixed || string(b[:4]) != headerMagic {
		return bad("magic")
	}
	var h Header
	copy(h.Chain[:], b[4:20])
	h.Seq = binary.BigEndian.Uint64(b[20:28])
	copy(h.Prev[:], b[28:60])
	n := int(b[60])
	if h.Seq == 0 || h.Seq > 1<<62 {
		return bad("seq")
	}
	if n == 0 || n > MaxSections || len(b) != headerFixed+33*n {
		return bad("length")
	}
	h.Sections = make([]SectionHash, n)
	for i := range n {
		p := b[headerFixed+33*i:]
		h.Sections[i].Kind = Kind(p[0])
		copy(h.Sections[i].Hash[:], p[1:33])
		if i > 0 && h.Sections[i].Kind <= h.Sections[i-1].Kind {
			return bad("order of sections")
		}
	}
	return h, nil
}

// HashOf is the hash of a header's bytes: the next header's Prev.
func HashOf(header []byte) Hash { return sha256.Sum256(header) }

// RatingID is the rating's id: the first 16 bytes of its header's hash. It
// holds no time; order is seq.
func RatingID(header Hash) [16]byte { return [16]byte(header[:16]) }

// Genesis is what header 1 points to.
func Genesis(c ID, key ed25519.PublicKey) Hash {
	h := sha256.New()
	h.Write([]byte("motcua/chain/genesis/1\x00"))
	h.Write(c[:])
	h.Write(key)
	return Hash(h.Sum(nil))
}

// Record is a header as bytes with the sections that are there.
type Record struct {
	Header   []byte    `json:"header"`
	Sections []Section `json:"sections"`
}

// Next makes the record that follows prev with the given sections, which must
// be in order of kind.
func Next(c ID, seq uint64, prev Hash, sections []Section) (Record, Hash) {
	h := Header{Chain: c, Seq: seq, Prev: prev}
	for i := range sections {
		h.Sections = append(h.Sections, SectionHash{sections[i].Kind, sections[i].Hash()})
	}
	b := h.Encode()
	return Record{Header: b, Sections: sections}, HashOf(b)
}

// Check parses the record's header and checks that every section present
// belongs to it and is within limits. Sections may be missing (withheld).
func (r *Record) Check() (Header, error) {
	h, err := ParseHeader(r.Header)
	if err != nil {
		return h, err
	}
	bad := func(vi, en string) (Header, error) {
		return h, slides.E(slides.Invalid, "chain.Record.Check", vi, en, nil)
	}
	if len(r.Sections) > len(h.Sections) {
		return bad("Phiếu có thừa phần.", "The rating has too many sections.")
	}
	i, size := 0, len(r.Header)
	for k := range r.Sections {
		s := &r.Sections[k]
		for i < len(h.Sections) && h.Sections[i].Kind != s.Kind {
			i++
		}
		if i == len(h.Sections) {
			return bad("Phiếu có phần không thuộc bản ghi.", "A section does not belong to the header.")
		}
		if len(s.Salt) != SaltSize || len(s.Body) > MaxBody {
			return bad("Một phần của phiếu sai kích thước.", "A section has a wrong size.")
		}
		if size += len(s.Salt) + len(s.Body) + sectionFraming; size > MaxRecord-recordFraming {
			return bad("Phiếu quá lớn (tối đa 32 KiB).", "The rating is too large (32 KiB at most).")
		}
		if s.Hash() != h.Sections[i].Hash {
			return bad("Nội dung phiếu không khớp với chuỗi ký.", "A section does not match its hash in the chain.")
		}
		i++
	}
	return h, nil
}

// What Encode adds at most to a record's header, salts and bodies: it keeps a
// record that passes Check readable by ParseRecord.
const (
	recordFraming  = 3 + 1
	sectionFraming = 1 + 1 + 3
)

// Encode writes a record for the disk: uvarint-framed header, then per section
// kind, salt and body.
func (r *Record) Encode() []byte {
	b := binary.AppendUvarint(nil, uint64(len(r.Header)))
	b = append(b, r.Header...)
	b = append(b, byte(len(r.Sections)))
	for _, s := range r.Sections {
		b = append(b, byte(s.Kind))
		b = binary.AppendUvarint(b, uint64(len(s.Salt)))
		b = append(b, s.Salt...)
		b = binary.AppendUvarint(b, uint64(len(s.Body)))
		b = append(b, s.Body...)
	}
	return b
}

// ParseRecord reads what Encode wrote. It does not Check. The record shares b's
// memory.
func ParseRecord(b []byte) (Record, error) {
	bad := slides.E(slides.Corrupt, "chain.ParseRecord", "Bản ghi phiếu bị hỏng.", "The rating's record is damaged.", nil)
	if len(b) > MaxRecord {
		return Record{}, bad
	}
	take := func() ([]byte, bool) {
		n, k := binary.Uvarint(b)
		if k <= 0 || n > uint64(len(b)-k) {
			return nil, false
		}
		out := b[k : k+int(n)]
		b = b[k+int(n):]
		return out, true
	}
	var r Record
	var ok bool
	if r.Header, ok = take(); !ok || len(b) == 0 || int(b[0]) > MaxSections {
		return Record{}, bad
	}
	n := int(b[0])
	b = b[1:]
	for range n {
		if len(b) == 0 {
			return Record{}, bad
		}
		s := Section{Kind: Kind(b[0])}
		b = b[1:]
		if s.Salt, ok = take(); !ok {
			return Record{}, bad
		}
		if s.Body, ok = take(); !ok {
			return Record{}, bad
		}
		r.Sections = append(r.Sections, s)
	}
	if len(b) != 0 {
		return Record{}, bad
	}
	return r, nil
}
