package player_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/fixture"
)

// The kiosk's answer is the domain's, case by case, all the way from the
// manifest's bytes and whatever blobs are there.
func TestScheduleFixture(t *testing.T) {
	for _, c := range fixture.Schedule() {
		t.Run(c.Name, func(t *testing.T) {
			m := c.Manifest()
			m.Issued = min(m.Issued, slides.At(c.At))
			raw, err := slides.EncodeManifest(m)
			if err != nil {
				t.Fatal(err)
			}
			blobs := c.Blobs()
			content, _, err := player.Load(raw, func(sha string) ([]byte, error) {
				if b, ok := blobs[sha]; ok {
					return b, nil
				}
				return nil, errors.New("not here")
			})
			if err != nil {
				t.Fatal(err)
			}
			now := player.Now{Wall: slides.At(c.At)}
			st, _ := player.Next(player.New(player.Place{}, player.Clock{}), now, player.ContentReady{Content: content, Now: true})
			if d := cmp.Diff(c.Showing(), st.Showing); d != "" {
				t.Errorf("at %s: want (-), got (+):\n%s", c.At, d)
			}
		})
	}
}
