package vault

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"

	"motcua/slides"
	"motcua/slides/chain"
)

// Identity is what a pairing gave this kiosk. A chain keeps the identity that
// it was paired under.
type Identity struct {
	Kiosk   string            `json:"kiosk"`
	Name    string            `json:"name"`
	Server  ed25519.PublicKey `json:"server"` // the server's key
	Address string            `json:"address"`
	Chain   chain.ID          `json:"chain"`
	Class   string            `json:"class"`
	Epoch   string            `json:"epoch"`
	Paired  slides.Millis     `json:"paired"`
}

func (v *Vault) loadIdentity() {
	b, err := readTwice(v.disk, "identity")
	if err == nil {
		var id Identity
		if err = json.Unmarshal(b, &id); err == nil {
			v.identity = &id
			return
		}
	}
	if !missing(err) {
		v.damaged("identity")
	}
}

// Identity is the newest pairing's; ok is false for a kiosk never paired.
func (v *Vault) Identity() (id Identity, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.identity == nil {
		return Identity{}, false
	}
	return *v.identity, true
}

// PairingKey is the private key for a pairing: made and kept at the first
// call, the same one until Pair uses it up, also over restarts.
func (v *Vault) PairingKey() (ed25519.PrivateKey, error) {
	const op = "vault.PairingKey"
	v.mu.Lock()
	defer v.mu.Unlock()
	if b, err := readTwice(v.disk, "key"); err == nil && len(b) == ed25519.SeedSize {
		return ed25519.NewKeyFromSeed(b), nil
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, broken(op, err)
	}
	if err := writeTwice(v.disk, "key", key.Seed()); err != nil {
		return nil, broken(op, err)
	}
	return key, nil
}

// Pair takes an approved pairing: PairingKey becomes the key of id.Chain, which
// starts empty. Older chains stay and still deliver. The same pairing twice is
// no error.
func (v *Vault) Pair(id Identity) error {
	const op = "vault.Pair"
	if !slides.ValidID(id.Kiosk) || id.Chain == (chain.ID{}) || len(id.Server) != ed25519.PublicKeySize {
		return slides.E(slides.Invalid, op, "Kết quả ghép nối không đầy đủ; hãy ghép nối lại.", "The pairing's result is not complete; pair again.", nil)
	}
	if id.Paired == 0 {
		id.Paired = v.opt.Now()
	}
	if !v.outbox.has(id.Chain) {
		key, err := v.PairingKey()
		if err != nil {
			return err
		}
		if err := v.outbox.start(id, key); err != nil {
			return broken(op, err)
		}
	}
	if err := v.saveIdentity(id); err != nil {
		return broken(op, err)
	}
	v.outbox.use(id.Chain)
	v.startLetters()
	v.letters.use(letterBox.id(id.Chain))
	return broken(op, removeTwice(v.disk, "key"))
}

// UpdateIdentity keeps a name, class, epoch or address that the server (signed)
// or the command line changed. Kiosk, chain and server key can't change here:
// that takes a pairing.
func (v *Vault) UpdateIdentity(change func(*Identity)) error {
	const op = "vault.UpdateIdentity"
	old, ok := v.Identity()
	if !ok {
		return slides.E(slides.NotFound, op, "Ki-ốt chưa được ghép nối.", "The kiosk is not paired.", nil)
	}
	id := old
	change(&id)
	id.Kiosk, id.Chain, id.Server, id.Paired = old.Kiosk, old.Chain, old.Server, old.Paired
	if same(id, old) {
		return nil
	}
	return broken(op, v.saveIdentity(id))
}

func same(a, b Identity) bool {
	return a.Name == b.Name && a.Address == b.Address && a.Class == b.Class && a.Epoch == b.Epoch
}

func (v *Vault) saveIdentity(id Identity) error {
	b, err := json.Marshal(id)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := writeTwice(v.disk, "identity", b); err != nil {
		return err
	}
	v.identity = &id
	return nil
}

// Key is the private key of the newest pairing; ok is false for a kiosk never paired.
func (v *Vault) Key() (key ed25519.PrivateKey, ok bool) {
	id, ok := v.Identity()
	if !ok {
		return nil, false
	}
	return v.outbox.key(id.Chain)
}

// MaxNote bounds a note: the largest is the book of dossiers of a kiosk that has
// been alone for weeks.
const MaxNote = 256 << 10

// Note returns what SaveNote kept, or nil. Notes are small things of other
// rooms: signed settings, the commands carried out, the learnt clock offset.
func (v *Vault) Note(name string) []byte {
	b, err := readTwice(v.disk, "notes/"+name)
	if errors.Is(err, errDamaged) {
		v.damaged("note")
	}
	return b
}

// SaveNote keeps b durably under name (see slides.ValidID).
func (v *Vault) SaveNote(name string, b []byte) error {
	const op = "vault.SaveNote"
	if !slides.ValidID(name) || len(b) > MaxNote {
		return slides.E(slides.Invalid, op, "Ghi chú không hợp lệ.", "The note's name or size is not valid.", nil)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return broken(op, writeTwice(v.disk, "notes/"+name, b))
}
