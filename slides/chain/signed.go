package chain

import (
	"crypto/ed25519"
	"encoding/binary"
	"unicode/utf8"

	"motcua/slides"
)

const (
	headContext = "motcua/chain/head/1\x00"
	gapContext  = "motcua/chain/gap/1\x00"
)

// Head says which header was the newest at a moment.
type Head struct {
	Chain ID
	Seq   uint64
	Hash  Hash
	At    slides.Millis
}

// Signed is a head's or gap's bytes with the Ed25519 signature over them.
type Signed struct {
	Bytes []byte `json:"bytes"`
	Sig   []byte `json:"sig"`
}

// Encode writes the head's bytes.
func (h *Head) Encode() []byte {
	b := append(make([]byte, 0, 68), headMagic...)
	b = append(b, h.Chain[:]...)
	b = binary.BigEndian.AppendUint64(b, h.Seq)
	b = append(b, h.Hash[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(h.At))
}

// ParseHead reads a head's bytes without checking a signature.
func ParseHead(b []byte) (Head, error) {
	if len(b) != 68 || string(b[:4]) != headMagic {
		return Head{}, slides.E(slides.Invalid, "chain.ParseHead", "Đầu chuỗi không đọc được.", "The chain's head can't be read.", nil)
	}
	h := Head{Seq: binary.BigEndian.Uint64(b[20:28]), At: slides.Millis(binary.BigEndian.Uint64(b[60:68]))}
	copy(h.Chain[:], b[4:20])
	copy(h.Hash[:], b[28:60])
	return h, nil
}

// Sign signs the head.
func (h *Head) Sign(key ed25519.PrivateKey) Signed {
	b := h.Encode()
	return Signed{b, ed25519.Sign(key, append([]byte(headContext), b...))}
}

// OpenHead reads a head and checks its signature.
func OpenHead(s Signed, key ed25519.PublicKey) (Head, error) {
	h, err := ParseHead(s.Bytes)
	if err != nil {
		return h, err
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, append([]byte(headContext), s.Bytes...), s.Sig) {
		return h, slides.E(slides.Denied, "chain.OpenHead", "Chữ ký của đầu chuỗi không đúng.", "The head's signature is wrong.", nil)
	}
	return h, nil
}

// Reason says why records are gone.
type Reason byte

// The reasons: the medium gave wrong bytes, the file was cut short, a record's
// bytes were not a record.
const (
	Rotten    Reason = 1
	Truncated Reason = 2
	Malformed Reason = 3
)

// MaxNote bounds a gap's note, in bytes.
const MaxNote = 200

// Gap stands for the records From..To that a kiosk lost to damage. Prev is the
// hash of header From-1 (Genesis for 1). Next is what header To+1 points to:
// the lost header's hash where the kiosk still knows it, else Filler.
type Gap struct {
	Chain    ID
	From, To uint64
	Prev     Hash
	Next     Hash
	At       slides.Millis
	Reason   Reason
	Note     string
}

// Encode writes the gap's bytes.
func (g *Gap) Encode() []byte {
	b := append(make([]byte, 0, 109+len(g.Note)), gapMagic...)
	b = append(b, g.Chain[:]...)
	b = binary.BigEndian.AppendUint64(b, g.From)
	b = binary.BigEndian.AppendUint64(b, g.To)
	b = append(b, g.Prev[:]...)
	b = append(b, g.Next[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(g.At))
	b = append(b, byte(g.Reason))
	return append(b, g.Note...)
}

// ParseGap reads a gap's bytes without checking a signature.
func ParseGap(b []byte) (Gap, error) {
	bad := slides.E(slides.Invalid, "chain.ParseGap", "Bản ghi khoảng trống không đọc được.", "The gap can't be read.", nil)
	const fixed = 4 + 16 + 8 + 8 + 32 + 32 + 8 + 1
	if len(b) < fixed || len(b) > fixed+MaxNote || string(b[:4]) != gapMagic || !utf8.Valid(b[fixed:]) {
		return Gap{}, bad
	}
	g := Gap{
		From: binary.BigEndian.Uint64(b[20:28]), To: binary.BigEndian.Uint64(b[28:36]),
		At: slides.Millis(binary.BigEndian.Uint64(b[100:108])), Reason: Reason(b[108]), Note: string(b[fixed:]),
	}
	copy(g.Chain[:], b[4:20])
	copy(g.Prev[:], b[36:68])
	copy(g.Next[:], b[68:100])
	if g.From == 0 || g.From > g.To || g.To > 1<<62 {
		return Gap{}, bad
	}
	return g, nil
}

// Filler is the Next of a gap whose last header's hash is lost: the hash of the
// gap's bytes with Next zero, so that the chain goes on from the gap itself.
func (g Gap) Filler() Hash {
	g.Next = Hash{}
	return HashOf(g.Encode())
}

// Sign signs the gap.
func (g *Gap) Sign(key ed25519.PrivateKey) Signed {
	b := g.Encode()
	return Signed{b, ed25519.Sign(key, append([]byte(gapContext), b...))}
}

// OpenGap reads a gap and checks its signature.
func OpenGap(s Signed, key ed25519.PublicKey) (Gap, error) {
	g, err := ParseGap(s.Bytes)
	if err != nil {
		return g, err
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, append([]byte(gapContext), s.Bytes...), s.Sig) {
		return g, slides.E(slides.Denied, "chain.OpenGap", "Chữ ký của khoảng trống không đúng.", "The gap's signature is wrong.", nil)
	}
	return g, nil
}
