package wire

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"

	"motcua/slides"
)

func keys(t testing.TB, seed byte) (ed25519.PublicKey, ed25519.PrivateKey) {
	t.Helper()
	k := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return k.Public().(ed25519.PublicKey), k
}

func TestSealedFrameOpensOnlyAsItWas(t *testing.T) {
	pub, key := keys(t, 1)
	other, _ := keys(t, 2)
	frame, err := Seal(key, TAck, Ack{Kiosk: "k1", Nonce: []byte("n"), Seq: 7})
	if err != nil {
		t.Fatal(err)
	}
	e, err := Open(frame, pub)
	if err != nil {
		t.Fatal(err)
	}
	var a Ack
	if err := e.Read(&a); err != nil || a.Seq != 7 || a.Kiosk != "k1" {
		t.Fatalf("read %+v, %v", a, err)
	}
	if _, err := Open(frame, other); slides.KindOf(err) != slides.Denied {
		t.Errorf("another server's key opened it: %v", err)
	}
	// The same signed bytes under another signed type must not pass: contexts differ.
	e.Type = TTime
	forged, _ := json.Marshal(e)
	if _, err := Open(forged, pub); slides.KindOf(err) != slides.Denied {
		t.Errorf("an ack passed as time: %v", err)
	}
	for i := range e.Signed {
		e.Type = TAck
		e.Signed[i] ^= 1
		forged, _ := json.Marshal(e)
		if _, err := Open(forged, pub); slides.KindOf(err) != slides.Denied {
			t.Fatalf("byte %d altered and still opened: %v", i, err)
		}
		e.Signed[i] ^= 1
	}
}

func TestUnsignedBodyOfSignedTypeIsRefused(t *testing.T) {
	pub, _ := keys(t, 1)
	for typ := range contexts {
		frame, err := Plain(typ, map[string]any{"kiosk": "k1", "seq": 99})
		if err != nil {
			t.Fatal(err)
		}
		e, err := Open(frame, pub)
		if err == nil {
			// A kiosk must never act on an unsigned body of a signed type.
			t.Errorf("%s without a signature was opened: %+v", typ, e)
		}
	}
}

func TestManifestBytesAreCarriedVerbatim(t *testing.T) {
	pub, key := keys(t, 1)
	odd := []byte("{\n \"b\" : 1 , \"a\":\"\\u0110\" }")
	frame, err := Seal(key, TManifest, odd, Inline{SHA: slides.Sum(odd), Data: odd})
	if err != nil {
		t.Fatal(err)
	}
	e, err := Open(frame, pub)
	if err != nil || !bytes.Equal(e.Signed, odd) || !bytes.Equal(e.Blobs[0].Data, odd) {
		t.Fatalf("bytes changed on the way: %q, %v", e.Signed, err)
	}
}

func TestUnknownFieldsAreIgnoredAndUnknownTypesOpen(t *testing.T) {
	pub, _ := keys(t, 1)
	e, err := Open([]byte(`{"type":"weather","body":{"x":1},"later":true}`), pub)
	if err != nil || e.Type != "weather" {
		t.Fatalf("%v %v", e, err)
	}
	var h Hello
	e = &Envelope{Type: THello, Body: []byte(`{"kiosk":"k","new_field":[1]}`)}
	if err := e.Read(&h); err != nil || h.Kiosk != "k" {
		t.Fatal(err)
	}
}

func TestCloseCodesAreOneTable(t *testing.T) {
	seen := map[int]bool{}
	names := map[string]bool{}
	for _, c := range CloseCodes {
		if c.Code < 4000 || c.Code > 4999 {
			t.Errorf("%s: %d is outside the private range of RFC 6455 §7.4.2", c.Name, c.Code)
		}
		if seen[c.Code] || names[c.Name] || c.Vi == "" || c.En == "" {
			t.Errorf("%d %s is doubled or without words", c.Code, c.Name)
		}
		seen[c.Code], names[c.Name] = true, true
	}
	if c, ok := FindClose(CloseReplaced); !ok || c.Reconnect {
		t.Error("a replaced kiosk must not reconnect: two screens would take turns for ever")
	}
}

func TestCodesHaveNoLookAlikes(t *testing.T) {
	if strings.ContainsAny(CodeAlphabet, "0O1IL5S2Z8BUV") {
		t.Error("look-alikes in the alphabet")
	}
	counts := map[byte]int{}
	for range 2000 {
		c := NewCode()
		if clean, ok := CleanCode(" " + strings.ToLower(c[:3]) + "-" + c[3:]); !ok || clean != c {
			t.Fatalf("%s did not come back from what a person types: %q", c, clean)
		}
		for i := range c {
			counts[c[i]]++
		}
	}
	if len(counts) != len(CodeAlphabet) {
		t.Errorf("only %d letters of %d in use", len(counts), len(CodeAlphabet))
	}
	for _, bad := range []string{"", "K7M2Q", "K7M2QXX", "K7M0QX", "ẾẾ"} {
		if _, ok := CleanCode(bad); ok {
			t.Errorf("%q passed as a code", bad)
		}
	}
}

func FuzzOpen(f *testing.F) {
	pub, key := keys(f, 1)
	for _, t := range []Type{TWelcome, TSettings, TManifest, TCommand, TAck, TTime} {
		frame, err := Seal(key, t, map[string]any{"kiosk": "k"})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
	}
	f.Add([]byte(`{"type":"hello","body":{"clock":-1,"chains":[{"chain":"00"}]}}`))
	f.Add([]byte(`{"type":"ratings","body":{"records":[{"header":"","sections":null}]}}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		e, err := Open(frame, pub)
		if err != nil {
			return
		}
		if _, signed := contexts[e.Type]; signed && !Verify(pub, e.Sig, contexts[e.Type], e.Signed) {
			t.Fatal("opened without a good signature")
		}
		for _, v := range []any{&Hello{}, &Welcome{}, &Settings{}, &Command{}, &Ack{}, &Time{}, &Ratings{}, &Gaps{}, &Plays{}, &Health{}, &Screenshot{}, &Done{}} {
			_ = e.Read(v) // must not panic; most payloads are not of this type
		}
	})
}

func TestAuthorizationComesBack(t *testing.T) {
	client, nonce, sig := bytes.Repeat([]byte{250}, 32), bytes.Repeat([]byte{251}, 32), bytes.Repeat([]byte{252}, 64)
	h := Authorization("k-1", client, nonce, sig)
	k, c, n, s, ok := ParseAuthorization(h)
	if !ok || k != "k-1" || !bytes.Equal(c, client) || !bytes.Equal(n, nonce) || !bytes.Equal(s, sig) {
		t.Fatalf("%q came back as %q %x %x %x %v", h, k, c, n, s, ok)
	}
	for _, bad := range []string{"", "Bearer x", "Motcua ", "Motcua kiosk=k", strings.Replace(h, "sig", "gis", 1), strings.Replace(h, "client=\"", "client=\"!", 1)} {
		if _, _, _, _, ok := ParseAuthorization(bad); ok {
			t.Errorf("%q passed", bad)
		}
	}
}

func FuzzParseAuthorization(f *testing.F) {
	f.Add(Authorization("k", make([]byte, 32), make([]byte, 32), make([]byte, 64)))
	f.Add(`Motcua kiosk="`)
	f.Fuzz(func(t *testing.T, h string) {
		k, c, n, s, ok := ParseAuthorization(h)
		if ok && (k == "" || len(c) != 32 || len(n) != 32 || len(s) != 64) {
			t.Fatal("passed without its parts")
		}
	})
}
