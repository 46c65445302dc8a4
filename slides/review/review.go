// Package review looks at a slide the way a citizen in front of the screen will
// and says what is wrong with it before it is published, each with what to do:
// errors stop publishing, warnings ask.
//
// Everything is judged on what the kiosk would draw (slides/scene), in both
// orientations and every language of the slide. Lengths on the screen are
// millimetres of a panel of a given diagonal seen from a given distance.
//
// Sources: letters of 8 mm read comfortably from one metre, half of that is the
// least (proportional to the distance; tables of sign makers agree on it);
// contrast by WCAG 2.2, 1.4.3; a QR is scanned from up to ten times its width,
// and ISO/IEC 18004 wants modules that a camera can tell apart.
package review

import (
	"fmt"
	"slices"
	"time"

	domain "motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

// Severity says what a finding does to publishing.
type Severity string

// Error stops it, Warning asks.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing that a citizen would stumble over: where, what, and how
// to mend it. Path is the slide's field ("body.steps.2", "until"), or "".
type Finding struct {
	domain.Problem
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule"`               // names the check, for filters and tests
	Needs    int64    `json:"needs_ms,omitempty"` // of RuleDwell: the dwell that would do, in milliseconds
}

// The rules' names.
const (
	RuleField    = "field"    // what kinds.Validate says
	RuleGlyph    = "glyph"    // a character that the font lacks
	RuleFit      = "fit"      // text that does not fit
	RuleLetter   = "letter"   // letters too small for the distance
	RuleContrast = "contrast" // text hard to tell from its ground
	RuleQRSize   = "qr-size"
	RuleQRDense  = "qr-dense"
	RuleHost     = "host"
	RuleAddress  = "address" // too long to type
	RuleExpiry   = "expiry"
	RuleDwell    = "dwell"
	RulePicture  = "picture"
)

// Viewing is where and how a slide is seen, and when.
type Viewing struct {
	Inches         float64 // diagonal of the panel
	Metres         float64 // from the reader's eyes to the panel
	ScanMetres     float64 // from a phone that scans to the panel
	WordsPerMinute int     // syllables that a slow reader reads
	Hosts          []string
	Now            domain.Millis
	RemindBefore   time.Duration // of the end of validity
}

// AtDesk is a 24-inch panel in a one-stop desk that is touched and read from an
// arm's length and a step. 200 syllables a minute is the pace of a slow reader who
// does not read aloud; practised ones take 250 and more.
func AtDesk(now domain.Millis, hosts []string) Viewing {
	return Viewing{Inches: 24, Metres: 1, ScanMetres: 0.4, WordsPerMinute: 200, Hosts: hosts, Now: now, RemindBefore: 30 * 24 * time.Hour}
}

// Pictures finds a blob's bytes; ok is false where it is missing.
type Pictures func(sha string) (b []byte, ok bool)

// shape is one screen that a slide must do on.
type shape struct {
	w, h   int
	vi, en string
}

var shapes = []shape{{1920, 1080, "màn hình ngang", "a landscape screen"}, {1080, 1920, "màn hình dọc", "a portrait screen"}}

// Slide is what is wrong with s, errors first. It never fails: a slide that
// can't be read is a finding.
func Slide(s *domain.Slide, frame scene.Frame, faces *scene.Faces, pictures Pictures, v Viewing) []Finding {
	r := &report{view: v, seen: map[string]bool{}}
	if err := kinds.Validate(s); err != nil {
		for _, p := range problems(err) {
			r.add(Error, RuleField, p.Path, p.Vi, p.En)
		}
		return r.list
	}
	body, err := kinds.Parse(s)
	if err != nil {
		r.add(Error, RuleField, "body", domain.Sentence(err, "vi"), domain.Sentence(err, "en"))
		return r.list
	}
	var hosts domain.Problems
	kinds.CheckHosts(body, v.Hosts, &hosts)
	for _, p := range hosts.List {
		r.add(Error, RuleHost, p.Path, p.Vi, p.En)
	}
	r.expiry(s)
	r.pictures(kinds.BlobUses(body), pictures)
	langs := []string{"vi"}
	for _, t := range kinds.Texts(body) {
		for _, l := range t.Text.Languages() {
			if !slices.Contains(langs, l) {
				langs = append(langs, l)
			}
		}
	}
	words := 0
	for _, sh := range shapes {
		for _, l := range langs {
			frame.Lang = l
			sc := kinds.Compose(s, body, frame, faces, sh.w, sh.h)
			d := &drawn{report: r, scene: sc, shape: sh, body: body, pictures: decoded(pictures)}
			d.check()
			words = max(words, d.words())
		}
	}
	r.dwell(s, words)
	slices.SortStableFunc(r.list, func(a, b Finding) int {
		if a.Severity == b.Severity {
			return 0
		} else if a.Severity == Error {
			return -1
		}
		return 1
	})
	return r.list
}

// Stops says whether any of the findings stops publishing.
func Stops(list []Finding) bool {
	return slices.ContainsFunc(list, func(f Finding) bool { return f.Severity == Error })
}

// report collects findings, each rule once a field.
type report struct {
	view Viewing
	list []Finding
	seen map[string]bool
}

func (r *report) add(sev Severity, rule, path, vi, en string) {
	if key := rule + "\x00" + path; rule != RuleField && r.seen[key] {
		return
	} else {
		r.seen[key] = true
	}
	r.list = append(r.list, Finding{Problem: domain.Problem{Path: path, Vi: vi, En: en}, Severity: sev, Rule: rule})
}

func problems(err error) []domain.Problem {
	if e, ok := err.(*domain.Error); ok && len(e.Problems) > 0 {
		return e.Problems
	}
	return []domain.Problem{{Vi: domain.Sentence(err, "vi"), En: domain.Sentence(err, "en")}}
}

// expiry looks at the end of validity.
func (r *report) expiry(s *domain.Slide) {
	if s.Until == 0 {
		return
	}
	left := time.Duration(s.Until-r.view.Now) * time.Millisecond
	if left <= 0 {
		r.add(Error, RuleExpiry, "until", "Trang đã hết hiệu lực nên sẽ không được chiếu; hãy gia hạn hoặc bỏ trang.",
			"The slide is no longer valid and would not show; extend it or take it out.")
		return
	}
	if left <= r.view.RemindBefore {
		days := int(left / (24 * time.Hour))
		r.add(Warning, RuleExpiry, "until", fmt.Sprintf("Trang hết hiệu lực sau %d ngày; hãy kiểm tra văn bản thay thế.", days),
			fmt.Sprintf("The slide ceases to be valid in %d days; look for the document that replaces its own.", days))
	}
}

// noticing is the time until somebody has turned to a new slide.
const noticing = 2 * time.Second

// dwell asks for the time to read what is on the slide.
func (r *report) dwell(s *domain.Slide, words int) {
	if r.view.WordsPerMinute <= 0 {
		return
	}
	need := noticing + time.Duration(words)*time.Minute/time.Duration(r.view.WordsPerMinute)
	sec := int(min((need+time.Second-1)/time.Second, domain.MaxDwell/time.Second))
	if has := s.DwellTime(); has < time.Duration(sec)*time.Second {
		r.add(Warning, RuleDwell, "dwell_ms", fmt.Sprintf("Trang có %d chữ, chiếu %d giây thì không kịp đọc; hãy đặt ít nhất %d giây hoặc rút gọn.", words, int(has.Seconds()), sec),
			fmt.Sprintf("The slide has %d words, which can't be read in %d seconds; give it %d at least, or shorten it.", words, int(has.Seconds()), sec))
		r.list[len(r.list)-1].Needs = int64(sec) * 1000
	}
}
