package studio

import (
	"fmt"
	"slices"
	"strings"

	"motcua/slides"
)

// line is one thing that a kiosk does, in words.
type line struct {
	Key   string // of the part that it belongs to
	Label string
	Text  string
	From  string // where it comes from, when not from the kiosk itself
}

// teller puts settings into words.
type teller struct {
	words  words
	lang   string
	titles map[string]slides.Text // of questionnaires, by id
}

func (w teller) say(key string, args ...any) string { return w.words.say(w.lang, key, args...) }

// terminal says what a kiosk set up as own does where works is how it works
// within its unit, called unit.
func (w teller) terminal(own, works slides.Terminal, unit string) []line {
	from := func(differs bool) string {
		if differs {
			return w.say("works.from", unit)
		}
		return ""
	}
	var out []line
	add := func(key, text, from string) {
		out = append(out, line{key, w.say("part." + key), text, from})
	}
	tiles := works.Tiles
	if len(tiles) == 0 {
		tiles = slides.Tiles
	}
	var names []string
	for _, t := range tiles {
		names = append(names, w.say("tile."+string(t)))
	}
	add("home", w.say("works.tiles", strings.Join(names, ", ")), "")
	add("forms", w.forms(works.Forms), "")
	if desk := w.desk(&works); desk != "" {
		add("desk", desk, "")
	}
	keyboard := []string{w.say("terminal.typing." + string(orElse(works.Typing, slides.Telex)))}
	if works.OldTone {
		keyboard = append(keyboard, w.say("works.oldtone"))
	} else {
		keyboard = append(keyboard, w.say("works.newtone"))
	}
	if works.Switch {
		keyboard = append(keyboard, w.say("works.switch"))
	}
	add("keyboard", strings.Join(keyboard, "; ")+".", "")
	hours := w.say("works.always")
	if len(works.Hours) > 0 && !slices.ContainsFunc(works.Hours, isAlways) {
		hours = w.spans(works.Hours) + "."
	}
	if works.OnHolidays {
		hours += " " + w.say("works.onholidays")
	}
	add("hours", hours, from(len(own.Hours) == 0 && len(works.Hours) > 0))
	if !works.Closed.Text.Empty() || works.Closed.URL != "" {
		var said []string
		if t := works.Closed.Text; !t.Empty() {
			said = append(said, "“"+t.In(w.lang)+"”")
		}
		if works.Closed.URL != "" {
			said = append(said, works.Closed.URL)
		}
		out = append(out, line{"hours", w.say("works.closed"), strings.Join(said, " · "), from(own.Closed.Text.Empty() && own.Closed.URL == "")})
	}
	screen := []string{w.say("terminal.motion." + string(orElse(works.Motion, slides.Fade)))}
	if n := works.Night; n != nil {
		screen = append(screen, w.say("works.night", n.Level, w.spans([]slides.Span{n.Span})))
	}
	if len(works.Power) > 0 {
		screen = append(screen, w.say("works.power", w.spans(works.Power)))
	}
	add("screen", strings.Join(screen, "; ")+".", "")
	if works.Sound {
		add("sound", w.say("works.sound"), "")
	} else {
		add("sound", w.say("works.silent"), "")
	}
	return out
}

func isAlways(s slides.Span) bool {
	return s.From == slides.Always.From && s.Until == slides.Always.Until && len(s.Days) == 0
}

func orElse[T ~string](x, usual T) T {
	if x == "" {
		return usual
	}
	return x
}

// forms says which questionnaire is asked when.
func (w teller) forms(rules []slides.FormRule) string {
	if len(rules) == 0 {
		return w.say("works.form")
	}
	var out []string
	for _, r := range rules {
		title := r.Form
		if t := w.titles[r.Form]; !t.Empty() {
			title = t.In(w.lang)
		}
		if len(r.Spans) == 0 {
			if len(out) == 0 {
				return title + "."
			}
			return strings.Join(append(out, w.say("works.else", title)), "; ") + "."
		}
		out = append(out, title+": "+w.spans(r.Spans))
	}
	return strings.Join(append(out, w.say("works.elseform")), "; ") + "."
}

func (w teller) desk(t *slides.Terminal) string {
	var out []string
	if t.AtDesk {
		out = append(out, w.say("works.atdesk"))
	}
	if !t.Desk.Empty() {
		out = append(out, w.say("works.desk", t.Desk.In(w.lang)))
	}
	if o := t.Officer; o != nil {
		name := o.Name
		if !o.Title.Empty() {
			name += ", " + o.Title.In(w.lang)
		}
		out = append(out, w.say("works.officer", name))
	}
	if t.Dossier {
		out = append(out, w.say("works.dossier"))
	}
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "; ") + "."
}

// spans writes times with the days they are meant for: days of the same times
// together, "T2–T6: 07:30–11:30, 13:30–17:00; T7: 07:30–11:30".
func (w teller) spans(list []slides.Span) string {
	times := map[string][]string{}
	var order []string
	for _, s := range list {
		days := w.days(s.Days)
		if times[days] == nil {
			order = append(order, days)
		}
		times[days] = append(times[days], fmt.Sprintf("%s–%s", s.From, s.Until))
	}
	var out []string
	for _, d := range order {
		out = append(out, d+" "+strings.Join(times[d], ", "))
	}
	return strings.Join(out, "; ")
}

// days names weekdays, those in a row as from–to.
func (w teller) days(days []int) string {
	on := [7]bool{}
	n := 0
	for _, d := range days {
		if i := (d + 6) % 7; d >= 0 && d < 7 && !on[i] { // Monday first
			on[i] = true
			n++
		}
	}
	if n == 0 || n == 7 {
		return w.say("span.everyday")
	}
	var out []string
	for i := 0; i < 7; i++ {
		if !on[i] {
			continue
		}
		end := i
		for end < 6 && on[end+1] {
			end++
		}
		name := w.say(fmt.Sprintf("weekday.%d", i))
		if end > i+1 {
			name += "–" + w.say(fmt.Sprintf("weekday.%d", end))
		} else if end == i+1 {
			name += ", " + w.say(fmt.Sprintf("weekday.%d", end))
		}
		out = append(out, name)
		i = end
	}
	return strings.Join(out, ", ")
}
