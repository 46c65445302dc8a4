package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// Life times of a session and of the first start's link.
const (
	// IdleLife ends a session left alone: an hour is long enough to write a slide
	// and short enough for a counter with many colleagues.
	IdleLife = time.Hour
	// AbsoluteLife ends every session: one working day.
	AbsoluteLife = 12 * time.Hour
	// SetupLife is how long the link of the first start works; a restart prints a new one.
	SetupLife = 24 * time.Hour
)

const tokenLen = 32 // bytes; 256 random bits can't be guessed

// NewToken makes a secret for a cookie or a link. Only its Digest is stored:
// who reads the database can't use it.
func NewToken() string {
	b := make([]byte, tokenLen)
	rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Digest is the hexadecimal SHA-256 of a token, "" for what can't be a token.
func Digest(token string) string {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token) // one spelling for each token
	if err != nil || len(b) != tokenLen {
		return ""
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
