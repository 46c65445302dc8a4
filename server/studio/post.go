package studio

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

// postPage is a slide ready to be posted by hand on Zalo, Facebook or the portal:
// its words to copy and its picture to download.
type postPage struct {
	ID    string
	Title slides.Text
	Texts []postText
	V     string
	// Where the unit posts.
	Channels []store.Channel
}

type postText struct {
	Lang string
	Text string
	Rows int
}

func (s *server) slidePost(q *request) error {
	row, err := s.Store.Slide(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	body, err := kinds.Parse(row.Slide)
	if err != nil {
		return err
	}
	f, err := q.frame(row.Unit)
	if err != nil {
		return err
	}
	_, channels, err := q.Store.Channels(q.r.Context(), row.Unit)
	if err != nil {
		return err
	}
	p := postPage{Channels: channels, ID: row.ID, Title: row.Slide.Title, V: version(row.SHA, f)}
	for _, l := range []string{"vi", "en"} {
		if row.Slide.Title[l] == "" {
			continue // it does not speak this language
		}
		t := postOf(row.Slide, body, l)
		p.Texts = append(p.Texts, postText{Lang: l, Text: t, Rows: min(16, strings.Count(t, "\n")+3)})
	}
	return q.render(http.StatusOK, "post", p)
}

// postOf says what a slide says as a message: its title, its texts one a line,
// those of a list after a dot, addresses after what they lead to, its document
// and source.
func postOf(s *slides.Slide, body kinds.Body, lang string) string {
	title := oneLine(s.Title.In(lang))
	lines := []string{title}
	urls := kinds.URLs(body)
	before := ""
	for _, t := range kinds.Texts(body) {
		text := oneLine(t.Text.In(lang))
		if text == "" || text == title {
			continue
		}
		dot := strings.LastIndexByte(t.Path, '.')
		if u := urls[t.Path[:dot]+".url"]; u != "" && t.Path[dot:] == ".caption" {
			text += ": " + u
			delete(urls, t.Path[:dot]+".url")
		}
		switch {
		case t.Path[:dot] == before && before != unnumbered(before): // a step's title and its text
			lines[len(lines)-1] += ": " + text
		case t.Path != unnumbered(t.Path):
			lines = append(lines, "• "+text)
		default:
			lines = append(lines, "", text)
		}
		before = t.Path[:dot]
	}
	for _, path := range slices.Sorted(maps.Keys(urls)) {
		lines = append(lines, urls[path])
	}
	if d := s.Document; d != nil {
		if ref := strings.TrimSpace(d.Number + " " + d.Issuer); ref != "" {
			lines = append(lines, "", ref)
		}
	}
	if s.Source != "" {
		lines = append(lines, "", s.Source)
	}
	return strings.Join(lines, "\n")
}
