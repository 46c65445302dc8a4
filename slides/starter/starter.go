// Package starter is the content that a new installation begins with: slides,
// playlists, schedule, questionnaires, procedures and the unit tree of the plan
// "Tuyên truyền công tác cải cách hành chính năm 2023" of Sở Lao động – Thương
// binh và Xã hội tỉnh Lạng Sơn.
//
// It is data: data/*.json, which a person who knows no Go can read and mend.
// Dates in it are local dates of the office's zone; validity is [from, until).
// Slides that repeat an instruction of 2023 end with that year, guides and
// notices that rest on a decree end with it, and their successors begin the
// same day, so that a kiosk shows what holds on its day. Every fact names its
// source; procedures come from other provinces' decisions of 2025 and are all
// marked "tham khảo" until the unit puts its own in their place.
//
// Ids are stable: loading again replaces what has the same id and adds nothing.
package starter

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"time"
	_ "time/tzdata" // the office's zone must load on a machine without zoneinfo

	"motcua/slides"
)

//go:embed data
var files embed.FS

// Form is one questionnaire: its bytes are the blob, kept as they are.
type Form struct {
	ID    string
	Bytes []byte
}

// Content is all of the starter content. It is the caller's own: Load reads it
// anew each time.
type Content struct {
	Office Office
	Units  []Unit         // parents before children
	Slides []slides.Slide // news lines among them, see Ticker
	Ticker []string       // ids of the slides that are news lines, in order
	// Provenance says by slide id where its facts come from in full, for the
	// person who checks them; a slide's Source is what citizens read.
	Provenance map[string]string
	Playlists  []slides.Playlist
	Schedule   []slides.Entry
	Forms      []Form // "nhanh" first: the one that a kiosk asks
	Catalogue  []byte // a slides/catalogue blob
}

// Office is what the header, the clock and the QR check need to know.
type Office struct {
	Zone      string      `json:"zone"`      // IANA name
	Languages []string    `json:"languages"` // the required one first
	UnitID    string      `json:"unit_id"`   // the unit that owns the content
	KioskUnit string      `json:"kiosk_unit_id"`
	Unit      slides.Text `json:"unit"`
	UnitShort slides.Text `json:"unit_short"` // for narrow screens
	Office    slides.Text `json:"office"`
	Hosts     []string    `json:"qr_hosts"` // hosts that a QR may name
}

// Form returns the questionnaire with that id, or nil.
func (c *Content) Form(id string) []byte {
	for _, f := range c.Forms {
		if f.ID == id {
			return f.Bytes
		}
	}
	return nil
}

// formOrder is the order in which a kiosk prefers the questionnaires.
var formOrder = []string{"nhanh", "rutgon", "daydu"}

// slideFiles is the order in which a list shows the slides of a fresh install.
var slideFiles = []string{"slogans", "guides", "procedures", "notices", "indices", "faqs", "links", "tickers"}

// draft is a slide as the files hold it: validity as local dates, dwell in seconds.
type draft struct {
	ID       string              `json:"id"`
	Kind     string              `json:"kind"`
	Topic    slides.Topic        `json:"topic"`
	Audience slides.Audience     `json:"audience"`
	Title    slides.Text         `json:"title"`
	Document *slides.DocumentRef `json:"document"`
	Source   string              `json:"source"`
	Prov     string              `json:"provenance"`
	From     slides.LocalDate    `json:"valid_from"`
	Until    slides.LocalDate    `json:"valid_until"`
	Dwell    int64               `json:"dwell_seconds"`
	Body     json.RawMessage     `json:"body"`
}

// Load reads the embedded content. An error is a fault of the build.
func Load() (*Content, error) {
	c := Content{Provenance: map[string]string{}}
	for name, into := range map[string]any{
		"office": &c.Office, "units": &c.Units, "playlists": &c.Playlists, "schedule": &c.Schedule,
	} {
		if err := read(name, into); err != nil {
			return nil, err
		}
	}
	zone, err := time.LoadLocation(c.Office.Zone)
	if err != nil {
		return nil, broken("office", err)
	}
	for _, name := range slideFiles {
		var drafts []draft
		if err := read("slides/"+name, &drafts); err != nil {
			return nil, err
		}
		for i := range drafts {
			s, err := drafts[i].slide(zone)
			if err != nil {
				return nil, broken(drafts[i].ID, err)
			}
			c.Slides = append(c.Slides, *s)
			c.Provenance[s.ID] = drafts[i].Prov
			if s.Kind == "ticker" {
				c.Ticker = append(c.Ticker, s.ID)
			}
		}
	}
	for _, id := range formOrder {
		b, err := files.ReadFile("data/surveys/" + id + ".json")
		if err != nil {
			return nil, broken(id, err)
		}
		c.Forms = append(c.Forms, Form{ID: id, Bytes: b})
	}
	if c.Catalogue, err = files.ReadFile("data/catalogue.json"); err != nil {
		return nil, broken("catalogue", err)
	}
	return &c, nil
}

// slide turns d into the stored form: moments in UTC, a compact body.
func (d *draft) slide(zone *time.Location) (*slides.Slide, error) {
	from, err := midnight(d.From, zone)
	if err != nil {
		return nil, err
	}
	until, err := midnight(d.Until, zone)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if err := json.Compact(&body, d.Body); err != nil {
		return nil, err
	}
	return &slides.Slide{
		ID: d.ID, Kind: d.Kind, Topic: d.Topic, Audience: d.Audience, Title: d.Title,
		Document: d.Document, Source: d.Source, From: from, Until: until,
		Dwell: d.Dwell * 1000, Body: body.Bytes(),
	}, nil
}

// midnight is the first moment of the local date d; "" is 0, "not set".
func midnight(d slides.LocalDate, zone *time.Location) (slides.Millis, error) {
	if d == "" {
		return 0, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, string(d), zone)
	if err != nil {
		return 0, err
	}
	return slides.At(t), nil
}

// read decodes one file; a field that no type knows is a slip of the pen.
func read(name string, into any) error {
	b, err := files.ReadFile("data/" + name + ".json")
	if err != nil {
		return broken(name, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return broken(name, err)
	}
	return nil
}

func broken(what string, err error) error {
	return slides.E(slides.Broken, "starter.Load", "Nội dung khởi đầu bị hỏng trong bản dựng này.",
		"The starter content of this build is damaged.", fmt.Errorf("%s: %w", what, err))
}
