package main

import (
	"sync"

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/dossier"
)

const dossiersNote = "dossiers"

// dossiers keeps the kiosk's book of dossiers in a note of the vault, apart from
// the ratings.
type dossiers struct {
	vault *vault.Vault

	mu   sync.Mutex
	book *dossier.Book // guarded by mu
}

func openDossiers(v *vault.Vault) *dossiers {
	if b := v.Note(dossiersNote); b != nil {
		return &dossiers{vault: v, book: dossier.ParseBook(b)}
	}
	return &dossiers{vault: v, book: dossier.NewBook()}
}

func (d *dossiers) known() dossier.Known {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.book.Known()
}

// add notes a dossier that has rated; to is the server's key.
func (d *dossiers) add(code string, to []byte, now slides.Millis) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.book.Add(code, to, now); err != nil {
		return err
	}
	return d.keep()
}

// next is the batch that is due, which is kept as it is sent.
func (d *dossiers) next(now slides.Millis) (*dossier.Batch, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sent := d.book.Sent
	b := d.book.Next(now)
	if b == sent {
		return b, nil
	}
	return b, d.keep()
}

func (d *dossiers) kept(batch string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.book.Kept(batch)
	return d.keep()
}

// keep writes the book; mu is held.
func (d *dossiers) keep() error {
	b, err := d.book.Bytes()
	if err != nil {
		return err
	}
	return d.vault.SaveNote(dossiersNote, b)
}
