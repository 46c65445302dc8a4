package wire

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"

	"motcua/slides"
)

// A pass lets one phone answer once for one kiosk: the kiosk signs it with the
// key of its pairing and shows it as a QR; the server checks it and keeps its
// Body until nobody could send it any more. So a kiosk that is offline offers it
// too. Its bytes, written as base64url without padding, are
//
//	purpose[1] key[8] id[8] issued[4] sig[64]
//
// big-endian: the purpose, the beginning of the kiosk's public key, random
// bytes, seconds since 1970, and the signature over all before it under
// ContextPass. An address of 40 letters with it is a QR of version 10: 57
// modules a side.
const (
	passBody = 1 + 8 + 8 + 4
	passSize = passBody + ed25519.SignatureSize
)

// Purpose is what a pass is for.
type Purpose byte

// The purposes.
const (
	ToRate  Purpose = 'r'
	ToWrite Purpose = 'g' // a suggestion or report
)

// Paths of the public pages; a pass follows the first two, a receipt the last.
const (
	PathRate   = "/r/"
	PathWrite  = "/g/"
	PathStatus = "/s/"
)

// Times of a pass. Opening is short, because a picture of the screen can be
// handed on; whoever has opened the page may take the time that a long
// questionnaire needs.
const (
	PassOpen  = 15 * time.Minute
	PassSend  = 75 * time.Minute
	PassAhead = 5 * time.Minute  // how far a kiosk's clock may be ahead of the server's
	PassFresh = 10 * time.Minute // a kiosk shows none that is older
)

// Pass is one as it was read.
type Pass struct {
	For    Purpose
	Key    [8]byte // the beginning of the kiosk's public key
	ID     [8]byte
	Issued slides.Millis // whole seconds

	body, sig []byte
}

// NewPass makes a pass.
func NewPass(key ed25519.PrivateKey, purpose Purpose, now slides.Millis) string {
	b := make([]byte, 0, passSize)
	b = append(b, byte(purpose))
	b = append(b, key.Public().(ed25519.PublicKey)[:8]...)
	b = append(b, make([]byte, 8)...)
	rand.Read(b[9:17]) // never fails (crypto/rand)
	b = binary.BigEndian.AppendUint32(b, uint32(now/1000))
	b = append(b, Sign(key, ContextPass, b)...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParsePass reads a pass without checking its signature or age.
func ParsePass(s string) (Pass, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != passSize || Purpose(b[0]) != ToRate && Purpose(b[0]) != ToWrite {
		return Pass{}, slides.E(slides.NotFound, "wire.ParsePass", "Địa chỉ này không đúng; xin quét lại mã QR trên màn hình.", "This address is not valid; please scan the QR on the screen again.", nil)
	}
	p := Pass{For: Purpose(b[0]), Issued: slides.Millis(binary.BigEndian.Uint32(b[17:21])) * 1000, body: b[:passBody], sig: b[passBody:]}
	copy(p.Key[:], b[1:9])
	copy(p.ID[:], b[9:17])
	return p, nil
}

// Body is what makes the pass one of a kind; the signature is not part of it,
// for a signature has more than one spelling.
func (p *Pass) Body() []byte { return p.body }

// SignedBy says whether the pass was made with key.
func (p *Pass) SignedBy(key ed25519.PublicKey) bool { return Verify(key, p.sig, ContextPass, p.body) }

// Opens says whether a phone may still open the page at now.
func (p *Pass) Opens(now slides.Millis) bool { return p.within(now, PassOpen) }

// Sends says whether what was filled in may still be sent at now.
func (p *Pass) Sends(now slides.Millis) bool { return p.within(now, PassSend) }

func (p *Pass) within(now slides.Millis, life time.Duration) bool {
	age := now - p.Issued
	return age >= -slides.Millis(PassAhead.Milliseconds()) && age < slides.Millis(life.Milliseconds())
}

// Until is when the pass has no use any more and may be forgotten.
func (p *Pass) Until() slides.Millis {
	return p.Issued + slides.Millis((PassSend + PassAhead).Milliseconds())
}
