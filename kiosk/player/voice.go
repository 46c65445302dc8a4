package player

import (
	"fmt"
	"slices"

	domain "motcua/slides"
)

// Speak asks for a recorded voice to be played instead of what plays now; Spoken
// answers when it has ended. Hush ends it.
type (
	Speak struct{ Blob, Type string }
	Hush  struct{}
)

// Spoken says that a recorded voice has come to its end, or can't be played.
type Spoken struct{ Blob string }

func (Speak) effect() {}
func (Hush) effect()  {}
func (Spoken) event() {}

// spoken is a page of which there are recordings of its own: what they are of
// (slides.AudioRef.Of). Those of other pages go by the view's name.
type spoken interface{ speaks() string }

func (p ask) speaks() string {
	return fmt.Sprintf("question:%s:%s", p.form.ID, p.form.Questions[p.at].ID)
}

func (p reading) speaks() string { return "slide:" + p.id }

// recording is the voice that says what is on the screen; its SHA is "" where
// there is none in the citizen's language, or none can be heard here.
func (s *State) recording() (ref domain.BlobRef) {
	p := s.page()
	if p == nil || p.view() != s.View || s.Content == nil || !s.Place.Terminal.Sound {
		return ref
	}
	of := string(p.view())
	if p, ok := p.(spoken); ok {
		of = p.speaks()
	}
	for _, a := range s.Content.Manifest.Audio {
		if a.Of != of || a.Lang != s.Lang {
			continue
		}
		i := slices.IndexFunc(s.Content.Manifest.Blobs, func(b domain.BlobRef) bool { return b.SHA == a.Blob })
		if i >= 0 && slices.Contains(s.Voices, s.Content.Manifest.Blobs[i].Type) {
			ref = s.Content.Manifest.Blobs[i]
		}
	}
	return ref
}

// listen begins the voice of what is on the screen, or ends it.
func (n *step) listen() {
	switch r := n.recording(); {
	case n.speaking != "":
		n.hush()
	case r.SHA != "":
		n.speaking = r.SHA
		n.do(Speak{Blob: r.SHA, Type: r.Type})
	}
}

func (n *step) hush() {
	n.speaking = ""
	n.do(Hush{})
}

// heard ends a voice whose screen is gone, and lets the screen wait for one that
// speaks.
func (n *step) heard() {
	if n.speaking == "" {
		return
	}
	if n.recording().SHA != n.speaking {
		n.hush()
	} else {
		n.linger()
	}
}
