package store

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"motcua/slides"
	"motcua/slides/chain"
)

// TestFullDiskKeepsNothingAndLosesNothing lets the database grow no further (as
// SQLite sees a full disk), while several kiosks send in one group.
func TestFullDiskKeepsNothingAndLosesNothing(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	running(t, s)
	var devices []*device
	var batches [][]chain.Record
	for range 4 {
		d := pair(t, s, "mot-cua", "")
		var records []chain.Record
		for range 64 {
			r := d.rating(c.now(), "rutgon", 5, 4, 3, 2, 1, 0)
			records = append(records, d.record(r, c.now()))
		}
		devices, batches = append(devices, d), append(batches, records)
	}
	var pages int
	ok(t, s.w.QueryRow("PRAGMA page_count").Scan(&pages))
	_, err := s.w.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	ok(t, err)
	send := func() []error {
		errs := make([]error, len(devices))
		var wg sync.WaitGroup
		for i, d := range devices {
			wg.Go(func() { _, errs[i] = s.IngestRatings(ctx, d.ID, d.batch(batches[i]...)) })
		}
		wg.Wait()
		return errs
	}
	for _, err := range send() {
		wantKind(t, err, slides.Full)
	}
	ok(t, s.CheckRollups(ctx))
	for range s.Ratings(ctx, RatingFilter{}) {
		t.Fatal("refused, and kept all the same")
	}
	_, err = s.w.Exec("PRAGMA max_page_count = 1000000")
	ok(t, err)
	for _, err := range send() {
		ok(t, err)
	}
	n := 0
	for _, err := range s.Ratings(ctx, RatingFilter{Unit: "tinh"}) {
		ok(t, err)
		n++
	}
	if n != 4*64 {
		t.Fatalf("%d ratings", n)
	}
	ok(t, s.CheckRollups(ctx))
}
