package store

import (
	"context"
	"testing"
	"time"

	"motcua/slides"
)

// A photograph is on the cards of its officer while the unit shows them and the
// officer agrees, and off them at once after; its bytes go when nothing has it.
func TestOfficerPhotos(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "so", "")
	o := must[Officer](t)(s.SaveOfficer(ctx, editor, Officer{Unit: "so", Name: "Cán bộ A"}))
	m := shelf(t, s, "so", "chân dung", 100)
	k := must[Kiosk](t)(s.Kiosk(ctx, d.ID))
	e := k.Edit()
	e.Terminal.Officer = &slides.OfficerCard{ID: o.ID, Name: o.Name}
	must[Kiosk](t)(s.UpdateKiosk(ctx, editor, d.ID, e))
	card := func(want string) {
		t.Helper()
		k := must[Kiosk](t)(s.Kiosk(ctx, d.ID))
		if k.Terminal.Officer.Photo != want || must[string](t)(s.CardPhoto(ctx, "so", o.ID)) != want {
			t.Fatalf("the card shows %q, want %q", k.Terminal.Officer.Photo, want)
		}
	}
	if err := s.SetOfficerPhoto(ctx, editor, "tinh", o.ID, m.Blob); slides.KindOf(err) != slides.NotFound {
		t.Fatal("an officer of another unit:", err)
	}
	ok(t, s.SetOfficerPhoto(ctx, editor, "so", o.ID, m.Blob))
	card("")
	ok(t, s.ShowOfficerPhotos(ctx, editor, "so", true))
	card(m.Blob)
	if uses := must[map[string][]MediaUse](t)(s.MediaUses(ctx, []Media{m})); len(uses[m.ID]) != 2 { // the card and the officer
		t.Fatalf("%+v", uses)
	}
	ok(t, s.ShowOfficerPhotos(ctx, editor, "so", false))
	card("")
	ok(t, s.ShowOfficerPhotos(ctx, editor, "so", true))
	ok(t, s.SetOfficerPhoto(ctx, editor, "so", o.ID, ""))
	card("")
	k = must[Kiosk](t)(s.Kiosk(ctx, d.ID))
	e = k.Edit()
	e.Terminal.Officer = &slides.OfficerCard{ID: o.ID, Name: o.Name, Photo: m.HD}
	must[Kiosk](t)(s.UpdateKiosk(ctx, editor, d.ID, e))
	ok(t, s.SetOfficerPhoto(ctx, editor, "so", o.ID, m.Blob))
	if k := must[Kiosk](t)(s.Kiosk(ctx, d.ID)); k.Terminal.Officer.Photo != m.HD {
		t.Fatal("a card's own picture is lost")
	}
	c.advance(time.Second)
	must[int64](t)(s.VerifyAudit(ctx))
}
