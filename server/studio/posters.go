package studio

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"motcua/server/print"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/fonts"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

// paper is what the address asks for: A4 upright unless it says otherwise.
func (q *request) paper() (p print.Paper, landscape bool) {
	u := q.r.URL.Query()
	p, _ = print.PaperNamed(u.Get("paper"))
	return p, u.Get("shape") == "landscape"
}

// printLang is the language of a print: Vietnamese, or English where asked for.
func (q *request) printLang() string {
	if q.r.URL.Query().Get("lang") == "en" {
		return "en"
	}
	return "vi"
}

// poster composes a slide for paper: no hint to touch, no news line. Where its
// text needs the longer shape of a screen it gets that, with margins.
func (q *request) poster(sl *slides.Slide, unit string, p print.Paper, landscape bool) (*scene.Scene, error) {
	f, err := q.frame(unit)
	if err != nil {
		return nil, err
	}
	faces, err := q.faces()
	if err != nil {
		return nil, err
	}
	f.Frame.Hint, f.Frame.Ticker, f.Frame.Lang = false, false, q.printLang()
	w, h := p.Pixels(landscape)
	sc, err := kinds.Scene(sl, f.Frame, faces, w, h)
	if err == nil && len(sc.Overflows) > 0 {
		screen := shapes["portrait"]
		if landscape {
			screen = shapes["landscape"]
		}
		sc, err = kinds.Scene(sl, f.Frame, faces, screen.W, screen.H)
	}
	if err != nil {
		return nil, err
	}
	if len(sc.Overflows) > 0 {
		text, name := clipRunes(sc.Overflows[0].Text, 60), sl.Title
		return nil, slides.E(slides.Invalid, "studio.poster", q.words.say("vi", "poster.overflow", name.In("vi"), text), q.words.say("en", "poster.overflow", name.In("en"), text), nil)
	}
	return sc, nil
}

func (s *server) slidePoster(q *request) error {
	row, err := s.Store.Slide(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	p, landscape := q.paper()
	sc, err := q.poster(row.Slide, row.Unit, p, landscape)
	if err != nil {
		return err
	}
	return q.pdf(row.Slide.Title.In(q.printLang()), p, []*scene.Scene{sc})
}

// playlistPoster prints a playlist's slides, a page each.
func (s *server) playlistPoster(q *request) error {
	list, err := q.playlist(q.r.PathValue("id"))
	if err != nil {
		return err
	}
	p, landscape := q.paper()
	var pages []*scene.Scene
	var printed []string
	for _, it := range list.Playlist.Items {
		row, err := s.Store.Slide(q.r.Context(), it.Slide)
		if slides.KindOf(err) == slides.NotFound || err == nil && (row.State == store.Removed || slices.Contains(printed, it.Slide)) {
			continue // gone, or twice in the round
		}
		if err != nil {
			return err
		}
		sc, err := q.poster(row.Slide, row.Unit, p, landscape)
		if err != nil {
			return err
		}
		pages, printed = append(pages, sc), append(printed, it.Slide)
	}
	if len(pages) == 0 {
		return slides.E(slides.Invalid, "studio.playlistPoster", q.words.say("vi", "poster.nothing"), q.words.say("en", "poster.nothing"), nil)
	}
	return q.pdf(list.Playlist.Name, p, pages)
}

// pdf answers with a file to look at and print.
func (q *request) pdf(title string, p print.Paper, pages []*scene.Scene) error {
	ttf, err := fonts.All()
	if err != nil {
		return err
	}
	select { // pictures are decoded: no more than two at once
	case q.thumbs.slots <- struct{}{}:
		defer func() { <-q.thumbs.slots }()
	case <-q.r.Context().Done():
		return q.r.Context().Err()
	}
	var b bytes.Buffer
	d := print.Document{Title: title, Lang: q.printLang(), At: q.today(), Paper: p, Fonts: ttf, Images: q.images(q.r.Context()), Pages: pages}
	if err := print.Write(&b, &d); err != nil {
		return err
	}
	slug := strings.ReplaceAll(slides.Fold(title), " ", "-")
	slug = strings.Map(func(r rune) rune {
		if r < 128 {
			return r
		}
		return -1
	}, clipRunes(slug, 60))
	h := q.w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", fmt.Sprintf(`inline; filename="%s-%s.pdf"`, strings.Trim(slug, "-"), p.Name))
	q.wrote = true
	_, err = q.w.Write(b.Bytes())
	return err
}

// procedureSheet prints what hangs on the notice board of one procedure: as it
// is published, not as it is drafted.
func (s *server) procedureSheet(q *request) error {
	all, err := s.Store.LiveProcedures(q.r.Context(), "")
	if err != nil {
		return err
	}
	id := q.r.PathValue("id")
	i := slices.IndexFunc(all, func(p catalogue.Procedure) bool { return store.ProcedureID(p.Code) == id })
	if i < 0 {
		return q.notLive()
	}
	return q.posting("", all[i:i+1])
}

// fieldSheet prints the list of a field.
func (s *server) fieldSheet(q *request) error {
	field := q.r.URL.Query().Get("field")
	list, err := s.Store.LiveProcedures(q.r.Context(), field)
	if err != nil {
		return err
	}
	if field == "" || len(list) == 0 {
		return q.notLive()
	}
	return q.posting(field, list)
}

func (q *request) notLive() error {
	return slides.E(slides.NotFound, "studio.sheet", q.words.say("vi", "posting.notlive"), q.words.say("en", "posting.notlive"), nil)
}

func (q *request) posting(field string, list []catalogue.Procedure) error {
	f, err := q.frame("")
	if err != nil {
		return err
	}
	faces, err := q.faces()
	if err != nil {
		return err
	}
	f.Frame.Lang = q.printLang()
	sheet := print.Posting{Frame: f.Frame, Mark: store.SheetSum(list)[:markLength], At: q.today(), Field: field, List: list}
	p, _ := q.paper()
	if field == "" {
		return q.pdf(list[0].Code+" "+list[0].Name.In(q.printLang()), p, sheet.One(p, faces))
	}
	return q.pdf(field, p, sheet.All(p, faces))
}

// markLength is how much of a sheet's sum is printed on it and shown in the
// register: enough to tell two sheets apart, short enough to compare.
const markLength = 8
