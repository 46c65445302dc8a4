package player

import (
	"time"

	"motcua/slides/kinds"
)

// Film is the video of a still picture: it runs, silent, in the scene's
// SlotFilm. Until it does, and wherever it can't, the picture shows its poster.
type Film struct {
	Blob  string
	Lines []FilmLine // in order of time
}

// FilmLine is a subtitle in the picture's language.
type FilmLine struct {
	At   time.Duration // from the film's start
	Text string
}

// Line is the subtitle at a place of the film, "" for none.
func (f *Film) Line(at time.Duration) string {
	for i := len(f.Lines) - 1; i >= 0; i-- {
		if l := f.Lines[i]; at >= l.At {
			if at-l.At < kinds.LineStays*time.Second {
				return l.Text
			}
			break
		}
	}
	return ""
}

// film is the video of a slide; nil for every other kind.
func (c *Content) film(slide, lang string) *Film {
	v := c.videos[slide]
	if v == nil {
		return nil
	}
	f := &Film{Blob: v.Film}
	for _, l := range v.Lines {
		f.Lines = append(f.Lines, FilmLine{time.Duration(l.At * float64(time.Second)), l.Text.In(lang)})
	}
	return f
}
