package store

import (
	"context"
	"testing"
	"time"

	"motcua/server/compile"
	"motcua/slides"
)

// One asks, another confirms; it goes live to be flipped to at once, is over by
// itself, can be ended early, and leaves nothing behind.
func TestEmergencyNeedsTwo(t *testing.T) {
	ctx := context.Background()
	c := newClock()
	s := openTest(t, t.TempDir(), c)
	if err := s.SaveUnit(ctx, editor, Unit{ID: "so", Name: slides.Vi("Sở")}); err != nil {
		t.Fatal(err)
	}
	other := Actor{User: "u-other", Name: "Người thứ hai"}
	ask := func(change func(*Emergency)) (Emergency, error) {
		e := Emergency{Unit: "so", Text: slides.Vi("Cháy! Mời mọi người ra cửa số 2."), Where: compile.Where{All: true}, Minutes: 30, Zone: "Asia/Ho_Chi_Minh"}
		if change != nil {
			change(&e)
		}
		return s.AskEmergency(ctx, editor, e)
	}
	for name, change := range map[string]func(*Emergency){
		"too short": func(e *Emergency) { e.Minutes = 4 }, "too long": func(e *Emergency) { e.Minutes = 24*60 + 1 },
		"no text": func(e *Emergency) { e.Text = nil }, "no slide": func(e *Emergency) { e.Slide = "khong-co" },
		"nowhere": func(e *Emergency) { e.Where = compile.Where{} }, "no zone": func(e *Emergency) { e.Zone = "Mars" },
	} {
		if _, err := ask(change); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := must[Emergency](t)(ask(nil))
	if _, err := s.ConfirmEmergency(ctx, editor, e.ID); slides.KindOf(err) != slides.Denied {
		t.Errorf("who asked confirms: %v", err)
	}
	if n := must[int64](t)(s.Revision(ctx)); n != 0 {
		t.Errorf("something went live: revision %d", n)
	}
	e = must[Emergency](t)(s.ConfirmEmergency(ctx, other, e.ID))
	if _, err := s.ConfirmEmergency(ctx, other, e.ID); slides.KindOf(err) != slides.Conflict {
		t.Errorf("confirmed twice: %v", err)
	}
	live := func(id string) bool {
		i, err := s.Item(ctx, ItemRef{EntryItem, id})
		return err == nil && i.Live > 0
	}
	now := slides.At(c.now())
	if !live(e.ID) || e.State(now) != EmergencyOn || e.Ends != now+30*60_000 || e.Revision == 0 {
		t.Errorf("it is %+v, %s", e, e.State(now))
	}
	// The entry is on now and off after its time.
	row := must[EntryRow](t)(s.Entry(ctx, e.ID))
	occs, err := slides.Occurrences(&row.Entry.Entry, nil, c.now(), c.now().Add(time.Hour))
	if err != nil || len(occs) != 1 || occs[0].From.After(c.now()) || occs[0].Until.Before(e.Ends.Time()) || occs[0].Until.After(e.Ends.Time().Add(time.Minute)) {
		t.Errorf("on %v, %v", occs, err)
	}
	must[Emergency](t)(s.EndEmergency(ctx, other, e.ID))
	if live(e.ID) {
		t.Error("ended, and still live")
	}
	if _, err := s.EndEmergency(ctx, other, e.ID); slides.KindOf(err) != slides.Conflict {
		t.Errorf("ended twice: %v", err)
	}
	// One that ends by itself is swept by the next.
	one := must[Emergency](t)(ask(nil))
	must[Emergency](t)(s.ConfirmEmergency(ctx, other, one.ID))
	c.advance(31 * time.Minute)
	if st := must[Emergency](t)(s.Emergency(ctx, one.ID)); st.State(slides.At(c.now())) != EmergencyOver {
		t.Errorf("it is %s", st.State(slides.At(c.now())))
	}
	two := must[Emergency](t)(ask(nil))
	must[Emergency](t)(s.ConfirmEmergency(ctx, other, two.ID))
	if live(one.ID) || !live(two.ID) {
		t.Error("the one that is over stays")
	}
	// Too late, or refused.
	three := must[Emergency](t)(ask(nil))
	c.advance(61 * time.Minute)
	if _, err := s.ConfirmEmergency(ctx, other, three.ID); slides.KindOf(err) != slides.Conflict {
		t.Errorf("confirmed after an hour: %v", err)
	}
	four := must[Emergency](t)(ask(nil))
	must[Emergency](t)(s.RefuseEmergency(ctx, editor, four.ID))
	if _, err := s.ConfirmEmergency(ctx, other, four.ID); slides.KindOf(err) != slides.Conflict {
		t.Errorf("confirmed though refused: %v", err)
	}
	if list := must[[]Emergency](t)(s.Emergencies(ctx, 10)); len(list) != 5 {
		t.Errorf("%d emergencies", len(list))
	}
}

// Nothing puts an emergency on with one person: not an entry of its class, not
// the undoing of what took it off.
func TestNoOtherWayToAnEmergency(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	x := compile.Entry{Entry: slides.Entry{ID: "khan", Playlist: "chung", Zone: "Asia/Ho_Chi_Minh", Start: "2023-01-01T00:00", Priority: slides.Emergency}, Where: compile.Where{All: true}}
	row := must[EntryRow](t)(s.SaveEntry(ctx, editor, "so", x, 0))
	_, err := s.Publish(ctx, editor, PublishRequest{})
	wantKind(t, err, slides.Invalid)
	sub := submit(t, s, ItemAt{row.ItemRef, row.Version})
	_, err = s.ApproveSubmission(ctx, approver, sub.ID, Decision{})
	wantKind(t, err, slides.Invalid)
	e := must[Emergency](t)(s.AskEmergency(ctx, editor, Emergency{Unit: "so", Text: slides.Vi("Cháy!"), Where: compile.Where{All: true}, Minutes: 30, Zone: "Asia/Ho_Chi_Minh"}))
	must[Emergency](t)(s.ConfirmEmergency(ctx, approver, e.ID))
	must[Emergency](t)(s.EndEmergency(ctx, approver, e.ID))
	off := must[int64](t)(s.Revision(ctx))
	_, err = s.UndoRecall(ctx, editor, off, "")
	wantKind(t, err, slides.Invalid)
	_, err = s.RecallPublication(ctx, editor, off, "")
	wantKind(t, err, slides.Conflict)
	if i := must[Item](t)(s.Item(ctx, ItemRef{EntryItem, e.ID})); i.Live != 0 {
		t.Fatalf("%+v", i)
	}
}

// What is live and broken does not hold an emergency up.
func TestEmergencyOverBrokenContent(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	must[PlaylistRow](t)(s.SavePlaylist(ctx, editor, "so", slides.Playlist{ID: "rieng", Name: "Riêng", Items: []slides.Item{{Slide: "s1"}}}, 0))
	p := must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	x := compile.Entry{Entry: slides.Entry{ID: "e2", Playlist: "rieng", Zone: "Asia/Ho_Chi_Minh", Start: "2023-01-01T00:00", Priority: slides.Normal}, Where: compile.Where{All: true}}
	must[EntryRow](t)(s.SaveEntry(ctx, editor, "so", x, 0))
	must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
	must[Publication](t)(s.RecallPublication(ctx, editor, p.Revision, "")) // e2 shows a list that is gone
	e := must[Emergency](t)(s.AskEmergency(ctx, editor, Emergency{Unit: "so", Text: slides.Vi("Cháy!"), Where: compile.Where{All: true}, Minutes: 30, Zone: "Asia/Ho_Chi_Minh"}))
	must[Emergency](t)(s.ConfirmEmergency(ctx, approver, e.ID))
}

// The second person confirms what the first one asked for: a draft that changed
// or went in between is not put on.
func TestEmergencyShowsWhatWasAsked(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	draft := slogan("du-thao", "Mất điện đến 15 giờ")
	row := must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", draft, 0))
	ask := func() Emergency {
		return must[Emergency](t)(s.AskEmergency(ctx, editor, Emergency{Unit: "so", Slide: "du-thao", Where: compile.Where{All: true}, Minutes: 30, Zone: "Asia/Ho_Chi_Minh"}))
	}
	e := ask()
	c.advance(time.Minute)
	row = must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", slogan("du-thao", "Chữ khác"), row.Version))
	_, err := s.ConfirmEmergency(ctx, approver, e.ID)
	wantKind(t, err, slides.Conflict)
	c.advance(time.Minute)
	e = ask()
	ok(t, s.DeleteItem(ctx, editor, row.ItemRef, row.Version))
	if _, err = s.ConfirmEmergency(ctx, approver, e.ID); err == nil {
		t.Fatal("a deleted slide is put on")
	}
}

// A draft that an emergency put on goes off again with it, however it ends and
// whoever looks at it then; what was live before, or was chosen since, stays.
func TestEmergencyPutsItsDraftBack(t *testing.T) {
	ctx := context.Background()
	for name, end := range map[string]func(*testing.T, *Store, *clock, string){
		"by hand": func(t *testing.T, s *Store, _ *clock, id string) {
			must[Emergency](t)(s.EndEmergency(ctx, approver, id))
		},
		"by itself": func(t *testing.T, s *Store, c *clock, _ string) {
			if must[bool](t)(s.SweepEmergencies(ctx)) {
				t.Error("swept while it is on")
			}
			c.advance(30 * time.Minute)
			if !must[bool](t)(s.SweepEmergencies(ctx)) || must[bool](t)(s.SweepEmergencies(ctx)) {
				t.Error("swept not once")
			}
		},
	} {
		for what, since := range map[string]func(*Store){
			"draft": nil,
			"live before": func(s *Store) {
				must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
			},
			"chosen since": func(s *Store) {
				must[PlaylistRow](t)(s.SavePlaylist(ctx, editor, "so", slides.Playlist{ID: "khac", Name: "Khác", Items: []slides.Item{{Slide: "du-thao"}}}, 0))
				must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
			},
			"published since": func(s *Store) {
				must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", slogan("du-thao", "Mất điện đến 16 giờ"), 1))
				must[Publication](t)(s.Publish(ctx, editor, PublishRequest{}))
			},
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				c, dir := newClock(), t.TempDir()
				s := openTest(t, dir, c)
				office(t, s)
				must[SlideRow](t)(s.SaveSlide(ctx, editor, "so", slogan("du-thao", "Mất điện đến 15 giờ"), 0))
				if what == "live before" {
					since(s)
				}
				e := must[Emergency](t)(s.AskEmergency(ctx, editor, Emergency{Unit: "so", Slide: "du-thao", Where: compile.Where{All: true}, Minutes: 30, Zone: "Asia/Ho_Chi_Minh"}))
				must[Emergency](t)(s.ConfirmEmergency(ctx, approver, e.ID))
				if since != nil && what != "live before" {
					since(s)
				}
				ok(t, s.Close())
				s = openTest(t, dir, c) // as after a crash: nothing of it is in memory
				end(t, s, c, e.ID)
				i := must[Item](t)(s.Item(ctx, ItemRef{SlideItem, "du-thao"}))
				if i.Live > 0 != (what != "draft") || i.State == Removed {
					t.Errorf("afterwards it is %+v", i)
				}
				for _, r := range []ItemRef{{PlaylistItem, e.ID}, {EntryItem, e.ID}} {
					if i := must[Item](t)(s.Item(ctx, r)); i.Live != 0 {
						t.Errorf("%s stays: %+v", r.Type, i)
					}
				}
			})
		}
	}
}
