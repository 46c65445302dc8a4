package compile

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/scene"
	"motcua/slides/survey"
)

// NewSlide reads a live slide from its bytes.
func NewSlide(b []byte) (Slide, error) {
	s, body, err := kinds.ParseBytes(b)
	if err != nil {
		return Slide{}, err
	}
	return Slide{Slide: s, SHA: slides.Sum(b), Size: int64(len(b)), body: body, pictures: kinds.Blobs(body)}, nil
}

// Check reports everything in s that staff must mend before it can go live, as
// one error of kind Invalid. Paths begin with what they are of:
// "slide.<id>.body.qr.url".
func Check(s *Snapshot) error {
	var p slides.Problems
	for i := range s.Slides {
		l := &s.Slides[i]
		at := "slide." + l.Slide.ID
		under(&p, at, kinds.Validate(l.Slide))
		var hosts slides.Problems
		if kinds.CheckHosts(l.body, s.Look.Hosts, &hosts); len(s.Look.Hosts) > 0 {
			under(&p, at, hosts.Err("compile.Check"))
		}
		for _, sha := range l.pictures {
			s.stored(&p, at, sha)
		}
	}
	calendars := map[string]bool{}
	for _, c := range s.Calendars {
		calendars[c.ID] = true
	}
	lists := map[string]bool{}
	for _, l := range s.Playlists {
		lists[l.ID] = true
	}
	for i := range s.Entries {
		e := &s.Entries[i]
		at := "entry." + e.ID
		slides.CheckEntry(&e.Entry, &p, at)
		if !lists[e.Playlist] {
			p.Add(at+".playlist", fmt.Sprintf("Danh sách phát %q chưa được phát hành.", e.Playlist), fmt.Sprintf("The playlist %q is not published.", e.Playlist))
		}
		if e.Calendar != "" && !calendars[e.Calendar] {
			p.Add(at+".calendar", fmt.Sprintf("Lịch làm việc %q chưa được phát hành.", e.Calendar), fmt.Sprintf("The calendar %q is not published.", e.Calendar))
		}
	}
	s.checkLook(&p)
	s.checkSize(&p)
	return p.Err("compile.Check")
}

// checkSize reports more pictures, films and voices than a kiosk has room for. It sums
// over all that is live: no class has more.
func (s *Snapshot) checkSize(p *slides.Problems) {
	seen, sum := map[string]bool{}, int64(0)
	add := func(sha string) {
		if ref, ok := s.Blob(sha); ok && !seen[sha] {
			seen[sha] = true
			sum += ref.Size
		}
	}
	for i := range s.Slides {
		for _, sha := range s.Slides[i].pictures {
			add(sha)
		}
	}
	for _, a := range s.Look.Audio {
		add(a.Blob)
	}
	if sum > slides.MaxContent {
		p.Add("slides", fmt.Sprintf("Ảnh, video và bản ghi âm đang phát nặng %d MiB, ki-ốt chứa được %d MiB; hãy bớt hoặc nén video.", sum>>20, slides.MaxContent>>20),
			fmt.Sprintf("Pictures, videos and recordings on the air take %d MiB, a kiosk has room for %d MiB; take some off or compress them.", sum>>20, slides.MaxContent>>20))
	}
}

func (s *Snapshot) checkLook(p *slides.Problems) {
	for _, sha := range []string{s.Look.Logo, s.Catalogue} {
		if sha != "" {
			s.stored(p, "look", sha)
		}
	}
	for _, f := range s.Look.Fonts {
		s.stored(p, "look.fonts", f.Blob)
	}
	slides.CheckAudio(s.Look.Audio, p, "look.audio", func(sha string) (string, bool) {
		ref, ok := s.Blob(sha)
		return ref.Type, ok
	})
	for _, id := range s.Look.Surveys {
		q, ok := s.Surveys[id]
		if !ok {
			p.Add("look.surveys", fmt.Sprintf("Phiếu khảo sát %q chưa được phát hành.", id), fmt.Sprintf("The questionnaire %q is not published.", id))
		} else if !survey.KnownMethod(q.Questionnaire.Method) {
			p.Add("survey."+id+".method", fmt.Sprintf("Máy chủ này không biết cách tính %q.", q.Questionnaire.Method), fmt.Sprintf("This server does not know the method %q.", q.Questionnaire.Method))
		}
	}
	if len(s.Look.Theme) > 0 {
		var th scene.Theme
		if err := json.Unmarshal(s.Look.Theme, &th); err != nil {
			p.Add("look.theme", "Không đọc được bảng màu; mỗi màu viết như #9F1B1E.", "The theme can't be read; write each colour like #9F1B1E.")
		}
	}
}

// under adds err's problems below a path.
func under(p *slides.Problems, at string, err error) {
	if err == nil {
		return
	}
	e, ok := errors.AsType[*slides.Error](err)
	if !ok || len(e.Problems) == 0 {
		p.Add(at, slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
		return
	}
	for _, q := range e.Problems {
		p.Add(at+"."+q.Path, q.Vi, q.En)
	}
}

func (s *Snapshot) stored(p *slides.Problems, at, sha string) {
	if _, ok := s.Blob(sha); !ok {
		p.Add(at, fmt.Sprintf("Tệp %.12s… chưa được tải lên.", sha), fmt.Sprintf("The file %.12s… was not uploaded.", sha))
	}
}

// Compile makes a class's manifest of a snapshot that Check found good.
//
// An entry is in it when its Where names the class's kiosks; a slide when such
// an entry's playlist has it, it is for the class's audience, and its validity
// has not ended at s.Issued. Places of a playlist whose slide is not live
// (a draft, recalled) are left out, and an entry whose playlist has none left.
// A line of the ticker is in it where its unit's screens are, and those below.
// The working calendar is that of its unit, else of the nearest unit above.
// The order of everything is fixed, so that equal content is equal bytes.
func Compile(s *Snapshot, c Class) (*slides.Manifest, error) {
	const op = "compile.Compile"
	u, ok := s.Units[c.Unit]
	if !ok {
		return nil, slides.E(slides.Invalid, op, fmt.Sprintf("Đơn vị %q không còn hoạt động; hãy chuyển ki-ốt sang đơn vị khác.", c.Unit),
			fmt.Sprintf("The unit %q is closed; move its kiosks to another.", c.Unit), nil)
	}
	named := s.titled(c.Unit)
	m := &slides.Manifest{
		Class: c.ID, Epoch: s.Epoch, Revision: s.Revision, Issued: s.Issued, Flip: s.Flip,
		Zone: u.Zone, Languages: s.languages(c.Unit), Unit: named.Name, UnitShort: named.Short, Office: s.office(c.Unit), UnitID: u.ID,
		Logo: s.Look.Logo, Theme: s.Look.Theme, Catalogue: s.Catalogue, Hosts: s.Look.Hosts,
		Slides: []slides.SlideRef{}, Playlists: []slides.Playlist{}, Schedule: []slides.Entry{}, Surveys: []slides.SurveyRef{}, Fonts: s.Look.Fonts,
	}
	m.Format.Major, m.Format.Minor = slides.FormatMajor, slides.FormatMinor
	if m.Fonts == nil {
		m.Fonts = []slides.FontRef{}
	}
	if m.Hosts == nil {
		m.Hosts = []string{}
	}
	if len(m.Theme) == 0 {
		b, err := json.Marshal(scene.DefaultTheme())
		if err != nil {
			return nil, slides.E(slides.Broken, op, "Không ghi được bảng màu.", "The theme can't be written.", err)
		}
		m.Theme = b
	}
	blobs := map[string]slides.BlobRef{}
	s.schedule(m, &c, blobs)
	for _, id := range s.Look.Surveys {
		if q, ok := s.Surveys[id]; ok {
			m.Surveys = append(m.Surveys, slides.SurveyRef{ID: id, Blob: q.SHA})
			blobs[q.SHA] = slides.BlobRef{SHA: q.SHA, Size: q.Size, Type: jsonType}
		}
	}
	s.named(blobs, m.Logo, m.Catalogue)
	s.named(blobs, c.Pictures...)
	s.voices(m, blobs)
	for _, f := range m.Fonts {
		s.named(blobs, f.Blob)
	}
	m.Blobs = make([]slides.BlobRef, 0, len(blobs))
	for _, b := range blobs {
		m.Blobs = append(m.Blobs, b)
	}
	slices.SortFunc(m.Blobs, func(a, b slides.BlobRef) int {
		if a.SHA < b.SHA {
			return -1
		}
		return 1
	})
	return m, nil
}

// voices fills in the recordings: in the languages of the class's screens, and
// of slides those that it has.
func (s *Snapshot) voices(m *slides.Manifest, blobs map[string]slides.BlobRef) {
	shown := map[string]bool{}
	for _, r := range m.Slides {
		shown[r.ID] = true
	}
	for _, a := range s.Look.Audio {
		id, ofSlide := strings.CutPrefix(a.Of, "slide:")
		if slices.Contains(m.Languages, a.Lang) && (!ofSlide || shown[id]) {
			m.Audio = append(m.Audio, a)
			s.named(blobs, a.Blob)
		}
	}
}

// jsonType is the type of blobs that are slides or questionnaires.
const jsonType = "application/json"

// schedule fills in entries, playlists, slides, ticker and calendars.
func (s *Snapshot) schedule(m *slides.Manifest, c *Class, blobs map[string]slides.BlobRef) {
	live := map[string]*Slide{}
	for i := range s.Slides {
		l := &s.Slides[i]
		if l.Slide.Audience == slides.Internal && c.Audience != slides.Internal || l.Slide.Until != 0 && l.Slide.Until <= s.Issued {
			continue
		}
		if l.Slide.Kind == "ticker" {
			if u := s.Lines[l.Slide.ID]; u != "" && !s.shows(&Where{Units: []string{u}}, c) {
				continue // no entry says where a line shows: it is for its unit's screens
			}
			m.Ticker = append(m.Ticker, slides.SlideRef{ID: l.Slide.ID, Blob: l.SHA})
			s.carry(blobs, l)
			continue
		}
		live[l.Slide.ID] = l
	}
	lists := map[string]slides.Playlist{}
	for _, l := range s.Playlists {
		kept := slides.Playlist{ID: l.ID, Name: l.Name}
		for _, it := range l.Items {
			if live[it.Slide] != nil {
				kept.Items = append(kept.Items, it)
			}
		}
		lists[l.ID] = kept
	}
	used, shown, calendars := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range s.Entries {
		e := &s.Entries[i]
		if !s.shows(&e.Where, c) || len(lists[e.Playlist].Items) == 0 {
			continue
		}
		m.Schedule = append(m.Schedule, e.Entry)
		used[e.Playlist], calendars[e.Calendar] = true, true
	}
	for _, l := range s.Playlists {
		if !used[l.ID] {
			continue
		}
		m.Playlists = append(m.Playlists, lists[l.ID])
		for _, it := range lists[l.ID].Items {
			shown[it.Slide] = true
		}
	}
	for i := range s.Slides {
		if l := &s.Slides[i]; shown[l.Slide.ID] {
			m.Slides = append(m.Slides, slides.SlideRef{ID: l.Slide.ID, Blob: l.SHA})
			s.carry(blobs, l)
		}
	}
	for _, unit := range s.path(c.Unit) {
		if id := s.Working[unit]; id != "" {
			m.WorkDays, calendars[id] = id, true
			break
		}
	}
	for _, cal := range s.Calendars {
		if calendars[cal.ID] {
			m.Calendars = append(m.Calendars, cal)
		}
	}
}

// carry adds a slide's blobs.
func (s *Snapshot) carry(blobs map[string]slides.BlobRef, l *Slide) {
	blobs[l.SHA] = slides.BlobRef{SHA: l.SHA, Size: l.Size, Type: jsonType}
	s.named(blobs, l.pictures...)
}

func (s *Snapshot) named(blobs map[string]slides.BlobRef, shas ...string) {
	for _, sha := range shas {
		if sha == "" {
			continue
		}
		if ref, ok := s.Blob(sha); ok {
			blobs[sha] = ref
		}
	}
}

// office is the unit's own name of the desk, else the nearest one above.
func (s *Snapshot) office(unit string) slides.Text {
	for _, id := range s.path(unit) {
		if o := s.Units[id].Office; !o.Empty() {
			return o
		}
	}
	return slides.Text{}
}

// languages are the unit's own, else the nearest ones above, else the look's.
func (s *Snapshot) languages(unit string) []string {
	for _, id := range s.path(unit) {
		if l := s.Units[id].Languages; len(l) > 0 {
			return l
		}
	}
	if len(s.Look.Languages) > 0 {
		return s.Look.Languages
	}
	return []string{"vi"}
}

// titled is the unit whose name stands in the header: the unit itself, or,
// where that is the desk named in the line below, the office it belongs to.
func (s *Snapshot) titled(unit string) Unit {
	desk := s.office(unit)["vi"]
	for _, id := range s.path(unit) {
		if u := s.Units[id]; u.Name["vi"] != desk {
			return u
		}
	}
	return s.Units[unit]
}

// ContentHash names what a manifest shows, apart from when and how it was
// issued: equal hashes need no new manifest.
func ContentHash(m *slides.Manifest) (string, error) {
	c := *m
	c.Revision, c.Issued, c.Flip = 0, 0, slides.AtBoundary
	b, err := slides.EncodeManifest(&c)
	return slides.Sum(b), err
}
