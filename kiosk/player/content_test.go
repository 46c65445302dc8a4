package player_test

import (
	"encoding/json"
	"errors"
	"testing"
	_ "time/tzdata"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/kinds"
	"motcua/slides/scene"
	"motcua/slides/starter"
	"motcua/slides/survey"
)

// shelf is a folder of blobs and the manifest that names them.
type shelf struct {
	manifest slides.Manifest
	blobs    map[string][]byte
}

func (s *shelf) keep(b []byte, kind string) string {
	sha := slides.Sum(b)
	if s.blobs[sha] == nil {
		s.manifest.Blobs = append(s.manifest.Blobs, slides.BlobRef{SHA: sha, Size: int64(len(b)), Type: kind})
	}
	s.blobs[sha] = b
	return sha
}

func (s *shelf) read(sha string) ([]byte, error) {
	if b, ok := s.blobs[sha]; ok {
		return b, nil
	}
	return nil, errors.New("no such blob")
}

func (s *shelf) bytes(t testing.TB) []byte {
	b, err := slides.EncodeManifest(&s.manifest)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (s *shelf) load(t testing.TB) *player.Content {
	t.Helper()
	c, faults, err := player.Load(s.bytes(t), s.read)
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	return c
}

// newShelf has n slides of ten seconds in one playlist, always on the air, and
// the starter's questionnaire form.
func newShelf(t testing.TB, form string, n int) *shelf {
	t.Helper()
	c, err := starter.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{blobs: map[string][]byte{}}
	s.manifest = slides.Manifest{
		Class: "test", Epoch: "e", Revision: 1, Issued: 1_700_000_000_000, Flip: slides.AtBoundary, Zone: "Asia/Ho_Chi_Minh",
		Languages: []string{"vi", "en"}, Unit: c.Office.Unit, UnitShort: c.Office.UnitShort, Office: c.Office.Office, UnitID: c.Office.UnitID,
	}
	s.manifest.Format.Major = 1
	list := slides.Playlist{ID: "all", Name: "all"}
	for i := range n {
		id := string(rune('a' + i))
		sl := kinds.All()[0].Sample()
		sl.ID, sl.From, sl.Until, sl.Dwell = id, 0, 0, 10_000
		b, err := json.Marshal(&sl)
		if err != nil {
			t.Fatal(err)
		}
		s.manifest.Slides = append(s.manifest.Slides, slides.SlideRef{ID: id, Blob: s.keep(b, "application/json")})
		list.Items = append(list.Items, slides.Item{Slide: id})
	}
	s.manifest.Playlists = []slides.Playlist{list}
	if n > 0 {
		s.manifest.Schedule = []slides.Entry{{ID: "always", Playlist: "all", Zone: "Asia/Ho_Chi_Minh", Start: "2020-01-01T00:00", Priority: slides.Normal}}
	}
	if b := c.Form(form); b != nil {
		s.manifest.Surveys = []slides.SurveyRef{{ID: form, Blob: s.keep(b, "application/json")}}
	}
	return s
}

func faces(t testing.TB) *scene.Faces {
	t.Helper()
	all, err := fonts.All()
	if err != nil {
		t.Skip(err)
	}
	ttf := map[scene.Weight][]byte{}
	for w, b := range all {
		ttf[scene.Weight(w)] = b
	}
	f, err := scene.NewFaces(ttf)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestLoadGoesRoundWhatIsDamaged(t *testing.T) {
	s := newShelf(t, "nhanh", 3)
	delete(s.blobs, s.manifest.Slides[1].Blob)
	bad := s.keep([]byte("{"), "application/json")
	s.manifest.Surveys = append([]slides.SurveyRef{{ID: "bad", Blob: bad}}, s.manifest.Surveys...)
	s.manifest.Theme = json.RawMessage(`{"son":"red"}`)
	c, faults, err := player.Load(s.bytes(t), s.read)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Slides) != 2 || c.Slides["b"] != nil || len(c.Surveys) == 0 || c.Surveys[0].ID != "nhanh" || c.Theme != scene.DefaultTheme() {
		t.Errorf("content: %d slides, survey %v", len(c.Slides), c.Surveys)
	}
	if len(faults) != 3 {
		t.Errorf("faults: %v", faults)
	}
	if _, _, err := player.Load([]byte(`{"format":{"major":2}}`), s.read); slides.KindOf(err) != slides.Newer {
		t.Errorf("a newer manifest: %v", err)
	}
	var q survey.Questionnaire
	if err := json.Unmarshal(s.blobs[s.manifest.Surveys[1].Blob], &q); err != nil || len(q.Questions) != 1 {
		t.Fatalf("the quick form has %d questions: %v", len(q.Questions), err)
	}
}
