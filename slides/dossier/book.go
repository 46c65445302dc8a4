package dossier

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"motcua/slides"
)

// Times and sizes of a kiosk's book.
const (
	// MinWait and MaxWait bound the random time from the first waiting box to the
	// sending of all: a working day's ratings at least lie between them.
	MinWait = 12 * time.Hour
	MaxWait = 36 * time.Hour
	// MaxMarks is how many of its own dossiers a kiosk knows: at fifty a day, a month.
	MaxMarks = 1000
	// MaxWaiting bounds the boxes of a kiosk that is alone for months; then the
	// oldest ones can't be told from the newest, and any of them is dropped.
	MaxWaiting = 1400
	// MaxBatch is how many boxes one message carries. A full book stays below
	// 256 KiB, what the kiosk's vault keeps as one note.
	MaxBatch = 64
)

// Batch is boxes under way to the server. It is sent again with the same ID
// until it is acknowledged, so that it counts once.
type Batch struct {
	ID     string   `json:"id"` // 32 hexadecimal digits, random
	Sealed [][]byte `json:"sealed"`
}

// Book is a kiosk's own record of dossiers, kept beside its ratings. Its zero
// value is an empty one without a key; use NewBook or ParseBook. It is for one
// goroutine at a time.
type Book struct {
	Key     Key           `json:"key"`
	Marks   []Mark        `json:"marks,omitempty"`   // sorted
	Waiting [][]byte      `json:"waiting,omitempty"` // boxes in random order
	Due     slides.Millis `json:"due,omitempty"`     // when they are sent; 0: none waits
	Sent    *Batch        `json:"sent,omitempty"`    // not acknowledged yet
}

// NewBook is an empty book with a fresh key.
func NewBook() *Book { return &Book{Key: NewKey()} }

// ParseBook reads what Bytes wrote; a damaged book is a new one.
func ParseBook(b []byte) *Book {
	var k Book
	if json.Unmarshal(b, &k) != nil || k.Key == (Key{}) {
		return NewBook()
	}
	slices.SortFunc(k.Marks, compare)
	return &k
}

// Bytes is the book for the disk.
func (b *Book) Bytes() ([]byte, error) { return json.Marshal(b) }

func compare(a, b Mark) int { return bytes.Compare(a[:], b[:]) }

// Known is what a player asks: the kiosk's key and marks, never changed.
type Known struct {
	key   Key
	marks []Mark
}

// Known is the book's present state.
func (b *Book) Known() Known { return Known{b.Key, slices.Clone(b.Marks)} }

// Has says whether the dossier of a cleaned code has rated on this kiosk.
func (k Known) Has(code string) bool {
	_, ok := slices.BinarySearchFunc(k.marks, k.key.Mark(code), compare)
	return ok
}

// Add notes that the dossier of a cleaned code has rated; to is the server's
// key, empty where there is none: then only this kiosk knows.
func (b *Book) Add(code string, to []byte, now slides.Millis) error {
	m := b.Key.Mark(code)
	if i, there := slices.BinarySearchFunc(b.Marks, m, compare); !there {
		if len(b.Marks) >= MaxMarks {
			at := mathrand.IntN(len(b.Marks)) // sorted by hash: none is known to be the oldest
			b.Marks = slices.Delete(b.Marks, at, at+1)
			i, _ = slices.BinarySearchFunc(b.Marks, m, compare)
		}
		b.Marks = slices.Insert(b.Marks, i, m)
	}
	if len(to) == 0 {
		return nil
	}
	sealed, err := Seal(to, code)
	if err != nil {
		return err
	}
	b.Waiting = append(b.Waiting, sealed)
	mathrand.Shuffle(len(b.Waiting), func(i, j int) { b.Waiting[i], b.Waiting[j] = b.Waiting[j], b.Waiting[i] })
	b.Waiting = b.Waiting[:min(len(b.Waiting), MaxWaiting)]
	if b.Due == 0 {
		b.Due = now + slides.Millis((MinWait + mathrand.N(MaxWait-MinWait)).Milliseconds())
	}
	return nil
}

// Next is the batch to send now, nil for none. It changes the book, which must
// be kept before the batch is sent.
func (b *Book) Next(now slides.Millis) *Batch {
	if b.Sent != nil {
		return b.Sent
	}
	if len(b.Waiting) == 0 {
		return nil
	}
	if now < b.Due {
		if latest := now + slides.Millis(MaxWait.Milliseconds()); b.Due > latest {
			b.Due = latest // the clock was wrong when it was drawn
		}
		return nil
	}
	id := make([]byte, 16)
	rand.Read(id) // never fails (crypto/rand)
	n := min(len(b.Waiting), MaxBatch)
	b.Sent = &Batch{ID: hex.EncodeToString(id), Sealed: slices.Clone(b.Waiting[:n])}
	if b.Waiting = slices.Clone(b.Waiting[n:]); len(b.Waiting) == 0 {
		b.Waiting, b.Due = nil, 0
	}
	return b.Sent
}

// Kept says that the server has counted a batch.
func (b *Book) Kept(id string) {
	if b.Sent != nil && b.Sent.ID == id {
		b.Sent = nil
	}
}
