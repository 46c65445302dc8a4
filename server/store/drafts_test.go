package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"motcua/slides"
)

// A person's drafts are theirs, the newest sixty of them, for ninety days.
func TestDraftsAreKeptForTheirPerson(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	d := UnsavedDraft{Key: "slide:a", Kind: "slogan", Base: 3, Title: "Một", Values: map[string][]string{"title.vi": {"Một"}}}
	ok(t, s.SaveDraft(ctx, "mai", d))
	d.Title, d.Values["title.vi"] = "Hai", []string{"Hai"}
	ok(t, s.SaveDraft(ctx, "mai", d))
	got := must[UnsavedDraft](t)(s.Draft(ctx, "mai", "slide:a"))
	if got.Values["title.vi"][0] != "Hai" || got.Base != 3 || got.Updated == 0 {
		t.Errorf("%+v", got)
	}
	_, err := s.Draft(ctx, "binh", "slide:a")
	wantKind(t, err, slides.NotFound)
	d.Values = map[string][]string{"x": {strings.Repeat("a", maxDraft)}}
	wantKind(t, s.SaveDraft(ctx, "mai", d), slides.TooLarge)
	wantKind(t, s.SaveDraft(ctx, "mai", UnsavedDraft{}), slides.Invalid)
	for i := range maxDrafts {
		c.advance(time.Second)
		ok(t, s.SaveDraft(ctx, "mai", UnsavedDraft{Key: fmt.Sprintf("new:%d", i), Kind: "slogan"}))
	}
	if list := must[[]UnsavedDraft](t)(s.Drafts(ctx, "mai")); len(list) != maxDrafts || list[0].Key != fmt.Sprintf("new:%d", maxDrafts-1) {
		t.Errorf("%d drafts, first %+v", len(list), list[0])
	}
	ok(t, s.DropDraft(ctx, "mai", "new:1"))
	ok(t, s.DropDraft(ctx, "mai", "new:1"))
	c.advance((keepDraftDays + 1) * 24 * time.Hour)
	ok(t, s.Tidy(ctx))
	if list := must[[]UnsavedDraft](t)(s.Drafts(ctx, "mai")); len(list) != 0 {
		t.Errorf("%d drafts are left after %d days", len(list), keepDraftDays)
	}
}
