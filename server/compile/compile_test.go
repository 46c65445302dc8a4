package compile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"motcua/slides"
)

func snapshot(t *testing.T) *Snapshot {
	t.Helper()
	s := &Snapshot{
		Epoch: "e-1", Revision: 4, Issued: 1_000_000, Flip: slides.AtBoundary,
		Units: map[string]Unit{
			"tinh": {ID: "tinh", Name: slides.Vi("Tỉnh"), Office: slides.Vi("Một cửa"), Zone: "Asia/Ho_Chi_Minh"},
			"so":   {ID: "so", Parent: "tinh", Name: slides.Vi("Sở"), Zone: "Asia/Ho_Chi_Minh"},
		},
		Look: Look{Languages: []string{"vi"}},
		Blob: func(sha string) (slides.BlobRef, bool) { return slides.BlobRef{}, false },
	}
	for i, until := range []slides.Millis{0, 999_999, 1_000_001} {
		b := fmt.Appendf(nil, `{"id":"s%d","kind":"slogan","topic":"T01","audience":"public","title":{"vi":"Khẩu hiệu"},"until":%d,"body":{"text":{"vi":"Khẩu hiệu %d"}}}`, i, until, i)
		sl, err := NewSlide(b)
		if err != nil {
			t.Fatal(err)
		}
		s.Slides = append(s.Slides, sl)
	}
	s.Playlists = []slides.Playlist{{ID: "a", Name: "A", Items: []slides.Item{{Slide: "s0"}, {Slide: "s1"}, {Slide: "s2"}, {Slide: "draft"}}}, {ID: "b", Name: "B", Items: []slides.Item{{Slide: "draft"}}}}
	for id, w := range map[string]Where{"all": {All: true}, "unit": {Units: []string{"tinh"}}, "group": {Groups: []string{"sanh"}}, "kiosk": {Kiosks: []string{"k-1"}}, "other": {Units: []string{"huyen"}}} {
		s.Entries = append(s.Entries, Entry{Entry: slides.Entry{ID: id, Playlist: "a", Zone: "Asia/Ho_Chi_Minh", Start: "2023-01-01T00:00", Priority: slides.Normal}, Where: w})
	}
	s.Entries = append(s.Entries, Entry{Entry: slides.Entry{ID: "empty", Playlist: "b", Zone: "Asia/Ho_Chi_Minh", Start: "2023-01-01T00:00"}, Where: Where{All: true}})
	return s
}

func TestEachClassGetsItsEntries(t *testing.T) {
	s := snapshot(t)
	for _, c := range []struct {
		kiosk Kiosk
		want  map[string]bool
	}{
		{Kiosk{ID: "k-2", Unit: "so", Audience: slides.Public}, map[string]bool{"all": true, "unit": true}},
		{Kiosk{ID: "k-2", Unit: "so", Audience: slides.Public, Groups: []string{"sanh"}}, map[string]bool{"all": true, "unit": true, "group": true}},
		{Kiosk{ID: "k-1", Unit: "so", Audience: slides.Public}, map[string]bool{"all": true, "unit": true, "kiosk": true}},
	} {
		m, err := Compile(s, ClassOf(c.kiosk, s.Entries))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, e := range m.Schedule {
			got[e.ID] = true
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%+v: %v, want %v", c.kiosk, got, c.want)
		}
		// An ended slide and a draft are left out, and the manifest is one that kiosks take.
		if len(m.Slides) != 2 || m.Slides[0].ID != "s0" || m.Slides[1].ID != "s2" || len(m.Playlists) != 1 || len(m.Playlists[0].Items) != 2 {
			t.Errorf("%+v %+v", m.Slides, m.Playlists)
		}
		if m.Office["vi"] != "Một cửa" {
			t.Errorf("the desk's name comes from above: %v", m.Office)
		}
		b, err := slides.EncodeManifest(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := slides.ParseManifest(b); err != nil {
			t.Error(err)
		}
	}
}

func TestEqualContentIsEqualBytes(t *testing.T) {
	s := snapshot(t)
	c := ClassOf(Kiosk{ID: "k-2", Unit: "so", Audience: slides.Public}, s.Entries)
	encode := func() ([]byte, string) {
		m, err := Compile(s, c)
		if err != nil {
			t.Fatal(err)
		}
		b, err := slides.EncodeManifest(m)
		if err != nil {
			t.Fatal(err)
		}
		h, err := ContentHash(m)
		if err != nil {
			t.Fatal(err)
		}
		return b, h
	}
	a, ha := encode()
	for range 20 {
		if b, _ := encode(); !bytes.Equal(a, b) {
			t.Fatal("the same content gave other bytes")
		}
	}
	s.Revision, s.Issued, s.Flip = 5, 1_000_000, slides.AtOnce
	if b, hb := encode(); bytes.Equal(a, b) || ha != hb {
		t.Fatal("a new revision of the same content is other bytes of the same content hash")
	}
	s.Units["so"] = Unit{ID: "so", Parent: "tinh", Name: slides.Vi("Sở mới"), Zone: "Asia/Ho_Chi_Minh"}
	if _, hb := encode(); ha == hb {
		t.Fatal("a new name is new content")
	}
}

func TestClassNames(t *testing.T) {
	plain := ClassOf(Kiosk{ID: "k-1", Unit: "so", Audience: slides.Public}, nil)
	if plain.ID != "so" {
		t.Fatal(plain.ID)
	}
	seen := map[string]bool{plain.ID: true}
	for _, k := range []Kiosk{
		{ID: "k-1", Unit: "so", Audience: slides.Internal},
		{ID: "k-1", Unit: "so", Audience: slides.Public, Groups: []string{"a"}},
		{ID: "k-1", Unit: "so", Audience: slides.Public, Groups: []string{"a", "b"}},
		{ID: "k-1", Unit: "tinh", Audience: slides.Public},
	} {
		c := ClassOf(k, nil)
		if seen[c.ID] {
			t.Errorf("%+v shares the class %s", k, c.ID)
		}
		seen[c.ID] = true
	}
	a, b := ClassOf(Kiosk{Unit: "so", Audience: slides.Public, Groups: []string{"b", "a"}}, nil), ClassOf(Kiosk{ID: "k-9", Unit: "so", Audience: slides.Public, Groups: []string{"a", "b"}}, nil)
	if a.ID != b.ID {
		t.Error("the order of groups is no difference")
	}
}

// More than a kiosk can keep is told before it goes live; what two slides share counts once.
func TestFilmsHaveRoomOnAKiosk(t *testing.T) {
	s := snapshot(t)
	sha := func(i int) string { return fmt.Sprintf("%064x", i) }
	for i := range 4 {
		b := fmt.Appendf(nil, `{"id":"v%d","kind":"video","topic":"T08","audience":"public","title":{"vi":"Phim"},"body":{"film":%q,"poster":%q,"shape":"wide","caption":{"vi":"Phim"}}}`, i, sha(i%3), sha(9))
		sl, err := NewSlide(b)
		if err != nil {
			t.Fatal(err)
		}
		s.Slides = append(s.Slides, sl)
	}
	size := int64(slides.MaxContent/3) - 1
	s.Blob = func(sha string) (slides.BlobRef, bool) { return slides.BlobRef{SHA: sha, Size: size}, true }
	// Three films and the poster are four blobs.
	if err := Check(s); err == nil || !strings.Contains(err.Error(), "slides") {
		t.Errorf("four thirds of a kiosk: %v", err)
	}
	size = slides.MaxContent / 4
	if err := Check(s); err != nil {
		t.Error(err)
	}
}

// A manifest has the recordings of its screens, in its languages, and of the
// slides that it shows; their files come with it.
func TestVoices(t *testing.T) {
	s := snapshot(t)
	s.Blob = func(sha string) (slides.BlobRef, bool) {
		return slides.BlobRef{SHA: sha, Size: 9, Type: "audio/ogg"}, true
	}
	sha := func(v string) string { return slides.Sum([]byte(v)) }
	for _, of := range []string{"home", "slide:s0", "slide:s1", "slide:draft"} {
		s.Look.Audio = append(s.Look.Audio, slides.AudioRef{Of: of, Lang: "vi", Blob: sha(of)}, slides.AudioRef{Of: of, Lang: "en", Blob: sha(of + "en")})
	}
	m, err := Compile(s, ClassOf(Kiosk{ID: "k-2", Unit: "so", Audience: slides.Public}, s.Entries))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range m.Audio {
		got = append(got, a.Of+" "+a.Lang)
		if !slices.ContainsFunc(m.Blobs, func(b slides.BlobRef) bool { return b.SHA == a.Blob }) {
			t.Errorf("the file of %s is not carried", a.Of)
		}
	}
	if strings.Join(got, ", ") != "home vi, slide:s0 vi" {
		t.Errorf("voices: %v", got)
	}
	b, err := slides.EncodeManifest(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := slides.ParseManifest(b); err != nil {
		t.Error(err)
	}
	s.Blob = func(string) (slides.BlobRef, bool) { return slides.BlobRef{}, false }
	if err := Check(s); err == nil || !strings.Contains(err.Error(), "look.audio.0") {
		t.Errorf("a missing file: %v", err)
	}
}
