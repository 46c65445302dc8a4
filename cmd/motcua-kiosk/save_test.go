package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"golang.org/x/crypto/nacl/box"

	"motcua/kiosk/player"
	"motcua/kiosk/screen"
	"motcua/slides/chain"
	"motcua/slides/letter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// A letter is on the disk before its receipt is told, the contact only sealed;
// a pass is signed with the key of the pairing.
func TestLettersAndPasses(t *testing.T) {
	v, err := demoVault("nhanh", "")
	if err != nil {
		t.Skip(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	k := NewKiosk(v, screen.Options{}, "test", slog.New(slog.DiscardHandler))
	go k.store(ctx)
	public, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	st := player.New(player.Place{Kiosk: "demo"}, player.Clock{})
	k.carryOut(player.SaveLetter{
		ID: 3, Text: "Xin thêm ghế, gọi 0912345678", Contact: letter.Contact{Name: "Người gửi mẫu"}, Seal: public[:],
		Letter: letter.Letter{Category: "gop-y", Unit: "so", Kiosk: "demo", Channel: survey.AtKiosk, Lang: "vi", Clock: survey.Synced},
	}, &st)
	// One that can't be sealed is refused, not kept open.
	k.carryOut(player.SaveLetter{
		ID: 4, Text: "x", Contact: letter.Contact{Name: "Người gửi mẫu"},
		Letter: letter.Letter{Category: "gop-y", Unit: "so", Kiosk: "demo", Channel: survey.AtKiosk, Lang: "vi", Clock: survey.Synced},
	}, &st)
	k.carryOut(player.MakePass{To: wire.ToWrite}, &st)
	var saved player.Saved
	var refused player.Refused
	var pass player.PassMade
	for saved.ID == 0 || refused.ID == 0 || pass.Pass == "" {
		select {
		case <-k.queue.ready:
		case <-ctx.Done():
			t.Fatalf("%+v %+v %+v", saved, refused, pass)
		}
		for _, e := range k.queue.take() {
			switch e := e.(type) {
			case player.Saved:
				saved = e
			case player.Refused:
				refused = e
			case player.PassMade:
				pass = e
			}
		}
	}
	if _, ok := letter.CleanCode(saved.Receipt); saved.ID != 3 || refused.ID != 4 || !ok {
		t.Fatalf("%+v %+v", saved, refused)
	}
	b, err := v.Letters().Unacked(letter.ChainOf(chain.ID{1}), 0, 10, 1<<20)
	if err != nil || len(b.Records) != 1 || v.Outbox().Pending() != 0 {
		t.Fatalf("%d records, %v", len(b.Records), err)
	}
	parts := b.Records[0].Sections
	for _, s := range parts {
		if bytes.Contains(s.Body, []byte("0912")) || bytes.Contains(s.Body, []byte("Người gửi")) {
			t.Errorf("section %d: %s", s.Kind, s.Body)
		}
	}
	l, err := letter.Parse(parts[0].Body)
	if err != nil || l.Code != saved.Receipt {
		t.Fatalf("%+v, %v", l, err)
	}
	if c, err := letter.Unseal(public, private, letter.SealedOf(parts[2].Body)); err != nil || c.Name != "Người gửi mẫu" {
		t.Fatalf("%+v, %v", c, err)
	}
	key, _ := v.Key()
	p, err := wire.ParsePass(pass.Pass)
	if err != nil || p.For != wire.ToWrite || !p.SignedBy(key.Public().(ed25519.PublicKey)) {
		t.Fatalf("%+v, %v", p, err)
	}
}
