package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"motcua/kiosk/player"
	"motcua/kiosk/vault"
	"motcua/server/store"
	domain "motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/letter"
	"motcua/slides/scene"
	"motcua/slides/wire"
)

// monkey touches at random what stands on the screen: the real player on the
// real vault, every picture laid out as the screen lays it out, touches taken
// from its targets. Touches come from nowhere, twice, on screens that are gone;
// keys are typed, the panel is turned, the disk is slow or full, and sometimes
// nobody touches for minutes: then the slides must be back.
func monkey(ctx context.Context, p *proof) ([]line, error) {
	dir, _, _, err := p.cached(ctx, "monkey", func(*store.Starter) {})
	if err != nil {
		return nil, err
	}
	faces, err := fonts.Faces()
	if err != nil {
		return nil, skipped(err.Error())
	}
	v, err := vault.OpenFolder(dir, vault.Options{})
	if err != nil {
		return nil, err
	}
	m, err := newMonkey(v, faces)
	if err == nil {
		err = m.play(ctx, p.times(3_000, 100_000))
	}
	if err == nil {
		err = m.count()
	}
	return m.lines(), errors.Join(err, v.Close())
}

// ape is one monkey. Owned by its row.
type ape struct {
	vault   *vault.Vault
	key     ed25519.PrivateKey
	faces   *scene.Faces
	st      player.State
	now     player.Now
	r       *rand.Rand
	w, h    int
	scenes  map[string]*scene.Scene // of the size w×h, by key
	waiting []player.Event          // answers of a slow disk
	due     time.Duration           // when they come, monotonic

	touches, thanks, stored, refused int
	views                            map[player.View]int
	stuck, broken                    []string
	heapBegin, heapEnd               uint64
	was                              player.View
}

// panels are what the monkey's panel is turned into.
var panels = [][2]int{{1920, 1080}, {1080, 1920}, {1280, 720}, {800, 1280}}

func newMonkey(v *vault.Vault, faces *scene.Faces) (*ape, error) {
	m := &ape{vault: v, faces: faces, r: rand.New(rand.NewPCG(7, 20)), now: player.Now{Wall: domain.At(time.Now())}, views: map[player.View]int{}, scenes: map[string]*scene.Scene{}}
	c, faults, err := player.Load(v.Manifests().Active().Bytes, v.Blobs().Get)
	if err != nil {
		return m, err
	}
	for _, f := range faults {
		m.broken = append(m.broken, f.Where+": "+f.Text)
	}
	id, _ := v.Identity()
	m.turn(0)
	m.key, _ = v.Key()
	m.st = player.New(player.Place{Kiosk: id.Kiosk, Name: id.Name, Terminal: domain.Terminal{Phone: "https://motcua.example.gov.vn", Seal: make([]byte, 32)}}, player.Clock{})
	m.do(player.ContentReady{Content: c, Now: true})
	return m, nil
}

// turn gives the panel another size.
func (m *ape) turn(i int) {
	m.w, m.h = panels[i%len(panels)][0], panels[i%len(panels)][1]
	clear(m.scenes)
}

// do is one event and what comes of it.
func (m *ape) do(e player.Event) {
	var todo []player.Effect
	m.st, todo = player.Next(m.st, m.now, e)
	if was := m.was; m.st.View != was {
		m.was = m.st.View
		m.views[m.was]++
		if m.was == player.ViewThanks || m.was == player.ViewReceipt {
			m.thank(e, was)
		}
	}
	for _, f := range todo {
		switch f := f.(type) {
		case player.SaveRating:
			m.answer(f.ID, func() (string, error) { return "", m.append(f) })
		case player.SaveLetter:
			m.answer(f.ID, func() (string, error) { return m.appendLetter(f) })
		case player.MakePass:
			m.do(player.PassMade{To: f.To, Pass: wire.NewPass(m.key, f.To, m.now.Wall)})
		}
	}
}

// thank counts what is thanked for: it follows from a save, or a page that lay
// over the thanks has gone.
func (m *ape) thank(e player.Event, was player.View) {
	switch _, saved := e.(player.Saved); {
	case saved:
		m.thanks++
	case was != player.ViewAccess && was != player.ViewCode && was != player.ViewPhone:
		m.bad("thanks for nothing, after %s", was)
	}
}

// answer stores a rating or letter as the kiosk does, on a disk that is at times full or slow.
func (m *ape) answer(id uint64, store func() (receipt string, err error)) {
	var said player.Event
	if m.r.Float64() < 0.03 {
		m.refused++
		said = player.Refused{ID: id, Full: m.r.IntN(2) == 0}
	} else if receipt, err := store(); err != nil {
		m.broken = append(m.broken, "append: "+err.Error())
		said = player.Refused{ID: id}
	} else {
		m.stored++
		said = player.Saved{ID: id, Receipt: receipt}
	}
	m.waiting = append(m.waiting, said)
	if m.r.Float64() < 0.9 {
		m.due = m.now.Mono
		return
	}
	m.due = m.now.Mono + time.Duration(m.r.Int64N(int64(2*player.SaveWithin)))
}

func (m *ape) append(s player.SaveRating) error {
	sections, err := s.Sections()
	if err == nil {
		_, err = m.vault.Outbox().Append(sections)
	}
	return err
}

func (m *ape) appendLetter(s player.SaveLetter) (string, error) {
	s.Letter.Code = letter.NewCode()
	sections, err := letter.Sections(s.Letter, s.Text, nil)
	if err == nil {
		_, err = m.vault.Letters().Append(sections)
	}
	return s.Letter.Code, err
}

// pass lets time go by.
func (m *ape) pass(d time.Duration) {
	for d > 0 {
		step := min(d, m.st.Wake())
		d -= step
		m.now.Mono += step
		m.now.Wall += domain.Millis(step.Milliseconds())
		if len(m.waiting) > 0 && m.now.Mono >= m.due {
			e := m.waiting[0]
			m.waiting = m.waiting[1:]
			m.do(e)
		}
		m.do(player.Tick{})
	}
}

// look lays out what is on the screen.
func (m *ape) look() *scene.Scene {
	show := m.st.Show()
	if sc := m.scenes[show.Still.Key]; sc != nil {
		return sc
	}
	sc, err := show.Still.Compose(m.w, m.h, m.faces)
	if err != nil {
		m.bad("%s at %d×%d: %v", show.View, m.w, m.h, err)
		m.do(player.SlideFailed{Content: show.Still.Content, Slide: show.Still.Slide, Text: err.Error()})
		return &scene.Scene{}
	}
	back := show.View == player.ViewLoop || show.Live.Left > 0
	for _, t := range sc.Targets {
		back = back || t.Name == "back"
	}
	if !back {
		m.bad("%s: no way back", show.View)
	}
	if len(m.scenes) > 300 {
		clear(m.scenes) // typed text makes pictures without end
	}
	m.scenes[show.Still.Key] = sc
	return sc
}

func (m *ape) bad(format string, a ...any) {
	if s := fmt.Sprintf(format, a...); len(m.broken) < 20 {
		m.broken = append(m.broken, s)
	}
}

// touch does one thing that a hand might do.
func (m *ape) touch() {
	m.touches++
	sc, serial := m.look(), m.st.Serial
	switch x := m.r.Float64(); {
	case x < 0.85 && len(sc.Targets) > 0:
		m.do(player.Touch{Target: sc.Targets[m.r.IntN(len(sc.Targets))].Name, Serial: serial})
	case x < 0.90:
		m.do(player.Touch{Serial: serial})
	case x < 0.93: // a screen that is gone, a target that is not there
		m.do(player.Touch{Target: "rate:5", Serial: serial - uint64(m.r.IntN(3))})
	case x < 0.97:
		keys := []string{"a", "ế", "7", " ", "\n", "W", "🙂", "dd"}
		m.do(player.Key{Text: keys[m.r.IntN(len(keys))], Erase: m.r.IntN(8) == 0, Enter: m.r.IntN(8) == 0})
	default:
		m.do(player.TimeLearnt{Server: m.now.Wall + domain.Millis(m.r.Int64N(7200_000)) - 3600_000})
	}
	switch x := m.r.Float64(); {
	case x < 0.1: // a bounce
	case x < 0.9:
		m.pass(player.Debounce + time.Duration(m.r.Int64N(int64(time.Second))))
	default:
		m.pass(time.Duration(m.r.Int64N(int64(40 * time.Second))))
	}
}

// play touches n times; now and then nobody does.
func (m *ape) play(ctx context.Context, n int) error {
	for i := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		m.touch()
		if i%500 == 499 {
			m.pass(5 * time.Minute)
			if m.st.View != player.ViewLoop {
				m.stuck = append(m.stuck, string(m.st.View))
			}
			m.turn(m.r.IntN(len(panels)))
		}
		if i == n/5 {
			m.heapBegin = heap()
		}
	}
	m.pass(5 * time.Minute)
	m.heapEnd = heap()
	return nil
}

// heap is what is alive.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers let go
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// count compares what said thanks with what is in the vault.
func (m *ape) count() error {
	if got := m.vault.Outbox().Pending() + m.vault.Letters().Pending(); got != m.stored {
		m.bad("%d ratings and letters were stored, the vault has %d", m.stored, got)
	}
	if m.thanks > m.stored {
		m.bad("%d thanks for %d stored ratings", m.thanks, m.stored)
	}
	return nil
}

func (m *ape) lines() []line {
	var seen []string
	for v, n := range m.views {
		seen = append(seen, fmt.Sprintf("%s %d", v, n))
	}
	l := line{
		promise:  "a monkey touches at random, offline",
		measured: fmt.Sprintf("%d touches; %d thanks, %d stored, %d refused; heap %s → %s", m.touches, m.thanks, m.stored, m.refused, mib(float64(m.heapBegin)), mib(float64(m.heapEnd))),
		limit:    "no crash, nobody stuck, nothing lost, no growth",
	}
	// A tenth and 4 MiB: what is cached of the last pictures differs.
	if grew := float64(m.heapEnd) > 1.1*float64(m.heapBegin)+4<<20; grew || len(m.stuck)+len(m.broken) > 0 {
		l.wrong = true
		l.limit = strings.Join(append(append(m.broken, m.stuck...), fmt.Sprintf("grew: %v", grew)), "; ")
	}
	return []line{l, {promise: "the screens it came by", measured: strings.Join(slices.Sorted(slices.Values(seen)), ", ")}}
}
