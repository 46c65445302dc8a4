package main

import (
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"unicode"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/wire"
)

// place is what is this kiosk's own as the vault has it: the pairing's name,
// and the newest settings that the server signed.
func (k *Kiosk) place() player.Place {
	id, ok := k.vault.Identity()
	if !ok {
		return player.Place{}
	}
	if e, err := wire.Open(k.vault.Note("settings"), ed25519.PublicKey(id.Server)); err == nil && e.Type == wire.TSettings {
		var s wire.Settings
		if e.Read(&s) == nil && s.Kiosk == id.Kiosk {
			return placeOf(s)
		}
	}
	return player.Place{Kiosk: id.Kiosk, Name: id.Name}
}

// placeOf reads settings. A counter is an id ("quay-2", "2") or the words on
// its sign; words can't stand in a rating, an id is shown as "Quầy 2".
func placeOf(s wire.Settings) player.Place {
	p := player.Place{Kiosk: s.Kiosk, Name: s.Name, Lang: s.Lang}
	p.Terminal = s.Terminal
	if s.Counter == "" {
		return p
	}
	if !slides.ValidID(s.Counter) {
		p.Desk = slides.Vi(s.Counter)
		return p
	}
	p.Counter = s.Counter
	if n := strings.TrimPrefix(s.Counter, "quay-"); n != "" && strings.IndexFunc(n, func(r rune) bool { return !unicode.IsDigit(r) }) < 0 {
		p.Desk = slides.Text{"vi": "Quầy " + n, "en": "Counter " + n}
	}
	if !s.Terminal.Desk.Empty() {
		p.Desk = s.Terminal.Desk
	}
	return p
}

// clockNote is what is kept of the clock beside the vault's last known time.
type clockNote struct {
	Offset int64         `json:"offset"`
	Learnt slides.Millis `json:"learnt"`
}

func (k *Kiosk) clock() player.Clock {
	var n clockNote
	if b := k.vault.Note("clock"); b != nil && json.Unmarshal(b, &n) != nil {
		n = clockNote{}
	}
	return player.Clock{}.Restore(n.Offset, n.Learnt, k.vault.LastTime())
}

// keepTime keeps the clock. The note is written only when the server has told
// the time anew, so that a kiosk's card is not worn by it.
func (k *Kiosk) keepTime(e player.KeepTime, trusted bool) {
	if err := k.vault.KeepTime(e.Known, trusted); err != nil {
		k.Fault("vault", err.Error())
	}
	var old clockNote
	if b := k.vault.Note("clock"); b != nil && json.Unmarshal(b, &old) != nil {
		old = clockNote{}
	}
	const hour = slides.Millis(3600_000)
	moved := e.Offset-old.Offset > 1000 || old.Offset-e.Offset > 1000
	if e.Learnt == 0 || !trusted || !moved && e.Learnt < old.Learnt+hour && e.Learnt >= old.Learnt {
		return
	}
	b, err := json.Marshal(clockNote{Offset: e.Offset, Learnt: e.Learnt})
	if err == nil {
		err = k.vault.SaveNote("clock", b)
	}
	if err != nil {
		k.Fault("vault", err.Error())
	}
}
