// Package kinds holds the kinds of slide, each in one file: its typed body,
// its checks, its layout in both orientations and a sample. A new kind is one
// new file and one line in all.
package kinds

import (
	"encoding/json"

	"motcua/slides"
	"motcua/slides/scene"
)

// Body is a kind's typed content. Its struct tags carry what forms and checks
// need: label:"Tiêu đề|Title", max (runes or items), required, and for a
// string its role: url, date, sha (a picture), film, code, text.
type Body interface {
	// Check reports what the tags can't say.
	Check(p *slides.Problems)
	// Layout composes the slide's content area.
	Layout(c *scene.Canvas, s *slides.Slide)
}

// Kind describes one kind of slide.
type Kind struct {
	Name   string
	Label  slides.Text
	New    func() Body // a pointer to an empty body
	Sample func() slides.Slide
}

var all = []Kind{slogan, guide, procedure, notice, news, image, video, index, faq, commendation, links, ticker}

// All lists the kinds in the order in which the studio offers them.
func All() []Kind { return all }

// Find returns the kind of that name.
func Find(name string) (Kind, bool) {
	for _, k := range all {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// MustJSON encodes a body of a sample or a test; it panics on a programming error.
func MustJSON(b Body) json.RawMessage {
	out, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	return out
}
