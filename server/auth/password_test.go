package auth

import (
	"context"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"motcua/slides"
)

// quickly are costs for tests: what they check is not the cost.
var quickly = Params{Memory: 64, Time: 1, Threads: 1}

func TestHashAndVerify(t *testing.T) {
	ctx := context.Background()
	h := NewHasher(quickly)
	const password = "Mùa vải thiều năm nay rất ngọt"
	a, err := h.Hash(ctx, password)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Hash(ctx, password)
	if err != nil || a == b {
		t.Fatal("two hashes of one password are alike", err)
	}
	if !strings.HasPrefix(a, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("not a PHC string: %s", a)
	}
	for _, c := range []struct {
		password string
		ok       bool
	}{{password, true}, {norm.NFD.String(password), true}, {password + " ", false}, {strings.ToLower(password), false}, {"", false}} {
		ok, rehash, err := h.Verify(ctx, a, c.password)
		if ok != c.ok || rehash || err != nil {
			t.Errorf("%q: %v %v %v", c.password, ok, rehash, err)
		}
	}
	if ok, _, err := h.Verify(ctx, "", password); ok || err != nil {
		t.Error("no account, but the password opens it", err)
	}
	ok, rehash, err := NewHasher(Params{Memory: 128, Time: 1, Threads: 1}).Verify(ctx, a, password)
	if !ok || !rehash || err != nil {
		t.Errorf("other costs: %v %v %v", ok, rehash, err)
	}
	if _, rehash, _ := NewHasher(Params{Memory: 128, Time: 1, Threads: 1}).Verify(ctx, a, "wrong"); rehash {
		t.Error("a wrong password asks for a new hash")
	}
	stop, cancel := context.WithCancel(ctx)
	cancel()
	busy := NewHasher(quickly)
	busy.slots <- struct{}{}
	busy.slots <- struct{}{}
	if _, err := busy.Hash(stop, password); err == nil {
		t.Error("who has gone still waits for a turn")
	}
}

// The costs in use are at least what RFC 9106 and OWASP ask for.
func TestDefaultCosts(t *testing.T) {
	if p := DefaultParams; p.Memory < 64<<10 || p.Time < 3 || p.Threads < 1 {
		t.Errorf("%+v", p)
	}
	phc, err := NewHasher(DefaultParams).Hash(context.Background(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if p, salt, key, err := parsePHC(phc); err != nil || p != DefaultParams || len(salt) != saltLen || len(key) != keyLen {
		t.Errorf("%+v %v", p, err)
	}
}

func FuzzParsePHC(f *testing.F) {
	phc, err := NewHasher(quickly).Hash(context.Background(), "x")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{
		phc, "", "$", "$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=99999,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, salt, key, err := parsePHC(s)
		if err != nil {
			if slides.KindOf(err) != slides.Corrupt {
				t.Errorf("kind %s", slides.KindOf(err))
			}
			return
		}
		if p.Memory > maxMemory || p.Time > maxTime || p.Threads == 0 || p.Time == 0 || len(salt) < 8 || len(key) < 16 {
			t.Errorf("%q is taken: %+v", s, p)
		}
	})
}

func TestPasswordRules(t *testing.T) {
	for password, ok := range map[string]bool{
		"Mùa vải thiều năm nay":    true,
		"correct horse battery":    true,
		"ngắn quá":                 false,
		"mười một ký":              false, // 11
		"quantri1quantri1":         false,
		"Quản Trị1 Quản Trị1":      false, // the name, with marks
		"quantri1123456":           false,
		"123456789012":             false,
		"qwertyuiop12345":          false,
		"mật khẩu 1234":            false,
		"aaaaaaaaaaaaaaaa":         false,
		"abababababababab":         false,
		strings.Repeat("dài ", 60): false,
	} {
		var p slides.Problems
		CheckPassword("quantri1", password, &p, "password")
		if (len(p.List) == 0) != ok {
			t.Errorf("%q: %v", password, p.List)
		}
		for _, q := range p.List {
			if q.Path != "password" || q.Vi == "" || q.En == "" {
				t.Errorf("%q: %+v", password, q)
			}
		}
	}
}
