// Package opening brings the starter content, which slides/starter holds as data,
// to the store: what a new installation begins with.
package opening

import (
	"context"
	"time"

	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/fonts"
	"motcua/slides/starter"
	"motcua/slides/survey"
)

// Load puts the starter content into the store and publishes what is new. What
// is there already stays as staff have it. It needs the fonts (make assets).
func Load(ctx context.Context, st *store.Store) (store.StarterResult, error) {
	content, err := starter.Load()
	if err != nil {
		return store.StarterResult{}, err
	}
	s, err := Bring(content)
	if err != nil {
		return store.StarterResult{}, err
	}
	return st.ImportStarter(ctx, store.Actor{}, s)
}

// Bring gives the starter content the store's form.
func Bring(c *starter.Content) (store.Starter, error) {
	zone, err := time.LoadLocation(c.Office.Zone)
	if err != nil {
		return store.Starter{}, slides.E(slides.Broken, "starter", "Nội dung khởi đầu có múi giờ sai.", "The starter content's zone is wrong.", err)
	}
	s := store.Starter{Unit: c.Office.UnitID, Playlists: c.Playlists, Publish: true}
	for i := range c.Units {
		terms, err := unitTerms(&c.Units[i], c.Office, zone)
		if err != nil {
			return s, err
		}
		s.Units = append(s.Units, terms...)
	}
	for i := range c.Slides {
		s.Slides = append(s.Slides, store.StarterSlide{Slide: &c.Slides[i]})
	}
	for _, e := range c.Schedule {
		s.Entries = append(s.Entries, compile.Entry{Entry: e, Where: compile.Where{All: true}})
	}
	look := compile.Look{Languages: c.Office.Languages, Hosts: c.Office.Hosts}
	for _, f := range c.Forms {
		q, err := survey.ParseQuestionnaire(f.Bytes)
		if err != nil {
			return s, err
		}
		s.Surveys = append(s.Surveys, q)
		look.Surveys = append(look.Surveys, q.ID)
	}
	faces, err := fonts.All()
	if err != nil {
		return s, err
	}
	for _, w := range fonts.Weights {
		s.Blobs = append(s.Blobs, store.StarterBlob{Type: "font/ttf", Data: faces[w]})
		look.Fonts = append(look.Fonts, slides.FontRef{Weight: w, Blob: slides.Sum(faces[w])})
	}
	s.Look = &look
	cat, err := catalogue.Parse(c.Catalogue)
	if err != nil {
		return s, err
	}
	s.Procedures = cat.Procedures
	return s, nil
}

// unitTerms makes a term of every date at which the unit's name or place
// changes. The demo's office keeps its name of 2023 to this day: what came
// after is the unit's own to enter (the plan is of 2023).
func unitTerms(u *starter.Unit, o starter.Office, zone *time.Location) ([]store.Unit, error) {
	first := u.Names[0]
	t := store.Unit{ID: u.ID, Name: first.Name, Short: first.Short, Office: o.Office, Zone: o.Zone}
	if len(u.Parents) > 0 {
		t.Parent = u.Parents[0].Unit
	}
	terms := []store.Unit{t}
	for _, n := range u.Names[1:] {
		at, err := time.ParseInLocation(time.DateOnly, string(n.From), zone)
		if err != nil {
			return nil, slides.E(slides.Broken, "starter", "Nội dung khởi đầu có ngày sai.", "The starter content has a wrong date.", err)
		}
		next := terms[len(terms)-1]
		next.Name, next.Short, next.From = n.Name, n.Short, slides.At(at)
		terms = append(terms, next)
	}
	return terms, nil
}
