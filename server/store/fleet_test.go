package store

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

func TestOrdersToMany(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	a, b, gone := pair(t, s, "mot-cua", ""), pair(t, s, "so", ""), pair(t, s, "so", "")
	ok(t, s.Unpair(ctx, editor, gone.ID))
	all := []string{a.ID, b.ID, gone.ID, a.ID} // twice is once
	for name, o := range map[string]Order{
		"no verb":      {},
		"an invite":    {Verb: wire.Invite},
		"too long":     {Verb: wire.Say, Text: strings.Repeat("ô", wire.MaxAnnounced+1), For: time.Minute},
		"no time":      {Verb: wire.Say, Text: "x"},
		"half a day +": {Verb: wire.Say, Text: "x", For: MaxSayFor + time.Minute},
	} {
		_, err := s.AddCommands(ctx, editor, all, o, time.Minute)
		if slides.KindOf(err) != slides.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := s.AddCommands(ctx, editor, nil, Order{Verb: wire.Reload}, time.Minute)
	wantKind(t, err, slides.Invalid)
	_, err = s.AddCommands(ctx, editor, []string{a.ID, "khong-co"}, Order{Verb: wire.Reload}, time.Minute)
	wantKind(t, err, slides.NotFound)
	if list := must[[]wire.Command](t)(s.PendingCommands(ctx, a.ID)); len(list) != 0 {
		t.Fatal("half an order was given")
	}

	id := must[string](t)(s.AddCommands(ctx, editor, all, Order{Verb: wire.Say, Text: "  Quầy 3\ntạm nghỉ ", For: time.Hour}, time.Minute))
	list := must[[]wire.Command](t)(s.PendingCommands(ctx, a.ID))
	if len(list) != 1 || list[0].Text != "Quầy 3 tạm nghỉ" || list[0].Until != s.Now()+3_600_000 || list[0].Expires != list[0].Until {
		t.Fatalf("%+v", list)
	}
	states := func() map[string]string {
		out := map[string]string{}
		for _, r := range must[Batch](t)(s.Batch(ctx, id)).Rows {
			out[r.Kiosk] = r.State
		}
		return out
	}
	if got := states(); len(got) != 3 || got[a.ID] != "pending" || got[b.ID] != "pending" || got[gone.ID] != "failed" {
		t.Fatalf("%v", got)
	}
	ok(t, s.CommandSent(ctx, list[0].ID))
	ok(t, s.CommandDone(ctx, a.ID, wire.Done{ID: list[0].ID, OK: true}))
	c.advance(time.Hour)
	if got := states(); got[a.ID] != "done" || got[b.ID] != "expired" {
		t.Fatalf("%v", got)
	}
	// A kiosk with too much before it has failed at once, with a sentence; the other goes on.
	for range wire.MaxCommands {
		_, err := s.AddCommand(ctx, editor, a.ID, wire.Reload, time.Hour)
		ok(t, err)
	}
	id = must[string](t)(s.AddCommands(ctx, editor, []string{a.ID, b.ID}, Order{Verb: wire.Restart, Text: "dropped"}, time.Minute))
	batch := must[Batch](t)(s.Batch(ctx, id))
	if got := states(); got[a.ID] != "failed" || got[b.ID] != "pending" || batch.Text != "" {
		t.Fatalf("%v, %q", got, batch.Text)
	}
	if i := slices.IndexFunc(batch.Rows, func(r CommandRow) bool { return r.State == "failed" }); batch.Rows[i].Vi == "" || batch.Rows[i].En == "" {
		t.Fatalf("no sentence: %+v", batch.Rows[i])
	}
	must[int64](t)(s.VerifyAudit(ctx))
	c.advance(keepBatches + time.Hour)
	ok(t, s.Tidy(ctx))
	_, err = s.Batch(ctx, id)
	wantKind(t, err, slides.NotFound)
}

func TestLabels(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	a, b := pair(t, s, "mot-cua", ""), pair(t, s, "so", "")
	both := []string{a.ID, b.ID}
	for name, l := range map[string]Labels{
		"nothing": {}, "comma": {AddTags: []string{"a,b"}}, "long": {AddTags: []string{strings.Repeat("ô", 41)}}, "group": {AddGroups: []string{"Tầng 1"}},
	} {
		if _, err := s.Label(ctx, editor, both, l); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := must[int](t)(s.Label(ctx, editor, both, Labels{AddTags: []string{" tầng  1 ", "chờ"}, AddGroups: []string{"xa"}})); n != 2 {
		t.Fatal(n)
	}
	k := must[Kiosk](t)(s.Kiosk(ctx, a.ID))
	if !slices.Equal(k.Tags, []string{"chờ", "tầng 1"}) || !slices.Equal(k.Groups, []string{"xa"}) {
		t.Fatalf("%q %q", k.Tags, k.Groups)
	}
	was := k.Settings
	if n := must[int](t)(s.Label(ctx, editor, both, Labels{AddTags: []string{"chờ"}, DropTags: []string{"không có"}})); n != 0 {
		t.Fatal("nothing changed, and", n, "did")
	}
	if n := must[int](t)(s.Label(ctx, editor, both[:1], Labels{DropTags: []string{"chờ"}})); n != 1 {
		t.Fatal(n)
	}
	if k = must[Kiosk](t)(s.Kiosk(ctx, a.ID)); !slices.Equal(k.Tags, []string{"tầng 1"}) || k.Settings != was {
		t.Fatalf("%q; a tag is no setting of the kiosk's", k.Tags)
	}
	many := make([]string, maxTags+1)
	for i := range many {
		many[i] = strings.Repeat("x", i+1)
	}
	_, err := s.Label(ctx, editor, both, Labels{AddTags: many})
	wantKind(t, err, slides.Invalid)
	_, err = s.Label(ctx, editor, []string{a.ID, "khong-co"}, Labels{AddTags: []string{"mới"}})
	wantKind(t, err, slides.NotFound)
	if k = must[Kiosk](t)(s.Kiosk(ctx, a.ID)); slices.Contains(k.Tags, "mới") {
		t.Fatal("half of the kiosks were labelled")
	}

	ok(t, s.RenameKiosk(ctx, editor, a.ID, "  Sảnh chính "))
	if k = must[Kiosk](t)(s.Kiosk(ctx, a.ID)); k.Name != "Sảnh chính" || k.Settings <= was || !slices.Equal(k.Groups, []string{"xa"}) {
		t.Fatalf("%+v", k)
	}
	wantKind(t, s.RenameKiosk(ctx, editor, a.ID, " "), slides.Invalid)
	wantKind(t, s.RenameKiosk(ctx, editor, "khong-co", "x"), slides.NotFound)
	must[int64](t)(s.VerifyAudit(ctx))
}

// What stands on a kiosk is the newest announcement that it has taken, until it
// is taken away or over.
func TestAnnounced(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	a, b := pair(t, s, "mot-cua", ""), pair(t, s, "mot-cua", "")
	say := func(text string, takes ...string) {
		t.Helper()
		must[string](t)(s.AddCommands(ctx, editor, []string{a.ID, b.ID}, Order{Verb: wire.Say, Text: text, For: time.Hour}, time.Minute))
		for _, k := range takes {
			for _, x := range must[[]wire.Command](t)(s.PendingCommands(ctx, k)) {
				ok(t, s.CommandDone(ctx, k, wire.Done{ID: x.ID, OK: true}))
			}
		}
		c.advance(time.Second)
	}
	stands := func(onA, onB string) {
		t.Helper()
		if got := must[map[string]wire.Announcement](t)(s.Announced(ctx)); got[a.ID].Text != onA || got[b.ID].Text != onB {
			t.Errorf("%v", got)
		}
	}
	stands("", "")
	say("Một", a.ID)
	stands("Một", "")
	say("Hai", b.ID)
	stands("Một", "Hai")
	say("", a.ID)
	stands("", "Hai")
	c.advance(time.Hour)
	stands("", "")
}
