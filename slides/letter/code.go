package letter

import (
	"crypto/rand"
	"strings"

	"motcua/slides/wire"
)

// CodeLength is a receipt's length: nine random letters and one that checks
// them. The kiosk draws it alone, offline, so it must be rare that two draw the
// same: among a million letters the chance is about one in four that any two
// do (23⁹ ≈ 1.8·10¹²), and the status page then tells neither's answer.
const CodeLength = 10

// NewCode makes a receipt from wire.CodeAlphabet, which has no look-alikes.
func NewCode() string {
	b := make([]byte, 0, CodeLength)
	n := len(wire.CodeAlphabet)
	limit := byte(256 / n * n) // bytes from here on would favour some letters
	for buf := make([]byte, 1); len(b) < CodeLength-1; {
		rand.Read(buf) // never fails (crypto/rand)
		if buf[0] < limit {
			b = append(b, wire.CodeAlphabet[int(buf[0])%n])
		}
	}
	for i := range n {
		if code := string(append(b, wire.CodeAlphabet[i])); sum(code) == 0 {
			return code
		}
	}
	panic("letter: the alphabet's size is no prime") // a programming error: see sum
}

// sum weighs each letter by its place. The alphabet's size is a prime above
// CodeLength, so that one letter mistaken, or two changed about, always shows.
func sum(code string) int {
	total := 0
	for i := 0; i < len(code); i++ {
		total += (i + 1) * strings.IndexByte(wire.CodeAlphabet, code[i])
	}
	return total % len(wire.CodeAlphabet)
}

// CleanCode brings what a person typed to a receipt's form and says whether it
// can be one: letters of the alphabet, of which the last fits the others.
func CleanCode(s string) (string, bool) {
	if len(s) > 8*CodeLength {
		return "", false
	}
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -–.\u00a0", r) {
			return -1
		}
		return r
	}, strings.ToUpper(s))
	if len(s) != CodeLength || strings.Trim(s, wire.CodeAlphabet) != "" || sum(s) != 0 {
		return "", false
	}
	return s, true
}

// Spell writes a receipt in two groups, for reading aloud and copying.
func Spell(code string) string {
	if len(code) != CodeLength {
		return code
	}
	return code[:CodeLength/2] + "-" + code[CodeLength/2:]
}
