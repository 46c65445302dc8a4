package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"motcua/slides"
)

// Params are the costs of argon2id.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8  // lanes
}

// DefaultParams is the second recommended option of RFC 9106 §4 (64 MiB, 3
// passes, 4 lanes), the one for machines that can't spare 2 GiB a sign-in. It
// costs about 0.1 s on two cores: a person does not notice, a guesser does.
var DefaultParams = Params{Memory: 64 << 10, Time: 3, Threads: 4}

const (
	saltLen = 16 // RFC 9106 §3.1: 16 bytes are recommended
	keyLen  = 32
	// maxMemory and maxTime bound what a stored hash may ask of us: a damaged or
	// planted row must not eat the machine.
	maxMemory = 1 << 20 // KiB
	maxTime   = 16
)

// Lengths of a password in characters. The upper bound keeps the hash's input
// small; 200 characters are a paragraph.
const (
	MinPassword = 12
	MaxPassword = 200
)

// Hasher hashes and checks passwords. It is safe for concurrent use and runs
// at most two hashes at once: more would take 64 MiB each and starve the
// connections of kiosks, while a queue of sign-ins only waits.
type Hasher struct {
	params Params
	slots  chan struct{}
	dummy  func() string // a hash that no password opens
}

// NewHasher makes a Hasher of these costs.
func NewHasher(p Params) *Hasher {
	h := &Hasher{params: p, slots: make(chan struct{}, 2)}
	h.dummy = sync.OnceValue(func() string {
		s, err := h.Hash(context.Background(), rand.Text())
		if err != nil {
			return ""
		}
		return s
	})
	return h
}

// Hash returns the PHC string "$argon2id$v=19$m=…,t=…,p=…$salt$hash". It fails
// only when ctx ends while it waits for its turn.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLen)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	key, err := h.key(ctx, password, salt, h.params, keyLen)
	if err != nil {
		return "", err
	}
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.params.Memory, h.params.Time, h.params.Threads, b.EncodeToString(salt), b.EncodeToString(key)), nil
}

// Verify says whether password opens phc, and whether the hash should be made
// anew because it was made with other costs. An empty phc (no such account)
// costs as much as a real one, so that time does not tell names apart.
func (h *Hasher) Verify(ctx context.Context, phc, password string) (ok, rehash bool, err error) {
	known := phc != ""
	if !known {
		phc = h.dummy()
	}
	p, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, false, err
	}
	got, err := h.key(ctx, password, salt, p, uint32(len(want)))
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && known
	return ok, ok && (p != h.params || len(salt) != saltLen || len(want) != keyLen), nil
}

func (h *Hasher) key(ctx context.Context, password string, salt []byte, p Params, n uint32) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.slots }()
	// The same password typed as NFC or NFD must open the same account.
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, p.Time, p.Memory, p.Threads, n), nil
}

// parsePHC reads a PHC string of argon2id v19 within the bounds.
func parsePHC(phc string) (p Params, salt, key []byte, err error) {
	bad := func(why string) (Params, []byte, []byte, error) {
		return Params{}, nil, nil, slides.E(slides.Corrupt, "auth.parsePHC",
			"Mật khẩu lưu trong cơ sở dữ liệu không đọc được; quản trị viên hãy đặt lại mật khẩu cho tài khoản này.",
			"The stored password can't be read; an administrator must set a new one ("+why+").", nil)
	}
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return bad("not argon2id")
	}
	if parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return bad("other version")
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); n != 3 || err != nil ||
		fmt.Sprintf("m=%d,t=%d,p=%d", p.Memory, p.Time, p.Threads) != parts[3] {
		return bad("costs")
	}
	if p.Threads == 0 || p.Time == 0 || p.Time > maxTime || p.Memory < 8*uint32(p.Threads) || p.Memory > maxMemory {
		return bad("costs out of bounds")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return bad("salt")
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) < 16 || len(key) > 64 {
		return bad("hash")
	}
	return p, salt, key, nil
}

// CheckPassword reports what is wrong with a new password for the account name
// at path. Length is the rule that helps (NIST SP 800-63B §5.1.1.2); there are
// no rules on kinds of characters.
func CheckPassword(name, password string, p *slides.Problems, path string) {
	n := utf8.RuneCountInString(password)
	folded := squeeze(password)
	switch {
	case n < MinPassword:
		p.Add(path, fmt.Sprintf("Mật khẩu cần ít nhất %d ký tự; một câu ngắn dễ nhớ là tốt nhất.", MinPassword),
			fmt.Sprintf("A password needs at least %d characters; a short sentence is best.", MinPassword))
	case n > MaxPassword:
		p.Add(path, fmt.Sprintf("Mật khẩu dài tối đa %d ký tự.", MaxPassword),
			fmt.Sprintf("A password has at most %d characters.", MaxPassword))
	case squeeze(name) != "" && strings.Trim(strings.ReplaceAll(folded, squeeze(name), ""), "0123456789") == "":
		p.Add(path, "Mật khẩu không được là tên đăng nhập; hãy chọn một câu khác.",
			"The password must not be the account's name; choose another sentence.")
	case distinct(folded) < 5 || common(folded):
		p.Add(path, "Mật khẩu này quá dễ đoán; hãy dùng một câu ngắn gồm vài từ khác nhau.",
			"This password is too easy to guess; use a short sentence of different words.")
	}
}

// squeeze is s without marks, blanks and case.
func squeeze(s string) string { return strings.ReplaceAll(slides.Fold(s), " ", "") }

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// common says whether s is only keyboard rows and words that every list of
// guesses begins with.
func common(s string) bool {
	for _, w := range []string{"password", "matkhau", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh", "zxcvbnm", "1234567890", "0123456789", "123456789", "12345678", "1234567", "123456", "12345", "1234", "123", "abcdef", "abc", "admin", "quantri", "motcua", "iloveyou", "anhyeuem"} {
		s = strings.ReplaceAll(s, w, "")
	}
	return len(s) < 4
}
