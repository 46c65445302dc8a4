package slides

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

const manifestGolden = "testdata/manifest_v1.json"

// manifestSum is the golden manifest's identity. Where a change of this program
// changes it, kiosks in the field would see every manifest as a new one: raise
// the format's number, and keep the old file as a case that can still be read.
const manifestSum = "924396b3e2ad8c336192ab5199a94a30c4d15a49f9294b949fb8eca4815e9a37"

// fullManifest has every field of format 1.
func fullManifest() *Manifest {
	sha := func(s string) string { return Sum([]byte(s)) }
	m := &Manifest{
		Class: "phuong-1.sanh", Epoch: "0192f0c1", Revision: 42, Issued: 1_772_411_400_000, Flip: AtBoundary, Zone: "Asia/Ho_Chi_Minh",
		Languages: []string{"vi", "en"}, Unit: Text{"vi": "Ủy ban nhân dân phường Mẫu", "en": "People's Committee of Mẫu Ward"}, UnitShort: Vi("Phường Mẫu"),
		Office: Vi("Bộ phận Tiếp nhận và Trả kết quả <Một cửa> & liên thông"), UnitID: "phuong-mau", Logo: sha("logo"), Theme: json.RawMessage(`{"name":"sen"}`),
		Ticker: []SlideRef{{"tin-1", sha("tin-1")}},
		Slides: []SlideRef{{"khau-hieu-1", sha("khau-hieu-1")}, {"huong-dan-1", sha("huong-dan-1")}},
		Playlists: []Playlist{
			{ID: "chung", Name: "Chung", Items: []Item{{Slide: "khau-hieu-1"}, {Slide: "huong-dan-1", Dwell: 20_000}}},
			{ID: "khan", Name: "Khẩn", Items: []Item{{Slide: "khau-hieu-1"}}},
		},
		Schedule: []Entry{
			{
				ID: "gio-lam", Playlist: "chung", Zone: "Asia/Ho_Chi_Minh", Start: "2026-03-02T07:30", End: "2026-03-02T17:00", Rule: "FREQ=DAILY", Except: []LocalDate{"2026-09-02"},
				Priority: Normal, Calendar: "vn", Kinds: []DayKind{Working, Swapped}, Share: 0.25,
			},
			{ID: "chen", Playlist: "khan", Zone: "Asia/Ho_Chi_Minh", Start: "2026-03-02T07:30", Priority: Emergency, Interrupt: &Interrupt{10, 600}},
		},
		Calendars: []Calendar{{ID: "vn", Week: []int{1, 2, 3, 4, 5}, Days: map[LocalDate]DayKind{"2026-04-30": Holiday, "2026-05-02": Swapped}}},
		Surveys:   []SurveyRef{{"nhanh", sha("nhanh")}}, Catalogue: sha("thu-tuc"), Fonts: []FontRef{{400, sha("400")}, {800, sha("800")}},
		Hosts: []string{"dichvucong.gov.vn"},
	}
	m.Format.Major, m.Format.Minor = 1, 0
	for _, s := range []string{"logo", "tin-1", "khau-hieu-1", "huong-dan-1", "nhanh", "thu-tuc", "400", "800"} {
		m.Blobs = append(m.Blobs, BlobRef{sha(s), int64(len(s)), "application/json"})
	}
	return m
}

func TestManifestBytesAreItsIdentity(t *testing.T) {
	b, err := EncodeManifest(fullManifest())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(manifestGolden, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(manifestGolden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, golden) {
		t.Errorf("a manifest is encoded otherwise than in format 1:\n%s", cmp.Diff(string(golden), string(b)))
	}
	if got := Sum(golden); got != manifestSum {
		t.Errorf("the golden file's sum is %s, not %s", got, manifestSum)
	}
	m, err := ParseManifest(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(fullManifest(), m); d != "" {
		t.Errorf("read back otherwise: %s", d)
	}
}

// Every field stands in the golden file, so that none can drift unseen.
func TestGoldenManifestHasEveryField(t *testing.T) {
	m := fullManifest()
	for name, v := range map[string]any{"entry": m.Schedule, "manifest": m, "playlist": m.Playlists} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range map[string][]string{
			"entry":    {"id", "playlist", "zone", "start", "end", "rrule", "except", "priority", "interrupt", "seconds", "every", "calendar", "day_kind", "share"},
			"playlist": {"id", "name", "items", "slide", "dwell_ms"},
			"manifest": {
				"format", "major", "minor", "class", "epoch", "revision", "issued", "flip", "zone", "languages", "unit", "unit_short", "office", "unit_id", "logo", "theme",
				"ticker", "slides", "playlists", "schedule", "calendars", "surveys", "catalogue", "fonts", "qr_hosts", "blobs", "sha256", "size", "type", "weight", "week", "days",
			},
		}[name] {
			if !strings.Contains(string(b), `"`+field+`":`) {
				t.Errorf("%s: no %q", name, field)
			}
		}
	}
}

func TestParseManifestRefuses(t *testing.T) {
	far := strings.Repeat("f", 64)
	voice := func(change ...func(*AudioRef)) func(*Manifest) {
		return func(m *Manifest) {
			m.Blobs = append(m.Blobs, BlobRef{Sum([]byte("voice")), 5, "audio/ogg"})
			m.Audio = []AudioRef{{Of: "home", Lang: "vi", Blob: Sum([]byte("voice"))}, {Of: "home", Lang: "en", Blob: Sum([]byte("voice"))}}
			for _, f := range change {
				f(&m.Audio[1])
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*Manifest)
		path   string
	}{
		{"good", func(*Manifest) {}, ""},
		{"good voices", voice(), ""},
		{"voice doubled", voice(func(a *AudioRef) { a.Lang = "vi" }), "audio.1"},
		{"voice of nothing", voice(func(a *AudioRef) { a.Of = "" }), "audio.1"},
		{"voice's language", voice(func(a *AudioRef) { a.Lang = "x y" }), "audio.1"},
		{"voice's blob", voice(func(a *AudioRef) { a.Blob = far }), "audio.1"},
		{"voice that is none", voice(func(a *AudioRef) { a.Blob = Sum([]byte("logo")) }), "audio.1"},
		{"no format", func(m *Manifest) { m.Format.Major = 0 }, "format"},
		{"epoch", func(m *Manifest) { m.Epoch = "" }, "epoch"},
		{"class", func(m *Manifest) { m.Class = "" }, "epoch"},
		{"revision", func(m *Manifest) { m.Revision = -1 }, "epoch"},
		{"flip", func(m *Manifest) { m.Flip = "later" }, "flip"},
		{"zone", func(m *Manifest) { m.Zone = "Hà Nội" }, "zone"},
		{"blob's name", func(m *Manifest) { m.Blobs = append(m.Blobs, BlobRef{"x", 1, ""}) }, "blobs.8"},
		{"blob's size", func(m *Manifest) { m.Blobs[0].Size = -1 }, "blobs.0"},
		{"logo", func(m *Manifest) { m.Logo = far }, "logo"},
		{"catalogue", func(m *Manifest) { m.Catalogue = far }, "catalogue"},
		{"slide's blob", func(m *Manifest) { m.Slides[1].Blob = far }, "slides.1"},
		{"slide's id", func(m *Manifest) { m.Slides = append(m.Slides, SlideRef{"../x", m.Logo}) }, "slides.2"},
		{"slide doubled", func(m *Manifest) { m.Slides = append(m.Slides, m.Slides[0]) }, "slides.2"},
		{"ticker's blob", func(m *Manifest) { m.Ticker[0].Blob = "" }, "ticker.0"},
		{"survey's blob", func(m *Manifest) { m.Surveys[0].Blob = far }, "surveys.0"},
		{"font's blob", func(m *Manifest) { m.Fonts[1].Blob = far }, "fonts.1"},
		{"playlist's slide", func(m *Manifest) { m.Playlists[1].Items[0].Slide = "gone" }, "playlists.1"},
		{"playlist doubled", func(m *Manifest) { m.Playlists = append(m.Playlists, m.Playlists[0]) }, "playlists.2"},
		{"playlist's id", func(m *Manifest) { m.Playlists = append(m.Playlists, Playlist{ID: ""}) }, "playlists.2"},
		{"item's dwell", func(m *Manifest) { m.Playlists[0].Items[1].Dwell = 18_446_744_083_709 }, "playlists.0"},
		{"entry's playlist", func(m *Manifest) { m.Schedule[0].Playlist = "gone" }, "schedule.0.playlist"},
		{"entry's calendar", func(m *Manifest) { m.Schedule[0].Calendar = "gone" }, "schedule.0.calendar"},
		{"entry doubled", func(m *Manifest) { m.Schedule[1].ID = m.Schedule[0].ID }, "schedule.1.id"},
		{"entry's rule", func(m *Manifest) { m.Schedule[0].Rule = "FREQ=MINUTELY" }, "schedule.0.rrule"},
		{"calendar's kind", func(m *Manifest) { m.Calendars[0].Days["2026-05-01"] = "tet" }, "calendars.0.days"},
		{"calendar doubled", func(m *Manifest) { m.Calendars = append(m.Calendars, m.Calendars[0]) }, "calendars.1"},
	} {
		m := fullManifest()
		c.change(m)
		b, err := EncodeManifest(m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseManifest(b)
		if c.path == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		e, ok := err.(*Error)
		if !ok || e.Kind != Invalid || got != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(e.Problems) != 1 || e.Problems[0].Path != c.path {
			t.Errorf("%s: %+v, want one at %s", c.name, e.Problems, c.path)
		}
	}
}

func TestParseManifestOfOtherVersions(t *testing.T) {
	golden, err := os.ReadFile(manifestGolden)
	if err != nil {
		t.Fatal(err)
	}
	minor := strings.Replace(string(golden), `"minor":0`, `"minor":7,"new":[{}]`, 1)
	if minor == string(golden) {
		t.Fatal("no minor number")
	}
	if m, err := ParseManifest([]byte(minor)); err != nil || m.Revision != 42 {
		t.Errorf("a newer minor: %v", err)
	}
	for _, s := range []string{
		strings.Replace(string(golden), `"major":1`, `"major":2`, 1),
		`{"format":{"major":2,"minor":0},"class":7,"schedule":{"other":"shape"}}`,
	} {
		m, err := ParseManifest([]byte(s))
		if KindOf(err) != Newer || m != nil {
			t.Errorf("a newer major: %v", err)
		}
		if vi := Sentence(err, "vi"); !strings.Contains(vi, "nâng cấp") || !strings.Contains(Sentence(err, "en"), "upgrade") {
			t.Error(vi)
		}
	}
	for name, c := range map[string]struct {
		in   string
		kind ErrKind
	}{
		"empty": {"", Invalid}, "null": {"null", Invalid}, "array": {"[]", Invalid}, "cut": {string(golden[:len(golden)/2]), Invalid},
		"bytes after it": {string(golden) + "{}", Invalid}, "wrong type": {`{"format":{"major":1},"class":7}`, Invalid},
		"too large": {strings.Repeat(" ", MaxManifest+1), TooLarge},
	} {
		if m, err := ParseManifest([]byte(c.in)); KindOf(err) != c.kind || m != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	big := fullManifest()
	big.Hosts = []string{strings.Repeat("a", MaxManifest)}
	if _, err := EncodeManifest(big); KindOf(err) != TooLarge {
		t.Error(err)
	}
	broken := fullManifest()
	broken.Theme = json.RawMessage("{")
	if _, err := EncodeManifest(broken); KindOf(err) != Broken {
		t.Error(err)
	}
}

func FuzzParseManifest(f *testing.F) {
	golden, err := os.ReadFile(manifestGolden)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	f.Add([]byte(`{"format":{"major":9}}`))
	f.Add([]byte(`{"format":{"major":1},"epoch":"e","class":"c","flip":"now","zone":"UTC"}`))
	f.Add([]byte(`{"FORMAT":{"MAJOR":2}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			if k := KindOf(err); k != Invalid && k != TooLarge && k != Newer || Sentence(err, "vi") == "" {
				t.Fatal(err)
			}
			return
		}
		// What is taken can be shown, and read again from what we would write.
		p, err := NewProgram(m, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := p.At(m.Issued.Time()); s.Why != ByNone {
			t.Fatalf("%+v", s)
		}
		again, err := EncodeManifest(m)
		if KindOf(err) == TooLarge {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseManifest(again); err != nil {
			t.Fatal(err)
		}
	})
}
