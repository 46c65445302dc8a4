package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// A publication's kiosks are those whose manifest it changed; each has it, takes
// it, or is away.
func TestKiosksOfAPublication(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	running(t, s)
	office(t, s)
	var kiosks []*device
	for range 3 {
		kiosks = append(kiosks, pair(t, s, "mot-cua", ""))
	}
	edit(t, s, "s1", "Nội dung mới")
	p := must[Publication](t)(s.Publish(ctx, approver, PublishRequest{}))
	for i, d := range kiosks[:2] {
		must[*Lease](t)(s.TakeLease(ctx, d.ID, fmt.Sprint("c", i), Hello{}, time.Hour))
	}
	m := must[Manifest](t)(s.Manifest(ctx, kiosks[0].Class))
	if rev, pending, err := s.Arriving(ctx, 0); err != nil || rev != p.Revision || pending != 2 {
		t.Fatal(rev, pending, err)
	}
	ok(t, s.SaveHealth(ctx, kiosks[0].ID, &wire.Health{Manifest: m.ID, Revision: m.Revision}))
	got := map[string]Delivery{}
	for _, d := range must[[]Delivery](t)(s.Deliveries(ctx, p.Revision)) {
		got[d.Kiosk] = d
	}
	a, b, away := got[kiosks[0].ID], got[kiosks[1].ID], got[kiosks[2].ID]
	if len(got) != 3 || !a.Has || !a.Online || b.Has || !b.Online || away.Has || away.Online || a.LastSeen == 0 || a.Unit != "mot-cua" {
		t.Fatalf("%+v", got)
	}
	ok(t, s.SaveHealth(ctx, kiosks[1].ID, &wire.Health{Manifest: m.ID, Revision: m.Revision}))
	if rev, pending, err := s.Arriving(ctx, 0); err != nil || rev != 0 || pending != 0 {
		t.Fatal(rev, pending, err)
	}
	ok(t, s.Unpair(ctx, editor, kiosks[2].ID))
	if got := must[[]Delivery](t)(s.Deliveries(ctx, p.Revision)); len(got) != 2 {
		t.Fatalf("%+v", got)
	}
}

// A recall is undone by a publication of its own; what moved on since stays.
func TestRecallIsUndone(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	edit(t, s, "s1", "Bản hai")
	edit(t, s, "s3", "Trang mới")
	p := must[Publication](t)(s.Publish(ctx, approver, PublishRequest{Items: []ItemRef{{SlideItem, "s1"}, {SlideItem, "s3"}}}))
	r := must[Publication](t)(s.RecallPublication(ctx, approver, p.Revision, "nhầm"))
	_, err := s.UndoRecall(ctx, approver, p.Revision, "")
	wantKind(t, err, slides.Conflict) // no recall
	back := must[Publication](t)(s.UndoRecall(ctx, approver, r.Revision, ""))
	if back.Kind != "publish" || len(back.Items) != 2 {
		t.Fatalf("%+v", back)
	}
	for id, want := range map[string]int{"s1": 2, "s3": 1} {
		if i := must[Item](t)(s.Item(ctx, ItemRef{SlideItem, id})); i.Live != want || i.State != Live {
			t.Errorf("%+v", i)
		}
	}
	_, err = s.UndoRecall(ctx, approver, r.Revision, "")
	wantKind(t, err, slides.Conflict)
	r = must[Publication](t)(s.RecallSlide(ctx, approver, "s1", "sai"))
	edit(t, s, "s1", "Bản ba")
	must[Publication](t)(s.Publish(ctx, approver, PublishRequest{Items: []ItemRef{{SlideItem, "s1"}}}))
	_, err = s.UndoRecall(ctx, approver, r.Revision, "")
	wantKind(t, err, slides.Conflict)
	must[int64](t)(s.VerifyAudit(ctx))
}
