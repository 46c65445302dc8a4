package player_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"motcua/kiosk/player"
	"motcua/slides"
)

// voiced is a stage whose questions were recorded in Vietnamese, and the page
// of accessibility in both languages.
func voiced(t testing.TB, types ...string) *stage {
	t.Helper()
	sh := newShelf(t, "rutgon", 2)
	c := sh.load(t)
	for i, q := range c.Surveys[0].Questions {
		sh.manifest.Audio = append(sh.manifest.Audio, slides.AudioRef{Of: fmt.Sprintf("question:%s:%s", c.Surveys[0].ID, q.ID), Lang: "vi", Blob: sh.keep(fmt.Appendf(nil, "voice %d", i), "audio/ogg")})
	}
	for _, l := range []string{"vi", "en"} {
		sh.manifest.Audio = append(sh.manifest.Audio, slides.AudioRef{Of: "access", Lang: l, Blob: sh.keep([]byte("access "+l), "audio/mpeg")})
	}
	s := newStage(t, sh.load(t))
	s.st.Voices = types
	place := s.st.Place
	place.Terminal.Sound = true
	s.do(player.PlaceChanged{Place: place})
	return s
}

// said lists what was asked of the voice, and forgets it.
func (s *stage) said() string {
	var out []string
	for _, e := range s.done {
		switch e := e.(type) {
		case player.Speak:
			name := e.Blob[:6]
			for _, x := range []string{"voice 0", "voice 1", "access vi", "access en"} {
				if slides.Sum([]byte(x)) == e.Blob {
					name = x
				}
			}
			out = append(out, "speak("+name+")")
		case player.Hush:
			out = append(out, "hush")
		}
	}
	s.done = nil
	return strings.Join(out, " ")
}

func (s *stage) offersVoice() bool {
	s.t.Helper()
	_, targets := s.look(faces(s.t))
	return strings.Contains(" "+strings.Join(targets, " ")+" ", " listen ")
}

func TestVoices(t *testing.T) {
	s := voiced(t, "audio/ogg", "audio/mpeg")
	if s.touch(""); s.st.View == player.ViewHome {
		s.touch("tile:rate")
	}
	s.view(player.ViewForm)
	check := func(what, want string) {
		t.Helper()
		if got := s.said(); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	if !s.offersVoice() {
		t.Fatal("the question's voice is not offered")
	}
	s.touch("listen")
	check("listen", "speak(voice 0)")
	s.touch("listen")
	check("stop", "hush")
	s.touch("listen", "rate:4")
	check("the next question ends it", "speak(voice 0) hush")
	s.touch("listen")
	s.do(player.Spoken{Blob: slides.Sum([]byte("voice 1"))})
	s.touch("listen")
	check("again after its end", "speak(voice 1) speak(voice 1)")
	s.pass(50 * time.Second)
	check("a screen that speaks waits", "")
	s.view(player.ViewForm)
	s.touch("lang:en")
	check("another language", "hush")
	if s.offersVoice() {
		t.Error("a voice that was not recorded is offered")
	}
	s.touch("access", "listen")
	check("the page over it", "speak(access en)")
	s.pass(time.Second)
	s.do(player.Spoken{Blob: slides.Sum([]byte("access en"))})
	s.touch("listen")
	place := s.st.Place
	place.Terminal.Sound = false
	s.do(player.PlaceChanged{Place: place})
	check("the sound is switched off", "speak(access en) hush")
	if s.offersVoice() {
		t.Error("offered without sound")
	}
	s = voiced(t, "audio/ogg") // nothing here plays mp3
	s.touch("", "access")
	if s.st.View == player.ViewHome {
		s.touch("access")
	}
	s.view(player.ViewAccess)
	if s.offersVoice() {
		t.Error("what can't be heard is offered")
	}
	s = voiced(t, "audio/ogg", "audio/mpeg")
	s.touch("", "access", "listen")
	s.said()
	s.do(player.Spoken{Blob: slides.Sum([]byte("access vi"))})
	s.pass(35 * time.Second)
	s.view(player.ViewLoop)
	check("nobody is there", "")
}
