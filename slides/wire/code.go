package wire

import (
	"crypto/rand"
	"strings"
)

// NewCode makes a pairing code: 23⁶ ≈ 148 million, enough with a life of ten
// minutes and limited attempts.
func NewCode() string {
	var b strings.Builder
	buf := make([]byte, 1)
	// Bytes at or above the largest multiple of the alphabet are drawn again, so
	// that every letter is as likely.
	limit := byte(256 / len(CodeAlphabet) * len(CodeAlphabet))
	for b.Len() < CodeLength {
		rand.Read(buf) // never fails (crypto/rand)
		if buf[0] < limit {
			b.WriteByte(CodeAlphabet[int(buf[0])%len(CodeAlphabet)])
		}
	}
	return b.String()
}

// CleanCode brings what a person typed to a code's form (upper case, no blanks
// or dashes) and says whether it can be one.
func CleanCode(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, strings.ToUpper(s))
	if len(s) != CodeLength {
		return "", false
	}
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(CodeAlphabet, s[i]) < 0 {
			return "", false
		}
	}
	return s, true
}
