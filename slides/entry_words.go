package slides

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Sentence says in words when e shows: days, hours, from when until when, what
// is left out, in Vietnamese or (lang "en…") English: "Thứ Hai đến thứ Sáu,
// 7:30–11:30, từ 30/11/2026 đến hết 11/12/2026." It is made from the rule and
// nothing else, so it can't say what the kiosk does not do: rules with the same
// sentence show on the same days. "" for an entry that CheckEntry refuses.
func (e *Entry) Sentence(lang string) string {
	var p Problems
	a := readEntry(e, &p, "")
	if a == nil || e.Start == "" || slices.ContainsFunc(p.List, func(x Problem) bool { return x.Path != ".id" && x.Path != ".playlist" && x.Path != ".calendar" }) {
		return ""
	}
	s := speech{en: strings.HasPrefix(lang, "en")}
	var parts []string
	add := func(x string) {
		if x != "" {
			parts = append(parts, x)
		}
	}
	if e.Rule == "" {
		add(s.once(a))
		add(s.kinds(e.Kinds, false))
	} else {
		days, rest := s.days(a.rule, a.start), s.kinds(e.Kinds, false)
		if head := s.kinds(e.Kinds, true); head != "" && a.rule.plainDaily() {
			days, rest = head, ""
		}
		add(days)
		add(rest)
		add(s.hours(a))
		add(s.dates(a))
	}
	add(s.except(e.Except))
	if i := e.Interrupt; i != nil {
		add(s.say(fmt.Sprintf("chen %d giây mỗi %d giây", i.Seconds, i.Every), fmt.Sprintf("for %d s in every %d s", i.Seconds, i.Every)))
	}
	return capital(strings.Join(parts, ", ")) + "."
}

// speech writes the parts of a sentence in one language.
type speech struct{ en bool }

func (s speech) say(vi, en string) string {
	if s.en {
		return en
	}
	return vi
}

var dayWords = [7][2]string{
	{"Chủ nhật", "Sunday"},
	{"thứ Hai", "Monday"},
	{"thứ Ba", "Tuesday"},
	{"thứ Tư", "Wednesday"},
	{"thứ Năm", "Thursday"},
	{"thứ Sáu", "Friday"},
	{"thứ Bảy", "Saturday"},
}

func (s speech) day(d time.Weekday) string { return s.say(dayWords[d][0], dayWords[d][1]) }

// list joins words: "a, b và c".
func (s speech) list(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + s.say(" và ", " and ") + words[n-1]
	}
	return strings.Join(words, "")
}

// weekdays names a set of weekdays, three or more in a row by its ends.
func (s speech) weekdays(set uint8) string {
	var names []string
	for i := 1; i <= 7; {
		if set&(1<<(i%7)) == 0 {
			i++
			continue
		}
		from := i
		for i <= 7 && set&(1<<(i%7)) != 0 {
			i++
		}
		if i-from >= 3 {
			names = append(names, s.day(time.Weekday(from%7))+s.say(" đến ", " to ")+s.day(time.Weekday((i-1)%7)))
			continue
		}
		for d := from; d < i; d++ {
			names = append(names, s.day(time.Weekday(d%7)))
		}
	}
	return s.list(names)
}

func (r *rule) plainDaily() bool {
	return r.freq == daily && r.interval == 1 && r.months == 0 && r.mdays|r.fromEnd == 0 && r.wdays == 0 && len(r.nth) == 0 && len(r.setpos) == 0
}

const everyWeekday = 1<<7 - 1

// days says which days r names.
func (s speech) days(r *rule, start date) string {
	var parts []string
	switch n := r.interval; {
	case r.freq == daily && n == 1 && r.wdays == 0 && r.mdays|r.fromEnd == 0, r.freq == weekly && n == 1 && r.wdays == everyWeekday:
		parts = append(parts, s.say("hằng ngày", "every day"))
	case r.freq == daily && n > 1:
		parts = append(parts, s.say(fmt.Sprintf("cứ %d ngày một lần tính từ %s", n, s.date(start)), fmt.Sprintf("every %d days counted from %s", n, s.date(start))))
	case r.freq == weekly && n > 1:
		parts = append(parts, s.say(fmt.Sprintf("cứ %d tuần một lần", n), fmt.Sprintf("every %d weeks", n)))
		if r.wkst != time.Monday {
			parts = append(parts, s.say("tuần bắt đầu từ "+s.day(r.wkst), "weeks beginning on "+s.day(r.wkst)))
		}
	case r.freq == monthly && n == 1:
		parts = append(parts, s.say("hằng tháng", "every month"))
	case r.freq == monthly:
		parts = append(parts, s.say(fmt.Sprintf("cứ %d tháng một lần", n), fmt.Sprintf("every %d months", n)))
	case r.freq == yearly && n == 1:
		parts = append(parts, s.say("hằng năm", "every year"))
	case r.freq == yearly:
		parts = append(parts, s.say(fmt.Sprintf("cứ %d năm một lần", n), fmt.Sprintf("every %d years", n)))
	}
	if r.wdays != 0 && !(r.freq == weekly && r.wdays == everyWeekday && r.interval == 1) {
		parts = append(parts, s.weekdays(r.wdays))
	}
	if len(r.nth) > 0 {
		of := s.say("của tháng", "of the month")
		if r.freq == yearly && r.months == 0 {
			of = s.say("của năm", "of the year")
		}
		var names []string
		for _, d := range r.nth {
			names = append(names, s.say(s.day(d.day)+" "+s.nth(d.n), s.nth(d.n)+" "+s.day(d.day)))
		}
		parts = append(parts, s.list(names)+" "+of)
	}
	if r.mdays|r.fromEnd != 0 {
		parts = append(parts, s.monthDays(r))
	}
	if len(r.ydays) > 0 {
		var names []string
		for _, d := range r.ydays {
			names = append(names, s.nth(d))
		}
		parts = append(parts, s.say("ngày "+s.list(names)+" của năm", "the "+s.list(names)+" day of the year"))
	}
	if r.months != 0 {
		var names []string
		for m := 1; m <= 12; m++ {
			if r.months&(1<<m) != 0 {
				names = append(names, s.say(fmt.Sprint(m), time.Month(m).String()))
			}
		}
		parts = append(parts, s.say("tháng "+s.list(names), "in "+s.list(names)))
	}
	if len(r.setpos) > 0 {
		var names []string
		for _, n := range r.setpos {
			names = append(names, s.nth(n))
		}
		unit := [4][2]string{{"ngày", "day"}, {"tuần", "week"}, {"tháng", "month"}, {"năm", "year"}}[r.freq]
		parts = append(parts, s.say("chỉ lấy ngày "+s.list(names)+" trong số đó của mỗi "+unit[0], "only the "+s.list(names)+" of these in each "+unit[1]))
	}
	return strings.Join(parts, ", ")
}

// nth is "đầu tiên", "thứ 2", "cuối cùng", "thứ 2 từ cuối".
func (s speech) nth(n int) string {
	switch {
	case n == 1:
		return s.say("đầu tiên", "first")
	case n == -1:
		return s.say("cuối cùng", "last")
	case n < 0:
		return s.say(fmt.Sprintf("thứ %d từ cuối", -n), ordinal(-n)+" last")
	}
	return s.say(fmt.Sprintf("thứ %d", n), ordinal(n))
}

func ordinal(n int) string {
	end := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return fmt.Sprint(n) + end
}

func (s speech) monthDays(r *rule) string {
	var names []string
	for d := 1; d <= 31; d++ {
		if r.mdays&(1<<d) != 0 {
			names = append(names, s.say(fmt.Sprint(d), ordinal(d)))
		}
	}
	for d := 1; d <= 31; d++ {
		if r.fromEnd&(1<<d) != 0 {
			names = append(names, s.nth(-d)+s.say(" của tháng", " of the month"))
		}
	}
	return s.say("ngày "+s.list(names), "on the "+s.list(names))
}

func (s speech) clock(sec int64) string { return fmt.Sprintf("%d:%02d", sec/3600, sec/60%60) }

func (s speech) date(d date) string {
	return s.say(fmt.Sprintf("%d/%d/%d", d.day, d.month, d.year), fmt.Sprintf("%d %.3s %d", d.day, time.Month(d.month).String(), d.year))
}

// hours says when in the day an occurrence begins and ends.
func (s speech) hours(a *airing) string {
	from, until := s.clock(a.startSec), s.clock(a.endSec)
	switch {
	case a.endDays == 0:
		return from + "–" + until
	case a.endDays == 1 && a.startSec == 0 && a.endSec == 0:
		return s.say("cả ngày", "all day")
	case a.endDays == 1 && a.endSec == 0:
		return from + "–24:00"
	case a.endDays == 1:
		return from + "–" + until + s.say(" hôm sau", " of the next day")
	}
	return s.say(fmt.Sprintf("%s đến %s sau %d ngày", from, until, a.endDays), fmt.Sprintf("%s to %s %d days later", from, until, a.endDays))
}

// once says when an entry without a rule shows.
func (s speech) once(a *airing) string {
	first := s.day(a.start.weekday) + " " + s.date(a.start)
	if a.endless {
		return s.say("từ "+s.clock(a.startSec)+" "+first+", không kết thúc", "from "+s.clock(a.startSec)+" "+first+" on, without an end")
	}
	if a.endDays == 0 || a.endDays == 1 && a.endSec == 0 {
		return first + ", " + s.hours(a)
	}
	end := dateOf(a.start.number + a.endDays)
	return s.say("từ ", "from ") + s.clock(a.startSec) + " " + first + s.say(" đến ", " to ") + s.clock(a.endSec) + " " + s.day(end.weekday) + " " + s.date(end)
}

// dates says from when until when a rule holds.
func (s speech) dates(a *airing) string {
	from := s.say("từ ", "from ") + s.date(a.start)
	switch r := a.rule; {
	case r.count > 0:
		return from + s.say(fmt.Sprintf(", %d lần", r.count), fmt.Sprintf(", %d times", r.count))
	case r.until.set:
		at := time.Unix(r.until.value, 0).UTC()
		if r.until.utc {
			at = at.In(a.loc)
		}
		d := dateOf(dayNumber(at.Year(), int(at.Month()), at.Day()))
		sec := int64(at.Hour()*3600 + at.Minute()*60 + at.Second())
		if sec < a.startSec { // the last day itself is not reached any more
			d = dateOf(d.number - 1)
		}
		return from + s.say(" đến hết ", " until the end of ") + s.date(d)
	}
	return from
}

// kinds says on which kinds of day: as the head of the sentence, or as what
// narrows it.
func (s speech) kinds(list []DayKind, head bool) string {
	if len(list) == 0 {
		return ""
	}
	has := func(k DayKind) bool { return slices.Contains(list, k) }
	var names []string
	switch {
	case has(Working) && has(Swapped):
		names = append(names, s.say("ngày làm việc (kể cả ngày làm bù)", "working days (with swapped ones)"))
	case has(Working):
		names = append(names, s.say("ngày làm việc (trừ ngày làm bù)", "working days (without swapped ones)"))
	case has(Swapped):
		names = append(names, s.say("ngày làm bù", "swapped working days"))
	}
	if has(Off) {
		names = append(names, s.say("ngày nghỉ thường", "ordinary days off"))
	}
	if has(Holiday) {
		names = append(names, s.say("ngày lễ", "public holidays"))
	}
	if head {
		return s.say("các "+s.list(names), s.list(names))
	}
	return s.say("chỉ vào ", "only on ") + s.list(names)
}

// except names the dates left out; of many only the first ones.
func (s speech) except(list []LocalDate) string {
	if len(list) == 0 {
		return ""
	}
	const most = 5
	sorted := slices.Compact(slices.Sorted(slices.Values(list)))
	var names []string
	for i, d := range sorted {
		t, err := d.Time()
		if err != nil || i >= most {
			continue
		}
		names = append(names, s.date(dateOf(int(t.Unix()/daySeconds))))
	}
	if n := len(sorted) - most; n > 0 {
		names = append(names, s.say(fmt.Sprintf("%d ngày nữa", n), fmt.Sprintf("%d more", n)))
	}
	return s.say("trừ ", "except ") + s.list(names)
}

// capital makes the first letter a capital one.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
