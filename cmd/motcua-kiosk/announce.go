package main

import (
	"encoding/json"

	"motcua/kiosk/player"
	"motcua/slides/wire"
)

// sayNote keeps what staff say, so that a restart does not end it.
const sayNote = "say"

// Say shows staff's words until their moment; an empty text ends them.
func (k *Kiosk) Say(a wire.Announcement) error {
	b, err := json.Marshal(a)
	if err == nil {
		err = k.vault.SaveNote(sayNote, b)
	}
	if err != nil {
		return err
	}
	k.Post(player.Announced{Text: a.Text, Until: a.Until})
	return nil
}

// sayAgain shows what was said before the program began.
func (k *Kiosk) sayAgain() {
	var a wire.Announcement
	if json.Unmarshal(k.vault.Note(sayNote), &a) == nil && a.Text != "" {
		k.Post(player.Announced{Text: a.Text, Until: a.Until})
	}
}
