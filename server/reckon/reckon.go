// Package reckon says what kiosks show, were to show and will show: the slides'
// own pure function (slides.Program, by which a kiosk decides) over the manifests
// that the store keeps. Nothing here decides anything by itself, so the answer to
// "what, and why" is a kiosk's own.
package reckon

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// Program is what a kiosk reckons with: a manifest, its slides, and the program
// made of both. Read only.
type Program struct {
	*slides.Program
	Manifest *slides.Manifest
	Slides   map[string]*slides.Slide // by id; one whose bytes are missing is not there, and a kiosk skips it too
}

// Entry is the manifest's entry of an id, nil where there is none.
func (p *Program) Entry(id string) *slides.Entry {
	for i := range p.Manifest.Schedule {
		if p.Manifest.Schedule[i].ID == id {
			return &p.Manifest.Schedule[i]
		}
	}
	return nil
}

// Playlist is the name of a playlist, its id where the manifest has none.
func (p *Program) Playlist(id string) string {
	for i := range p.Manifest.Playlists {
		if p.Manifest.Playlists[i].ID == id {
			return p.Manifest.Playlists[i].Name
		}
	}
	return id
}

// Programs makes programs and keeps those of the newest manifests. Safe for
// concurrent use.
type Programs struct {
	store *store.Store

	mu   sync.Mutex
	byID map[string]*Program // by the manifest's id; guarded by mu
}

// maxKept bounds the programs kept: one for each class of a large house.
const maxKept = 100

// New makes programs out of what st keeps.
func New(st *store.Store) *Programs { return &Programs{store: st, byID: map[string]*Program{}} }

// Live is what a class's kiosks reckon with, by what is published; NotFound
// before the first manifest.
func (x *Programs) Live(ctx context.Context, class string) (*Program, error) {
	m, err := x.store.Manifest(ctx, class)
	if err != nil {
		return nil, err
	}
	return x.Of(ctx, m)
}

// Drafted is what a kiosk would reckon with if every draft were published now.
func (x *Programs) Drafted(ctx context.Context, kiosk string) (*Program, error) {
	m, all, err := x.store.Preview(ctx, kiosk)
	if err != nil {
		return nil, err
	}
	p, err := slides.NewProgram(m, all)
	return &Program{p, m, all}, err
}

// Of reads a manifest's slides and compiles its program.
func (x *Programs) Of(ctx context.Context, m store.Manifest) (*Program, error) {
	x.mu.Lock()
	p := x.byID[m.ID]
	x.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p = &Program{Slides: map[string]*slides.Slide{}}
	var err error
	if p.Manifest, err = slides.ParseManifest(m.Bytes); err != nil {
		return nil, err
	}
	for _, ref := range p.Manifest.Slides {
		b, err := x.store.Blob(ctx, ref.Blob)
		if err != nil {
			if slides.KindOf(err) == slides.NotFound {
				continue
			}
			return nil, err
		}
		raw, err := io.ReadAll(b)
		b.Close()
		var sl slides.Slide
		if err != nil {
			return nil, err
		}
		if json.Unmarshal(raw, &sl) == nil {
			p.Slides[ref.ID] = &sl
		}
	}
	if p.Program, err = slides.NewProgram(p.Manifest, p.Slides); err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.byID) >= maxKept {
		clear(x.byID)
	}
	x.byID[m.ID] = p
	return p, nil
}

// Times is [From, Until).
type Times struct{ From, Until time.Time }

// And is what two have in common; ok is false where that is nothing.
func (t Times) And(u Times) (both Times, ok bool) {
	if both = t; u.From.After(both.From) {
		both.From = u.From
	}
	if u.Until.Before(both.Until) {
		both.Until = u.Until
	}
	return both, both.From.Before(both.Until)
}

// OpenTimes are the times of [from, to) at which a terminal's desk is open: what
// OpenOn says, asked wherever an hour of the terminal begins or ends. from is a
// midnight in the terminal's zone.
func OpenTimes(t *slides.Terminal, days *slides.Calendar, from, to time.Time) []Times {
	bounds := []time.Time{from, to}
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		bounds = append(bounds, day)
		for _, s := range t.Hours {
			for _, d := range []slides.DayTime{s.From, s.Until} {
				if m, ok := d.Minutes(); ok {
					bounds = append(bounds, time.Date(day.Year(), day.Month(), day.Day(), m/60, m%60, 0, 0, day.Location()))
				}
			}
		}
	}
	slices.SortFunc(bounds, time.Time.Compare)
	var out []Times
	for i := range len(bounds) - 1 {
		a, b := bounds[i], bounds[i+1]
		if a.Before(from) || !a.Before(b) || b.After(to) {
			continue
		}
		if open, _ := t.OpenOn(a, days); !open {
			continue
		}
		if k := len(out) - 1; k >= 0 && out[k].Until.Equal(a) {
			out[k].Until = b
		} else {
			out = append(out, Times{a, b})
		}
	}
	return out
}
