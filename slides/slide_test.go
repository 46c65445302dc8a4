package slides

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

func goodSlide() Slide {
	return Slide{
		ID: "s-1", Kind: "slogan", Topic: "T01", Audience: Public, Title: Vi("Xin chào"), Dwell: 12_000,
		Document: &DocumentRef{Number: "60-NQ/TU", Issuer: "Tỉnh ủy", Date: "2023-03-08", File: strings.Repeat("0a", 32)},
		From:     1, Until: 2, Body: json.RawMessage(`{}`),
	}
}

func TestSlideCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Slide)
		path   string
	}{
		{"good", func(*Slide) {}, ""},
		{"no document", func(s *Slide) { s.Document = nil }, ""},
		{"the longest dwell", func(s *Slide) { s.Dwell = 600_000 }, ""},
		{"the shortest dwell", func(s *Slide) { s.Dwell = 3_000 }, ""},
		{"id", func(s *Slide) { s.ID = "../a" }, "id"},
		{"topic", func(s *Slide) { s.Topic = "T14" }, "topic"},
		{"audience", func(s *Slide) { s.Audience = "" }, "audience"},
		{"title", func(s *Slide) { s.Title = Text{"en": "Hello"} }, "title"},
		{"long title", func(s *Slide) { s.Title = Vi(strings.Repeat("ệ", 301)) }, "title.vi"},
		{"valid never", func(s *Slide) { s.Until = s.From }, "until"},
		{"before 1970", func(s *Slide) { s.From = -1 }, "from"},
		{"short dwell", func(s *Slide) { s.Dwell = 2_999 }, "dwell_ms"},
		{"long dwell", func(s *Slide) { s.Dwell = 600_001 }, "dwell_ms"},
		{"negative dwell", func(s *Slide) { s.Dwell = -12_000 }, "dwell_ms"},
		// 2^64 ns is 18,446,744,073,709.55 ms: this many wrap to about 10 s.
		{"dwell that wraps", func(s *Slide) { s.Dwell = 18_446_744_083_709 }, "dwell_ms"},
		{"source", func(s *Slide) { s.Source = strings.Repeat("ệ", 501) }, "source"},
		{"document date", func(s *Slide) { s.Document.Date = "8/3/2023" }, "document.date"},
		{"document number", func(s *Slide) { s.Document.Number = strings.Repeat("1", 61) }, "document"},
		{"document file", func(s *Slide) { s.Document.File = strings.Repeat("0A", 32) }, "document.file"},
		{"body", func(s *Slide) { s.Body = json.RawMessage(`"` + strings.Repeat("a", MaxBody) + `"`) }, "body"},
	} {
		s := goodSlide()
		c.change(&s)
		var p Problems
		s.Check(&p)
		if c.path == "" && len(p.List) == 0 {
			continue
		}
		if len(p.List) != 1 || p.List[0].Path != c.path || p.List[0].Vi == "" || p.List[0].En == "" {
			t.Errorf("%s: %+v, want one at %q", c.name, p.List, c.path)
		}
	}
}

func TestDwellTime(t *testing.T) {
	for ms, want := range map[int64]time.Duration{
		0: DefaultDwell, 1: MinDwell, 3000: MinDwell, 3001: 3001 * time.Millisecond, 600_000: MaxDwell, 600_001: MaxDwell,
		-1: MinDwell, math.MaxInt64: MaxDwell, math.MinInt64: MinDwell, 18_446_744_083_709: MaxDwell,
	} {
		if got := (&Slide{Dwell: ms}).DwellTime(); got != want {
			t.Errorf("%d ms: %s, want %s", ms, got, want)
		}
		if got := (Item{Dwell: ms}).dwell(&Slide{}); got != want {
			t.Errorf("an item of %d ms: %s, want %s", ms, got, want)
		}
	}
	if got := (Item{}).dwell(&Slide{Dwell: 5000}); got != 5*time.Second {
		t.Error(got)
	}
}

func TestValidAt(t *testing.T) {
	for _, c := range []struct {
		from, until, at Millis
		want            bool
	}{
		{0, 0, 5, true}, {5, 0, 4, false}, {5, 0, 5, true}, {0, 5, 4, true}, {0, 5, 5, false}, {3, 5, 3, true}, {3, 5, 5, false}, {5, 5, 5, false},
	} {
		if got := (&Slide{From: c.from, Until: c.until}).ValidAt(c.at); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestParseSlide(t *testing.T) {
	s := goodSlide()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseSlide(b)
	if err != nil || got.ID != s.ID || *got.Document != *s.Document {
		t.Fatalf("%+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		in   string
		kind ErrKind
	}{
		"unknown fields are ignored": {strings.Replace(string(b), "{", `{"new":[1],`, 1), ""},
		"bytes after it":             {string(b) + "{}", Invalid},
		"wrong type":                 {`{"id":1}`, Invalid},
		"empty":                      {``, Invalid},
		"null":                       {`null`, Invalid},
		"bad slide":                  {`{"id":"s"}`, Invalid},
		"too large":                  {`{"id":"` + strings.Repeat("a", MaxSlide), TooLarge},
	} {
		got, err := ParseSlide([]byte(c.in))
		if KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && got != nil {
			t.Errorf("%s: a refused slide is handed out", name)
		}
	}
}

func TestIDsAndSums(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "a-b_c.9": true, strings.Repeat("a", 64): true, "": false, ".": false, "..": false, ".a": false,
		strings.Repeat("a", 65): false, "A": false, "a/b": false, "ê": false, "a\x00": false, "a b": false,
	} {
		if ValidID(id) != want {
			t.Errorf("ValidID(%q) is not %v", id, want)
		}
	}
	if got := Sum([]byte("abc")); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" || !ValidSHA(got) {
		t.Error(got)
	}
	if ValidSHA(strings.Repeat("0", 63)) || ValidSHA(strings.Repeat("G", 64)) || ValidSHA("") {
		t.Error("a bad sum is taken")
	}
}

func TestTopicsAreNamed(t *testing.T) {
	if len(TopicNames) != 13 {
		t.Errorf("%d topics", len(TopicNames))
	}
	for id, name := range TopicNames {
		var p Problems
		if name.Check(&p, string(id), true, 80); len(p.List) > 0 || name["en"] == "" {
			t.Error(id, p.List)
		}
	}
}

func FuzzParseSlide(f *testing.F) {
	b, err := json.Marshal(goodSlide())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"id":"s","topic":"T01","audience":"public","title":{"vi":"a"},"dwell_ms":18446744083709}`))
	f.Add([]byte(`{"title":{"vi":null}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSlide(b)
		if err != nil {
			if k := KindOf(err); k != Invalid && k != TooLarge {
				t.Fatal(err)
			}
			return
		}
		if d := s.DwellTime(); d < MinDwell || d > MaxDwell {
			t.Fatal(d)
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if len(again) > MaxSlide {
			return // escaping may lengthen it
		}
		if _, err := ParseSlide(again); err != nil {
			t.Fatal(err)
		}
	})
}
