package dossier

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/nacl/box"
	"pgregory.net/rapid"

	"motcua/slides"
)

func TestClean(t *testing.T) {
	for typed, want := range map[string]string{
		"000.00.00.H37-260320-0001":    "000.00.00.H37-260320-0001",
		" h37.12–260320–0001 ":         "H37.12-260320-0001",
		"H37 12 260320 0001":           "H37122603200001",
		"0001":                         "0001",
		"001":                          "",
		"ABCD":                         "",
		"mã 0001":                      "",
		"":                             "",
		strings.Repeat("1", MaxCode):   strings.Repeat("1", MaxCode),
		strings.Repeat("1", MaxCode+1): "",
	} {
		got, ok := Clean(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("Clean(%q) = %q, %v; want %q", typed, got, ok, want)
		}
	}
}

type keys struct{ Public, private *[32]byte }

func (k keys) Open(sealed []byte) (string, bool) { return Open(k.Public, k.private, sealed) }

func pair(t testing.TB) keys {
	public, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keys{public, private}
}

func TestOnlyTheServerOpensABox(t *testing.T) {
	mine, other := pair(t), pair(t)
	for _, code := range []string{"0001", strings.Repeat("A1", MaxCode/2)} {
		a, err := Seal(mine.Public[:], code)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := Seal(mine.Public[:], code)
		if len(a) != BoxSize || bytes.Equal(a, b) || bytes.Contains(a, []byte(code)) {
			t.Errorf("boxes of %q can be told apart: %d bytes", code, len(a))
		}
		if got, ok := mine.Open(a); !ok || got != code {
			t.Errorf("opened as %q, %v", got, ok)
		}
		if _, ok := other.Open(a); ok {
			t.Error("another key opens it")
		}
		a[50] ^= 1
		if _, ok := mine.Open(a); ok {
			t.Error("a damaged box opens")
		}
	}
	if _, err := Seal(nil, "0001"); err == nil {
		t.Error("sealed to nobody")
	}
}

func FuzzClean(f *testing.F) {
	f.Add("H37-1")
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := Clean(typed)
		if again, ok2 := Clean(code); ok && (!ok2 || again != code) {
			t.Fatalf("%q became %q became %q", typed, code, again)
		}
	})
}

func FuzzParseBook(f *testing.F) {
	f.Add([]byte(`{"key":"00"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		k := ParseBook(b)
		if k.Key == (Key{}) || !slices.IsSortedFunc(k.Marks, compare) {
			t.Fatal("not a book")
		}
	})
}

// Whatever happens, every code that was added reaches the server exactly once
// as far as it can tell, none before its time, and the kiosk knows its own.
func TestEveryCodeIsDeliveredOnceAndLate(t *testing.T) {
	server := pair(t)
	rapid.Check(t, func(t *rapid.T) {
		b, now := NewBook(), slides.Millis(1_700_000_000_000)
		added := map[slides.Millis][]string{}
		var codes []string
		counted := map[string]int{} // batch id to its size
		got := map[string]int{}
		first := slides.Millis(0) // of those that wait
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				code := rapid.StringMatching(`H37-[0-9]{3}`).Draw(t, "code")
				if err := b.Add(code, server.Public[:], now); err != nil {
					t.Fatal(err)
				}
				if first == 0 {
					first = now
				}
				added[now] = append(added[now], code)
				codes = append(codes, code)
				if !b.Known().Has(code) {
					t.Fatal("forgotten at once")
				}
			case 1:
				now += slides.Millis(rapid.IntRange(0, int(20*time.Hour/time.Millisecond)).Draw(t, "ms"))
			case 2: // the kiosk starts again
				raw, err := b.Bytes()
				if err != nil {
					t.Fatal(err)
				}
				b = ParseBook(raw)
			case 3:
				batch := b.Next(now)
				if batch == nil {
					if first != 0 && now-first >= slides.Millis(MaxWait.Milliseconds()) {
						t.Fatal("overdue and not sent")
					}
					break
				}
				if counted[batch.ID] == 0 {
					if now-first < slides.Millis(MinWait.Milliseconds()) {
						t.Fatal("sent too soon")
					}
					first = 0
					for _, s := range batch.Sealed {
						code, ok := server.Open(s)
						if !ok {
							t.Fatal("a box that does not open")
						}
						got[code]++
					}
				}
				counted[batch.ID] = len(batch.Sealed)
				if rapid.Bool().Draw(t, "acknowledged") {
					b.Kept(batch.ID)
					if b.Sent != nil {
						t.Fatal("acknowledged and still to be sent")
					}
				}
			}
		}
		for b.Sent != nil || len(b.Waiting) > 0 {
			now += slides.Millis(MaxWait.Milliseconds())
			batch := b.Next(now)
			if counted[batch.ID] == 0 {
				for _, s := range batch.Sealed {
					code, _ := server.Open(s)
					got[code]++
				}
			}
			counted[batch.ID] = len(batch.Sealed)
			b.Kept(batch.ID)
		}
		want := map[string]int{}
		for _, c := range codes {
			want[c]++
		}
		for c, n := range want {
			if got[c] != n {
				t.Fatalf("%s was delivered %d times, added %d times", c, got[c], n)
			}
		}
	})
}

// The order of boxes in a batch says nothing of the order of ratings.
func TestBoxesAreShuffled(t *testing.T) {
	server := pair(t)
	same := 0
	for range 50 {
		b := NewBook()
		for i := range 10 {
			if err := b.Add("H37-"+string(rune('0'+i)), server.Public[:], 1); err != nil {
				t.Fatal(err)
			}
		}
		var order []string
		for _, s := range b.Next(slides.Millis(48 * time.Hour / time.Millisecond)).Sealed {
			code, _ := server.Open(s)
			order = append(order, code)
		}
		if slices.IsSorted(order) {
			same++
		}
	}
	if same > 1 { // one of 3.6 million
		t.Errorf("%d of 50 batches in the order of their ratings", same)
	}
}

func TestABookIsBounded(t *testing.T) {
	b, server := NewBook(), pair(t)
	for i := range MaxWaiting + 10 {
		if err := b.Add("FULL-"+strconv.Itoa(i), server.Public[:], 1); err != nil {
			t.Fatal(err)
		}
	}
	b.Next(1 << 60)
	for len(b.Waiting) < MaxWaiting {
		if err := b.Add("0001", server.Public[:], 1); err != nil {
			t.Fatal(err)
		}
	}
	if raw, err := b.Bytes(); err != nil || len(raw) > 256<<10 {
		t.Errorf("a full book has %d bytes, %v", len(raw), err)
	}
	b = NewBook()
	for i := range MaxMarks + 10 {
		if err := b.Add("H-"+string([]byte{byte('0' + i/1000%10), byte('0' + i/100%10), byte('0' + i/10%10), byte('0' + i%10)}), nil, 1); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.Marks) != MaxMarks || len(b.Waiting) != 0 || b.Next(1<<60) != nil {
		t.Errorf("%d marks, %d boxes", len(b.Marks), len(b.Waiting))
	}
}

// A clock that was years ahead must not hold the boxes back for years.
func TestAWrongClockDoesNotHoldBoxes(t *testing.T) {
	b := NewBook()
	const year = 366 * 24 * 3600_000
	if err := b.Add("0001", pair(t).Public[:], 5*year); err != nil {
		t.Fatal(err)
	}
	if b.Next(year) != nil || b.Next(year+slides.Millis(MaxWait.Milliseconds())) == nil {
		t.Errorf("due at %d", b.Due)
	}
}
