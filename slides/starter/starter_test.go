package starter

import (
	"encoding/json"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"motcua/slides"
)

func load(t *testing.T) *Content {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func byID(c *Content) map[string]*slides.Slide {
	m := map[string]*slides.Slide{}
	for i := range c.Slides {
		m[c.Slides[i].ID] = &c.Slides[i]
	}
	return m
}

func TestEveryTopicAndKindIsThere(t *testing.T) {
	c := load(t)
	kind, topic := map[string]int{}, map[slides.Topic]int{}
	for _, s := range c.Slides {
		kind[s.Kind]++
		if s.Kind != "ticker" {
			topic[s.Topic]++
		}
	}
	for code := range slides.TopicNames {
		if topic[code] == 0 {
			t.Errorf("no slide on topic %s", code)
		}
	}
	for k, least := range map[string]int{"slogan": 8, "guide": 5, "procedure": 12, "notice": 8, "faq": 8, "index": 1, "links": 1, "ticker": 4} {
		if kind[k] < least {
			t.Errorf("%d slides of kind %s, want at least %d", kind[k], k, least)
		}
	}
	if n := len(c.Slides) - kind["ticker"]; n < 34 {
		t.Errorf("%d slides, want at least 34", n)
	}
	t.Logf("kinds %v, topics %v", kind, topic)
}

// The plan's own days and today must each have something to show on every
// topic, whatever decree holds: the days on which a rule changes among them.
func TestEveryTopicHasAPublicSlideOnAnyDay(t *testing.T) {
	c := load(t)
	for _, day := range []string{"2023-03-20", "2023-12-31", "2024-01-01", "2024-06-15", "2025-07-01", "2026-07-01", "2026-11-22", "2027-01-01", "2030-12-31"} {
		d, _ := time.Parse(time.DateOnly, day)
		topics, guides := map[slides.Topic]bool{}, 0
		for _, s := range c.Slides {
			if s.ValidAt(slides.At(d)) && s.Audience == slides.Public && s.Kind != "ticker" {
				topics[s.Topic] = true
				if s.Kind == "guide" && s.Topic == "T08" {
					guides++
				}
			}
		}
		for code := range slides.TopicNames {
			if !topics[code] {
				t.Errorf("%s: nothing public on %s", day, code)
			}
		}
		if guides < 4 {
			t.Errorf("%s: %d guides of online service and postal return, want 4", day, guides)
		}
	}
}

func TestSlidesAreValid(t *testing.T) {
	c := load(t)
	seen := map[string]bool{}
	for _, s := range c.Slides {
		var p slides.Problems
		s.Check(&p)
		for _, q := range p.List {
			t.Errorf("%s: %s: %s", s.ID, q.Path, q.En)
		}
		if seen[s.ID] {
			t.Errorf("%s stands twice", s.ID)
		}
		seen[s.ID] = true
		if !strings.HasPrefix(s.ID, s.Kind+"-") {
			t.Errorf("%s: an id begins with its kind, %s", s.ID, s.Kind)
		}
		if c.Provenance[s.ID] == "" || s.Kind == "slogan" && s.Source == "" {
			t.Errorf("%s: no source", s.ID)
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 16<<10 {
			t.Errorf("%s: %d bytes, a push inlines 16 KiB", s.ID, len(b))
		}
		if _, err := slides.ParseSlide(b); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
	}
}

func TestGuidesOfOnlineServiceHaveEffectiveDates(t *testing.T) {
	n := 0
	for _, s := range load(t).Slides {
		if s.Kind == "guide" && s.Topic == "T08" {
			n++
			if s.From == 0 {
				t.Errorf("%s: no effective date", s.ID)
			}
		}
	}
	if n < 5 {
		t.Errorf("%d guides, want 5", n)
	}
}

// On 15/6/2024 VNeID became the only way to sign in; on 01/7/2025 NĐ 118/2025
// took over from NĐ 61/2018; on 01/7/2026 NĐ 224/2026 from NĐ 42/2022. Old and
// new must never stand side by side, and never leave a hole.
func TestRulesHandOverOnTheirDay(t *testing.T) {
	slide := byID(load(t))
	for old, next := range map[string]string{
		"guide-dang-nhap-2023":      "guide-dang-nhap-vneid",
		"guide-nop-truc-tuyen-2022": "guide-nop-truc-tuyen-2026",
		"guide-mot-cua-2018":        "guide-mot-cua-2025",
		"notice-61-2018-nd-cp":      "notice-118-2025-nd-cp",
		"notice-42-2022-nd-cp":      "notice-224-2026-nd-cp",
		"index-sipas-2019-2022":     "index-sipas-2019-2023",
	} {
		a, b := slide[old], slide[next]
		if a == nil || b == nil {
			t.Errorf("%s or %s is missing", old, next)
			continue
		}
		if a.Until == 0 || a.Until != b.From {
			t.Errorf("%s ends %v, %s begins %v", old, a.Until.Time(), next, b.From.Time())
		}
	}
	// Local midnight, not UTC's.
	if got := slide["guide-dang-nhap-vneid"].From.Time(); !got.Equal(time.Date(2024, 6, 14, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("VNeID begins %v, want midnight in Lạng Sơn", got)
	}
}

// eachText walks every string of every data file.
func eachText(t *testing.T, do func(file, s string)) {
	t.Helper()
	var walk func(file string, v any)
	walk = func(file string, v any) {
		switch v := v.(type) {
		case string:
			do(file, v)
		case []any:
			for _, x := range v {
				walk(file, x)
			}
		case map[string]any:
			for k, x := range v {
				do(file, k)
				walk(file, x)
			}
		}
	}
	err := fs.WalkDir(files, "data", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		walk(path, v)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTextIsClean(t *testing.T) {
	n := 0
	eachText(t, func(file, s string) {
		n++
		if slides.Clean(s) != s {
			t.Errorf("%s: %q is not in stored form", file, s)
		}
		if strings.Contains(s, "  ") {
			t.Errorf("%s: %q has two blanks", file, s)
		}
		// The signer of the plan is a person; the next two are the plan's
		// misprints; the last two were never seen live.
		for _, bad := range []string{"Phạm Đức Huân", "Đức Huân", "bút phá", "Công thông tin", "sldtbxh.langson", "soldtbxh"} {
			if strings.Contains(s, bad) {
				t.Errorf("%s: %q holds %q", file, s, bad)
			}
		}
	})
	if n < 1000 {
		t.Errorf("only %d texts were looked at", n)
	}
}

var link = regexp.MustCompile(`https?://[^\s"]+`)

func TestAddressesAreOnTheAllowList(t *testing.T) {
	c := load(t)
	n := 0
	eachText(t, func(file, s string) {
		for _, l := range link.FindAllString(s, -1) {
			n++
			u, err := url.Parse(l)
			if err != nil || u.Scheme != "https" || !slices.Contains(c.Office.Hosts, u.Host) {
				t.Errorf("%s: %s is not on the allow-list", file, l)
			}
		}
	})
	if n < 10 {
		t.Errorf("only %d addresses were found", n)
	}
}

// Texts that fill more than a glance are not read by people who pass.
func TestTextsAreShort(t *testing.T) {
	long := func(s *slides.Slide, what string, txt slides.Text, most int) {
		if n := utf8.RuneCountInString(txt["vi"]); n > most {
			t.Errorf("%s: %s has %d characters, at most %d: %s", s.ID, what, n, most, txt["vi"])
		}
	}
	for _, s := range load(t).Slides {
		var b struct {
			Text, Question, Answer slides.Text
			Steps                  []struct{ Title, Text slides.Text }
			Points                 []slides.Text
		}
		if err := json.Unmarshal(s.Body, &b); err != nil {
			t.Fatal(err)
		}
		long(&s, "slogan", b.Text, 90)
		long(&s, "answer", b.Answer, 280)
		if len(b.Steps) > 6 || len(b.Points) > 4 {
			t.Errorf("%s: too many steps or points", s.ID)
		}
		for _, x := range b.Steps {
			long(&s, "step", x.Text, 70)
		}
		for _, x := range b.Points {
			long(&s, "point", x, 110)
		}
	}
}

func TestPlaylistsAndScheduleNameWhatIsThere(t *testing.T) {
	c := load(t)
	slide, lists := byID(c), map[string]bool{}
	for _, l := range c.Playlists {
		if !slides.ValidID(l.ID) || lists[l.ID] || l.Name == "" || len(l.Items) == 0 {
			t.Errorf("playlist %q is not valid", l.ID)
		}
		lists[l.ID] = true
		for _, it := range l.Items {
			s := slide[it.Slide]
			switch {
			case s == nil:
				t.Errorf("%s: no slide %s", l.ID, it.Slide)
			case s.Kind == "ticker":
				t.Errorf("%s: %s is a news line", l.ID, it.Slide)
			case l.ID != "noi-bo" && s.Audience != slides.Public:
				t.Errorf("%s: %s is internal", l.ID, it.Slide)
			}
		}
	}
	for _, e := range c.Schedule {
		if !lists[e.Playlist] {
			t.Errorf("%s: no playlist %s", e.ID, e.Playlist)
		}
		var p slides.Problems
		slides.CheckEntry(&e, &p, e.ID)
		for _, q := range p.List {
			t.Errorf("%s: %s", q.Path, q.En)
		}
		if e.Zone != c.Office.Zone {
			t.Errorf("%s: zone %s", e.ID, e.Zone)
		}
	}
	inHall := map[string]bool{}
	for _, it := range c.Playlists[0].Items {
		inHall[it.Slide] = true
	}
	for _, s := range c.Slides {
		if s.Audience == slides.Public && s.Kind != "ticker" && !inHall[s.ID] {
			t.Errorf("the hall never shows %s", s.ID)
		}
	}
	if len(inHall) != len(c.Playlists[0].Items) {
		t.Error("the hall's loop shows a slide twice")
	}
}

func TestUnitsFormOneTree(t *testing.T) {
	c := load(t)
	seen := map[string]bool{}
	for i, u := range c.Units {
		if !slides.ValidID(u.ID) || seen[u.ID] || len(u.Names) == 0 || u.Source == "" {
			t.Errorf("unit %q is not valid", u.ID)
		}
		if len(u.Parents) == 0 && i > 0 {
			t.Errorf("%s is a second root", u.ID)
		}
		for _, p := range u.Parents {
			if !seen[p.Unit] {
				t.Errorf("%s stands before its parent %s", u.ID, p.Unit)
			}
		}
		if u.Successor != "" && !seen[u.Successor] {
			t.Errorf("%s has no successor %s", u.ID, u.Successor)
		}
		seen[u.ID] = true
	}
	if !seen[c.Office.UnitID] || !seen[c.Office.KioskUnit] {
		t.Error("the office's unit is not in the tree")
	}
	so := c.Units[slices.IndexFunc(c.Units, func(u Unit) bool { return u.ID == "so-ldtbxh" })]
	if !so.Open("2025-02-28") || so.Open("2025-03-01") {
		t.Error("the department was merged on 01/3/2025")
	}
	// The demo keeps the name of 2023 on any day.
	for _, day := range []slides.LocalDate{"2023-03-20", "2026-11-22"} {
		if got := so.NameOn(day).Name["vi"]; got != c.Office.Unit["vi"] || so.ParentOn(day) != "ubnd-tinh" {
			t.Errorf("%s: %s under %s", day, got, so.ParentOn(day))
		}
	}
}
