// Package dossier lets one dossier rate once without anyone learning which
// rating was its.
//
// A dossier's code names a person to everybody who can look dossiers up, so it
// must never lie where it could be put beside a rating: not in the same record,
// and not in another one that can be matched by place in a list or by time. The
// rules that follow from this:
//
//   - A rating holds nothing of the code, not even whether there was one.
//   - The kiosk keeps a code only as a Mark, a hash under a key of that kiosk
//     alone, to tell a citizen at once that the dossier has rated here; the marks
//     are kept sorted, so that their order says nothing either.
//   - For all kiosks together only the server can tell. The kiosk seals the code
//     to the server's X25519 key (an anonymous box: a fresh key for each, so the
//     kiosk itself can't open it again) and every box has one length. Boxes wait
//     apart from the ratings' outbox, and are shuffled whenever one is added.
//   - They travel in a message of their own, at a moment drawn between MinWait
//     and MaxWait after the first of them, when the ratings of that time have long
//     been delivered: what the server sees is that among the ratings of about a day
//     there were so many with a code.
//   - The server opens a box, keeps a Mark under a key that never leaves it, and
//     throws the code away. The marks lie in a table keyed by the mark itself
//     (order again says nothing) with the month and nothing else: no kiosk, no
//     unit, no moment. A mark that is there already counts as a repeat of the
//     month; no rating is touched for it, because none can be found.
//
// What remains: who holds the kiosk's disk and tries every code that there is
// can tell which dossiers rated there (not how), and on a day with a single
// rating and a single code the two belong together. The first is why the code is
// optional; the second why staff should not switch it on where few people come.
package dossier

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/crypto/nacl/box"

	"motcua/slides"
)

// Limits of a code, in characters. The longest official form,
// "000.00.00.H37-260320-0001", has 25.
const (
	MinCode = 4
	MaxCode = 40
)

// Clean is a code as it is compared: capitals, no blanks. ok is false for what
// can't be one: other characters than letters, digits, dots, slashes and hyphens,
// or no digit at all.
func Clean(typed string) (code string, ok bool) {
	digit := false
	for _, r := range typed {
		switch {
		case unicode.IsSpace(r):
			continue
		case r >= '0' && r <= '9':
			digit = true
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		case r >= 'A' && r <= 'Z', strings.ContainsRune(".-/", r):
		case r == '–': // some scanners are set to a layout that types this
			r = '-'
		default:
			return "", false
		}
		code += string(r)
		if len(code) > MaxCode {
			return "", false
		}
	}
	return code, digit && len(code) >= MinCode
}

// Key makes marks. A kiosk has its own, and the server one that never leaves it.
type Key [32]byte

// NewKey is a fresh key.
func NewKey() (k Key) {
	rand.Read(k[:]) // never fails (crypto/rand)
	return k
}

// Mark stands for a code under one key: 128 bits of HMAC-SHA256.
type Mark [16]byte

// Mark is the mark of a cleaned code.
func (k Key) Mark(code string) Mark {
	h := hmac.New(sha256.New, k[:])
	h.Write([]byte("motcua/dossier/mark/1\x00"))
	h.Write([]byte(code))
	return Mark(h.Sum(nil)[:16])
}

// MarshalText writes hexadecimal.
func (k Key) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, k[:]), nil }

// UnmarshalText reads hexadecimal.
func (k *Key) UnmarshalText(b []byte) error { return unhex(k[:], b) }

// MarshalText writes hexadecimal.
func (m Mark) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, m[:]), nil }

// UnmarshalText reads hexadecimal.
func (m *Mark) UnmarshalText(b []byte) error { return unhex(m[:], b) }

func unhex(to, from []byte) error {
	if len(from) != 2*len(to) {
		return fmt.Errorf("dossier: %d characters, want %d", len(from), 2*len(to))
	}
	_, err := hex.Decode(to, from)
	return err
}

// padded is the length of a code inside its box: all boxes look alike.
const padded = MaxCode

// BoxSize is the length of a sealed code.
const BoxSize = padded + box.AnonymousOverhead

// Seal closes a cleaned code for the holder of the X25519 key to (32 bytes).
func Seal(to []byte, code string) ([]byte, error) {
	if len(to) != 32 || len(code) > MaxCode {
		return nil, slides.E(slides.Invalid, "dossier.Seal", "Không niêm phong được mã hồ sơ.", "The dossier's code can't be sealed.", nil)
	}
	plain := make([]byte, padded)
	copy(plain, code)
	return box.SealAnonymous(nil, plain, (*[32]byte)(to), rand.Reader)
}

// Open is the code in a box; false where it was not sealed to the key pair, or
// holds no code.
func Open(public, private *[32]byte, sealed []byte) (code string, ok bool) {
	plain, ok := box.OpenAnonymous(nil, sealed, public, private)
	if !ok || len(plain) != padded {
		return "", false
	}
	typed := strings.TrimRight(string(plain), "\x00")
	code, ok = Clean(typed)
	return code, ok && code == typed
}
