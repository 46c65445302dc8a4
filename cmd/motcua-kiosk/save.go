package main

import (
	"context"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/letter"
)

// save is something that a citizen waits for.
type save struct {
	id   uint64
	what string // for faults
	do   func() (receipt string, err error)
	then func() // once it is stored
}

func (k *Kiosk) save(s save) {
	select {
	case k.saves <- s:
	default: // eight are waiting for a disk that does not answer
		k.Post(player.Refused{ID: s.id})
	}
}

// store saves: it answers Saved only once the vault has it on the medium.
func (k *Kiosk) store(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case s := <-k.saves:
			receipt, err := s.do()
			if err != nil {
				k.Post(player.Refused{ID: s.id, Full: slides.KindOf(err) == slides.Full})
				k.Fault(s.what, err.Error())
				continue
			}
			k.Post(player.Saved{ID: s.id, Receipt: receipt})
			k.saved()
			s.then()
		}
	}
}

// appendLetter seals the contact, draws the receipt and stores the letter.
func (k *Kiosk) appendLetter(e player.SaveLetter) (receipt string, err error) {
	var sealed []byte
	if err := e.Contact.Clean(); err != nil {
		return "", err
	}
	if !e.Contact.Empty() {
		if sealed, err = letter.Seal(e.Seal, e.Contact); err != nil {
			return "", err
		}
	}
	e.Letter.Code = letter.NewCode()
	sections, err := letter.Sections(e.Letter, e.Text, sealed)
	if err != nil {
		return "", err
	}
	_, err = k.vault.Letters().Append(sections)
	return e.Letter.Code, err
}

func (k *Kiosk) append(r player.SaveRating) error {
	sections, err := r.Sections()
	if err != nil {
		return err
	}
	_, err = k.vault.Outbox().Append(sections)
	return err
}

// rated notes the dossier of a rating that is stored. A fault here lets it rate
// twice, which is better than to refuse a citizen's rating for it.
func (k *Kiosk) rated(r player.SaveRating) {
	if r.Dossier == "" {
		return
	}
	k.mu.Lock()
	to := k.now.Place.Terminal.Seal
	k.mu.Unlock()
	if err := k.dossiers.add(r.Dossier, to, r.Moment.At); err != nil {
		k.Fault("vault", err.Error())
	}
	k.Post(player.DossiersKnown{Known: k.dossiers.known()})
}
