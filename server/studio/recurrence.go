package studio

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/slides"
)

// repeats are the recurrences that the form offers in words. "working" is the
// working days of a calendar, "weekly" the weekdays that are ticked; "custom"
// takes the RRULE field as it is.
var repeats = []string{"none", "working", "workdays", "daily", "weekly", "monthly", "yearly", "custom"}

// lasting are the lengths of time that the form offers: "" goes on for ever,
// "date" until the field's day.
var lasting = []string{"", "1w", "2w", "4w", "13w", "date"}

// workingKinds are the kinds of day of "working".
var workingKinds = []slides.DayKind{slides.Working, slides.Swapped}

var ruleDays = [7]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

const workdayRule = "MO,TU,WE,TH,FR"

// recurrence is what the form's fields say about how an entry repeats.
type recurrence struct {
	Repeat   string
	Weekdays []string // "0" Sunday to "6", of weekly; none: the start's
	Lasts    string
	Until    string // of lasts "date": 2006-01-02
	Rule     string // of custom
}

// rule is the RRULE of the fields for a start's date; "" for none. The key is
// of the sentence on what is wrong, "" for nothing.
func (r recurrence) rule(start time.Time) (rule, path, key string) {
	switch r.Repeat {
	case "none":
		return "", "", ""
	case "working", "daily":
		rule = "FREQ=DAILY"
	case "workdays":
		rule = "FREQ=WEEKLY;BYDAY=" + workdayRule
	case "weekly":
		var days []string
		for i := 1; i <= 7; i++ {
			if slices.Contains(r.Weekdays, fmt.Sprint(i%7)) {
				days = append(days, ruleDays[i%7])
			}
		}
		if len(days) == 0 {
			days = []string{ruleDays[start.Weekday()]}
		}
		rule = "FREQ=WEEKLY;BYDAY=" + strings.Join(days, ",")
	case "monthly":
		rule = fmt.Sprintf("FREQ=MONTHLY;BYMONTHDAY=%d", start.Day())
	case "yearly":
		rule = "FREQ=YEARLY"
	case "custom":
		if r.Rule == "" {
			return "", "rrule", "entry.norule"
		}
		return r.Rule, "", ""
	default:
		return "", "rrule", "entry.repeat"
	}
	switch r.Lasts {
	case "":
		return rule, "", ""
	case "date":
		last, err := time.Parse(time.DateOnly, r.Until)
		if err != nil {
			return rule, "until", "entry.until"
		}
		return rule + ";UNTIL=" + last.Format("20060102"), "", ""
	}
	var weeks int
	if _, err := fmt.Sscanf(r.Lasts, "%dw", &weeks); err != nil || !slices.Contains(lasting, r.Lasts) {
		return rule, "until", "entry.until"
	}
	return rule + ";UNTIL=" + start.AddDate(0, 0, 7*weeks-1).Format("20060102"), "", ""
}

// recurrenceOf fills the fields from an entry: the preset that its rule is,
// else "custom".
func recurrenceOf(e *slides.Entry) recurrence {
	custom := recurrence{Repeat: "custom", Rule: e.Rule}
	if e.Rule == "" {
		return recurrence{Repeat: "none"}
	}
	start, err := time.Parse(momentLayout, string(e.Start))
	if err != nil {
		return custom
	}
	r := recurrence{}
	var rest []string
	for part := range strings.SplitSeq(strings.ToUpper(e.Rule), ";") {
		until, ok := strings.CutPrefix(part, "UNTIL=")
		if !ok {
			rest = append(rest, part)
			continue
		}
		last, err := time.Parse("20060102", until)
		if err != nil {
			return custom
		}
		r.Lasts, r.Until = "date", last.Format(time.DateOnly)
	}
	rule := strings.Join(rest, ";")
	days, weekly := strings.CutPrefix(rule, "FREQ=WEEKLY;BYDAY=")
	switch {
	case rule == "FREQ=DAILY" && e.Calendar != "" && slices.Equal(e.Kinds, workingKinds):
		r.Repeat = "working"
	case len(e.Kinds) > 0:
		return custom
	case rule == "FREQ=DAILY":
		r.Repeat = "daily"
	case weekly && days == workdayRule:
		r.Repeat = "workdays"
	case weekly:
		r.Repeat = "weekly"
		for d := range strings.SplitSeq(days, ",") {
			n := slices.Index(ruleDays[:], d)
			if n < 0 {
				return custom
			}
			r.Weekdays = append(r.Weekdays, fmt.Sprint(n))
		}
	case rule == fmt.Sprintf("FREQ=MONTHLY;BYMONTHDAY=%d", start.Day()):
		r.Repeat = "monthly"
	case rule == "FREQ=YEARLY":
		r.Repeat = "yearly"
	default:
		return custom
	}
	return r
}
