package wire

import (
	"crypto/ed25519"
	"encoding/base64"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/slides"
)

func TestPass(t *testing.T) {
	pub, key, _ := ed25519.GenerateKey(nil)
	other, _, _ := ed25519.GenerateKey(nil)
	now := slides.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	s := NewPass(key, ToRate, now)
	p, err := ParsePass(s)
	if err != nil || p.For != ToRate || p.Issued != now || string(p.Key[:]) != string(pub[:8]) {
		t.Fatalf("%+v, %v", p, err)
	}
	if !p.SignedBy(pub) || p.SignedBy(other) || p.SignedBy(nil) {
		t.Fatal("the signature")
	}
	if NewPass(key, ToRate, now) == s {
		t.Fatal("two passes are the same")
	}
	for _, c := range []struct {
		after       time.Duration
		opens, send bool
	}{
		{-PassAhead - time.Millisecond, false, false},
		{-PassAhead, true, true},
		{PassOpen - time.Millisecond, true, true},
		{PassOpen, false, true},
		{PassSend, false, false},
	} {
		at := now + slides.Millis(c.after.Milliseconds())
		if p.Opens(at) != c.opens || p.Sends(at) != c.send {
			t.Errorf("after %v: opens %v, sends %v", c.after, p.Opens(at), p.Sends(at))
		}
		if p.Sends(at) && at >= p.Until() {
			t.Errorf("after %v: forgotten while it may be sent", c.after)
		}
	}
}

// No bit of a pass can be changed: what still parses is not signed.
func TestPassForged(t *testing.T) {
	pub, key, _ := ed25519.GenerateKey(nil)
	s := NewPass(key, ToWrite, 1_800_000_000_000)
	raw, _ := base64.RawURLEncoding.DecodeString(s)
	rapid.Check(t, func(t *rapid.T) {
		b := append([]byte(nil), raw...)
		b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		p, err := ParsePass(base64.RawURLEncoding.EncodeToString(b))
		if err == nil && p.SignedBy(pub) {
			t.Fatal("a changed pass is taken")
		}
	})
}

func FuzzParsePass(f *testing.F) {
	_, key, _ := ed25519.GenerateKey(nil)
	f.Add(NewPass(key, ToRate, 1_800_000_000_000))
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePass(s)
		if err != nil {
			if slides.KindOf(err) != slides.NotFound {
				t.Fatal(err)
			}
			return
		}
		if len(p.Body()) != passBody || p.Until() <= p.Issued {
			t.Fatalf("%+v", p)
		}
	})
}
