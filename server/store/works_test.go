package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"motcua/slides"
)

// What one server does, another shows; it is begun by one at a time, and anew
// once its server has fallen silent.
func TestWorkOfOneServerIsSeenByAnother(t *testing.T) {
	ctx, c, dir := context.Background(), newClock(), t.TempDir()
	one := openTest(t, dir, c)
	two := openTest(t, dir, c, func(o *Options) { o.Server = "srv-2" })
	w := Work{ID: "import:1", Kind: "import", Title: "Phụ lục", Link: "/studio/imports/1", Unit: "so", Total: 1000}
	ok(t, one.BeginWork(ctx, editor, w))
	wantKind(t, two.BeginWork(ctx, editor, w), slides.Conflict)
	ok(t, one.WorkDone(ctx, w.ID, 400))
	ok(t, two.WorkDone(ctx, w.ID, 7)) // not its own
	got := must[Work](t)(two.Work(ctx, w.ID))
	if got.Done != 400 || got.Total != 1000 || got.By != editor.User || got.Server != "srv-1" || !got.Running(two.Now()) {
		t.Fatalf("%+v", got)
	}
	c.advance(WorkLost + time.Second)
	if got := must[[]Work](t)(two.Works(ctx, two.Now())); len(got) != 1 || !got[0].Lost(two.Now()) {
		t.Fatalf("%+v", got)
	}
	ok(t, two.BeginWork(ctx, editor, w))
	ok(t, one.EndWork(ctx, w.ID, 1000, nil)) // it comes too late
	if got = must[Work](t)(one.Work(ctx, w.ID)); !got.Running(one.Now()) || got.Done != 0 {
		t.Fatalf("%+v", got)
	}
	ok(t, two.EndWork(ctx, w.ID, 20, slides.E(slides.Full, "x", "Ổ đĩa đầy.", "The disk is full.", errors.New("ENOSPC"))))
	if got = must[Work](t)(one.Work(ctx, w.ID)); got.Running(one.Now()) || got.Fault["vi"] != "Ổ đĩa đầy." || got.Fault["en"] != "The disk is full." {
		t.Fatalf("%+v", got)
	}
	if got := must[[]Work](t)(one.Works(ctx, one.Now()-1)); len(got) != 1 {
		t.Fatalf("what has just ended: %+v", got)
	}
	c.advance(time.Minute)
	if got := must[[]Work](t)(one.Works(ctx, one.Now()-1000)); len(got) != 0 {
		t.Fatalf("what ended before: %+v", got)
	}
	_, err := one.Work(ctx, "import:2")
	wantKind(t, err, slides.NotFound)
	c.advance(25 * time.Hour)
	ok(t, one.BeginWork(ctx, editor, Work{ID: "import:3", Kind: "import", Title: "Phụ lục khác"}))
	_, err = one.Work(ctx, w.ID)
	wantKind(t, err, slides.NotFound)
}
