package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"golang.org/x/crypto/nacl/box"

	"motcua/kiosk/player"
	"motcua/kiosk/screen"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/dossier"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// A kiosk without its window: an invitation is answered by the player, and a
// rating's sections and its dossier go to the places that are theirs.
func TestInvitedRatingAndItsDossier(t *testing.T) {
	v, err := demoVault("daydu", "")
	if err != nil {
		t.Skip(err) // the fonts are not fetched
	}
	k := NewKiosk(v, screen.Options{}, "test", slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	k.Start()
	if err := k.Invite(ctx, wire.Command{ID: "c1"}); slides.KindOf(err) != slides.Conflict {
		t.Fatalf("invited though not in counter mode: %v", err)
	}
	public, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	place := player.Place{Kiosk: "demo", Counter: "quay-1"}
	place.Terminal.AtDesk, place.Terminal.Seal = true, public[:]
	k.Post(player.PlaceChanged{Place: place})
	if err := k.Invite(ctx, wire.Command{ID: "c2", Invitation: wire.Invitation{Ticket: "A012"}}); err != nil {
		t.Fatal(err)
	}
	until := func(what string, is func() bool) {
		t.Helper()
		for !is() {
			select {
			case <-ctx.Done():
				t.Fatal(what)
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	until("the question is not on the screen", func() bool { return k.Health().View == string(player.ViewForm) })
	k.mu.Lock()
	st := k.now
	k.mu.Unlock()
	q := st.Content.Surveys[0]
	at := slides.At(time.Now())
	r := player.SaveRating{ID: 7, Dossier: "H37-0001", Given: survey.Given{
		Rating: survey.Rating{Questionnaire: q.ID, Version: q.Version, Unit: "so", Kiosk: "demo", Channel: survey.AtKiosk, Lang: "vi", Hour: survey.HourOf(at, nil), Clock: survey.Synced, Answers: []survey.Answer{{Question: "s15", Level: 2}}},
		Moment: survey.Moment{At: at}, PartA: survey.PartA{"vung": "mien-nui"}, Free: "gọi 0912345678",
	}}
	k.carryOut(r, &st)
	until("the dossier is not noted", func() bool { return v.Note(dossiersNote) != nil })
	b, err := v.Outbox().Unacked(chain.ID{1}, 0, 10, 1<<20)
	if err != nil || len(b.Records) != 1 {
		t.Fatalf("%d records: %v", len(b.Records), err)
	}
	var kinds []chain.Kind
	for _, s := range b.Records[0].Sections {
		kinds = append(kinds, s.Kind)
		if bytes.Contains(s.Body, []byte("0912")) || bytes.Contains(s.Body, []byte("0001")) {
			t.Errorf("section %d: %s", s.Kind, s.Body)
		}
	}
	if len(kinds) != 3 || kinds[0] != chain.Core || kinds[1] != chain.PartA || kinds[2] != chain.Free {
		t.Errorf("sections %v", kinds)
	}
	book := dossier.ParseBook(v.Note(dossiersNote))
	if !book.Known().Has("H37-0001") || len(book.Waiting) != 1 {
		t.Fatalf("%+v", book)
	}
	if code, ok := dossier.Open(public, private, book.Waiting[0]); !ok || code != "H37-0001" {
		t.Errorf("sealed %q", code)
	}
}
