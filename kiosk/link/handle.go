package link

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/wire"
)

// handle acts on one frame; an error ends the connection. It runs on the reader
// and waits for nothing but the disk.
func (s *session) handle(e *wire.Envelope) error {
	switch e.Type {
	case wire.TManifest:
		s.manifest(e)
	case wire.TCurrent:
		poke(s.fetch) // current, but perhaps not complete
	case wire.TSettings:
		return s.settings(e)
	case wire.TCommand:
		return s.command(e)
	case wire.TAck:
		return s.ack(e)
	case wire.TTime:
		return s.time(e)
	case wire.TDone:
		var d wire.Done
		if err := e.Read(&d); err != nil {
			return err
		}
		if d.ID == "plays" {
			offer(s.plays, d)
		} else if batch, ok := strings.CutPrefix(d.ID, "dossiers:"); ok && d.OK && s.hooks.DossiersKept != nil {
			s.hooks.DossiersKept(batch)
		}
	case wire.TError:
		return s.problem(e)
	case wire.TUnknown:
		s.log.Info("the server does not know a frame of ours", "body", string(e.Body[:min(len(e.Body), 200)]))
	default:
		frame, err := wire.Plain(wire.TUnknown, wire.Unknown{Type: e.Type[:min(len(e.Type), 64)]})
		if err != nil {
			return err
		}
		select {
		case s.out <- frame:
		default: // a courtesy, not worth waiting for
		}
	}
	return nil
}

// offer puts v in a channel, over the oldest where it is full.
func offer[T any](c chan T, v T) {
	for {
		select {
		case c <- v:
			return
		default:
		}
		select {
		case <-c:
		default:
		}
	}
}

func (s *session) problem(e *wire.Envelope) error {
	var p wire.Problem
	if err := e.Read(&p); err != nil {
		return err
	}
	s.log.Warn("the server refused a frame", "of", string(p.Of), "kind", string(p.Kind), "en", p.En)
	s.hooks.Fault("link", p.Vi)
	switch p.Of {
	case wire.TRatings, wire.TGaps, wire.TLetters, wire.TLetterGaps:
		offer(s.refused, p)
	case wire.TPlays:
		offer(s.plays, wire.Done{ID: "plays"})
	}
	return nil
}

func (s *session) ack(e *wire.Envelope) error {
	var a wire.Ack
	if err := e.Read(&a); err != nil {
		return err
	}
	if a.Kiosk != s.kiosk || !bytes.Equal(a.Nonce, s.client) {
		return nil // of another connection
	}
	box, c, ok := s.chain(a.Chain)
	if !ok {
		return nil
	}
	if a.Seq > c.Acked {
		// Rewind, not Ack: it compares the header's hash.
		if err := box.Rewind(a.Chain, a.Seq, a.Hash); err != nil {
			s.log.Warn("acknowledgement", "chain", a.Chain.String(), "seq", a.Seq, "err", err)
			s.hooks.Fault("chain", slides.Sentence(err, "vi"))
			offer(s.refused, wire.Problem{Of: wire.TAck, Kind: slides.KindOf(err)})
			return nil
		}
	}
	offer(s.acks, a)
	return nil
}

func (s *session) time(e *wire.Envelope) error {
	received := time.Now()
	var t wire.Time
	if err := e.Read(&t); err != nil {
		return err
	}
	s.mu.Lock()
	sent, ok := s.asked[t.Sent]
	delete(s.asked, t.Sent)
	s.mu.Unlock()
	if ok && t.Kiosk == s.kiosk && bytes.Equal(t.Nonce, s.client) {
		s.learn(t.Now, sent, received)
	}
	return nil
}

// manifest takes a pushed manifest; what is wrong with it is reported and what
// is there keeps showing. One that came with all it needs is ready now: an
// emergency does not wait for the fetching of something else.
func (s *session) manifest(e *wire.Envelope) {
	m, err := slides.ParseManifest(e.Signed)
	if err == nil && m.Class != s.class {
		err = slides.E(slides.Conflict, "link.manifest", "Bản phát hành dành cho nhóm ki-ốt khác; không nhận.", "The manifest is for another class of kiosks; it was not taken.", nil)
	}
	if err == nil {
		_, err = s.vault.Manifests().SavePending(e.Signed, e.Sig, s.epoch)
	}
	if err != nil {
		s.log.Warn("manifest refused", "err", err)
		s.hooks.Fault("manifest", slides.Sentence(err, "vi"))
		return
	}
	for _, b := range e.Blobs {
		if !slices.ContainsFunc(m.Blobs, func(r slides.BlobRef) bool { return r.SHA == b.SHA }) {
			continue
		}
		if err := s.vault.Blobs().Put(b.SHA, b.Data); err != nil { // it is fetched then
			s.log.Warn("inlined blob refused", "sha256", b.SHA, "err", err)
			s.hooks.Fault("blob:"+b.SHA, slides.Sentence(err, "vi"))
		}
	}
	if p := s.vault.Manifests().Pending(); p != nil && len(s.vault.Blobs().Missing(p.Manifest)) == 0 {
		s.ready(p, false)
	}
	poke(s.fetch)
}

// ready says once that a pending manifest is complete, and again if something
// of it had to be fetched since.
func (s *session) ready(m *vault.Manifest, again bool) {
	s.mu.Lock()
	tell := again || s.told != m.ID
	s.told = m.ID
	s.mu.Unlock()
	if tell {
		s.hooks.Ready(m.Flip)
		poke(s.taken)
	}
}

const settingsNote = "settings"

func (s *session) settings(e *wire.Envelope) error {
	var v wire.Settings
	if err := e.Read(&v); err != nil {
		return err
	}
	if v.Kiosk != s.kiosk || v.Epoch != s.epoch || v.Class == "" {
		return nil
	}
	if old, ok := s.keptSettings(); ok && v.Epoch == old.Epoch && v.Issued < old.Issued {
		return nil
	}
	frame, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if !bytes.Equal(frame, s.vault.Note(settingsNote)) {
		if err := s.vault.SaveNote(settingsNote, frame); err != nil {
			s.hooks.Fault("vault", slides.Sentence(err, "vi"))
		}
	}
	if err := s.vault.UpdateIdentity(func(id *vault.Identity) { id.Name, id.Class = v.Name, v.Class }); err != nil {
		s.hooks.Fault("vault", slides.Sentence(err, "vi"))
	}
	s.class = v.Class
	s.hooks.Settings(v)
	return nil
}

// keptSettings are the newest that a server ever signed for this kiosk.
func (l *Link) keptSettings() (wire.Settings, bool) {
	id, ok := l.vault.Identity()
	b := l.vault.Note(settingsNote)
	if !ok || b == nil {
		return wire.Settings{}, false
	}
	e, err := wire.Open(b, ed25519.PublicKey(id.Server))
	if err != nil || e.Type != wire.TSettings {
		return wire.Settings{}, false
	}
	var s wire.Settings
	if e.Read(&s) != nil || s.Kiosk != id.Kiosk {
		return wire.Settings{}, false
	}
	return s, true
}
