package store

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/wire"

	"pgregory.net/rapid"
)

// The sums are what the plays say, whatever comes twice, late, summed by the
// hour or as an answer alone.
func TestPlaySumsAreThePlays(t *testing.T) {
	ctx := context.Background()
	s := openTest(t, t.TempDir(), newClock())
	if err := s.SaveUnit(ctx, editor, Unit{ID: "so", Name: slides.Vi("Sở"), Zone: "Asia/Ho_Chi_Minh"}); err != nil {
		t.Fatal(err)
	}
	kiosks := []string{pair(t, s, "so", "").ID, pair(t, s, "so", "").ID}
	zone, _ := time.LoadLocation("Asia/Ho_Chi_Minh")
	base := time.Date(2026, 3, 1, 0, 0, 0, 0, zone)
	sent := map[string]map[uint64]wire.Play{kiosks[0]: {}, kiosks[1]: {}}
	rapid.Check(t, func(rt *rapid.T) {
		k := rapid.SampledFrom(kiosks).Draw(rt, "kiosk")
		var plays []wire.Play
		for range rapid.IntRange(1, 20).Draw(rt, "plays") {
			id := rapid.Uint64Range(1, 200).Draw(rt, "id")
			p, again := sent[k][id]
			if !again {
				from := base.Add(time.Duration(rapid.IntRange(0, 5*24*3600).Draw(rt, "second")) * time.Second)
				p = wire.Play{ID: id, Slide: fmt.Sprintf("s%d", rapid.IntRange(0, 3).Draw(rt, "slide")), From: slides.At(from), Until: slides.At(from.Add(time.Duration(rapid.IntRange(1, 60).Draw(rt, "long")) * time.Second))}
				switch rapid.IntRange(0, 3).Draw(rt, "what") {
				case 0:
					p.Count = rapid.IntRange(2, 50).Draw(rt, "count")
					p.Seconds = float64(p.Count) * 7.5
				case 1:
					p.Yes = 1
				}
				sent[k][id] = p
			}
			plays = append(plays, p)
		}
		if _, err := s.SavePlays(ctx, k, wire.Plays{Disk: "d", Plays: plays}); err != nil {
			rt.Fatal(err)
		}
		from := base.AddDate(0, 0, rapid.IntRange(0, 4).Draw(rt, "from"))
		until := from.AddDate(0, 0, rapid.IntRange(0, 3).Draw(rt, "days"))
		for _, by := range []PlayGroup{PlaysBySlide, PlaysByKiosk, PlaysByDay, PlaysByTopic} {
			want := map[string]PlaySum{}
			for kiosk, list := range sent {
				for _, p := range list {
					day := p.From.Time().In(zone)
					if n := p.Times(); n > 0 && !day.Before(from) && day.Before(until.AddDate(0, 0, 1)) {
						key := map[PlayGroup]string{PlaysBySlide: p.Slide, PlaysByKiosk: kiosk, PlaysByDay: day.Format(time.DateOnly)}[by]
						x := want[key]
						x.Count += int64(n)
						if p.Seconds > 0 {
							x.Seconds += p.Seconds
						} else {
							x.Seconds += float64(p.Until-p.From) / 1000
						}
						want[key] = x
					}
				}
			}
			got, err := s.PlaySums(ctx, PlayFilter{From: slides.LocalDate(from.Format(time.DateOnly)), Until: slides.LocalDate(until.Format(time.DateOnly)), By: by})
			if err != nil || len(got) != len(want) {
				rt.Fatalf("by %s: %v, want %v, %v", by, got, want, err)
			}
			for _, x := range got {
				if w := want[x.Key]; w.Count != x.Count || math.Abs(w.Seconds-x.Seconds) > 0.01 {
					rt.Fatalf("by %s: %+v, want %+v", by, x, w)
				}
			}
		}
	})
	if _, err := s.PlaySums(ctx, PlayFilter{From: "2026-01-01", Until: "2028-01-01", By: PlaysByDay}); slides.KindOf(err) != slides.Invalid {
		t.Errorf("two years: %v", err)
	}
}
