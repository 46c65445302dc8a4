package slides

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// Limits of the schedule. They bound what one answer may cost.
const (
	MaxEntries    = 2000                // entries of a manifest
	MaxItems      = 1000                // places in a playlist
	MaxExcept     = 1000                // dates of Entry.Except
	MaxOccurrence = 31 * 24 * time.Hour // length of one occurrence of a recurring entry
	MaxPriority   = Priority(99)
	MaxInterrupt  = time.Hour      // Interrupt.Seconds; at least MinDwell
	MaxEvery      = 24 * time.Hour // Interrupt.Every
)

const forever = math.MaxInt64

// airing is an Entry ready to be asked. Static after construction.
type airing struct {
	id, playlist string
	class        Priority
	secs, every  int64 // of the interrupt, ms; every is 0 without one
	list         *list

	loc       *time.Location
	start     date
	startSec  int64 // seconds after midnight
	endDays   int   // calendar days from the start's date to the end's
	endSec    int64
	endless   bool
	rule      *rule // nil: once
	first     int   // first and last day that the rule may name
	last      int
	except    map[int]bool
	calendar  *Calendar
	kinds     []DayKind
	untilUTC  int64 // the last start, Unix seconds
	untilWall int64 // the last start on the wall clock
}

// occurrence is [start, end) in Unix ms.
type occurrence struct{ start, end int64 }

// CheckEntry reports what is wrong with e at path. It does not know the
// manifest: names of playlists and calendars are checked where they are known.
// It costs microseconds, and whatever the rule at most some milliseconds.
func CheckEntry(e *Entry, p *Problems, path string) { readEntry(e, p, path) }

// readEntry checks e and compiles it but for its playlist and calendar. The
// result is only good when no problem was added.
func readEntry(e *Entry, p *Problems, path string) *airing {
	a := &airing{
		id: e.ID, playlist: e.Playlist, class: e.Priority, kinds: e.Kinds,
		last: math.MaxInt32, untilUTC: forever, untilWall: forever,
	}
	if !ValidID(e.ID) {
		p.Add(path+".id", "Mã lịch phát không hợp lệ; chỉ dùng a-z, 0-9, dấu gạch và dấu chấm, tối đa 64 ký tự.",
			"The entry's id is not valid; use a-z, 0-9, dashes and dots, 64 characters at most.")
	}
	if e.Playlist == "" {
		p.Add(path+".playlist", "Chưa chọn danh sách phát.", "Choose a playlist.")
	}
	if e.Priority < Filler || e.Priority > MaxPriority {
		p.Add(path+".priority", fmt.Sprintf("Mức ưu tiên phải từ 0 đến %d.", MaxPriority), fmt.Sprintf("The priority must be 0 to %d.", MaxPriority))
	}
	if !(e.Share >= 0 && e.Share <= 1) {
		p.Add(path+".share", "Tỷ lệ thời lượng phải từ 0 đến 1.", "The share must be 0 to 1.")
	}
	a.readInterrupt(e, p, path)
	a.readExcept(e, p, path)
	for _, k := range e.Kinds {
		if !k.Valid() {
			p.Add(path+".day_kind", fmt.Sprintf("Loại ngày %q không có; dùng working, off, holiday hoặc swapped.", k),
				fmt.Sprintf("There is no kind of day %q; use working, off, holiday or swapped.", k))
		}
	}
	if len(e.Kinds) > 0 && e.Calendar == "" {
		p.Add(path+".calendar", "Đã chọn loại ngày nhưng chưa chọn lịch làm việc; hãy chọn lịch làm việc hoặc bỏ loại ngày.",
			"Kinds of day are chosen but no calendar; choose a calendar or drop the kinds.")
	}
	loc, ok := zone(e.Zone)
	if !ok {
		p.Add(path+".zone", fmt.Sprintf("Múi giờ %q không có; viết như Asia/Ho_Chi_Minh.", e.Zone),
			fmt.Sprintf("There is no time zone %q; write one like Asia/Ho_Chi_Minh.", e.Zone))
		loc = time.UTC
	}
	a.loc = loc
	if a.readTimes(e, p, path) && e.Rule != "" {
		a.readRule(e, p, path)
	}
	return a
}

func (a *airing) readInterrupt(e *Entry, p *Problems, path string) {
	i := e.Interrupt
	if i == nil {
		return
	}
	low, high, most := int(MinDwell.Seconds()), int(MaxInterrupt.Seconds()), int(MaxEvery.Seconds())
	switch {
	case i.Seconds < low || i.Seconds > high:
		p.Add(path+".interrupt.seconds", fmt.Sprintf("Thời lượng chen phải từ %d đến %d giây.", low, high),
			fmt.Sprintf("An interrupt lasts %d to %d seconds.", low, high))
	case i.Every <= i.Seconds || i.Every > most:
		p.Add(path+".interrupt.every", fmt.Sprintf("Chu kỳ chen phải dài hơn thời lượng chen (%d giây) và không quá %d giây.", i.Seconds, most),
			fmt.Sprintf("An interrupt's period must be longer than the interrupt (%d seconds) and at most %d seconds.", i.Seconds, most))
	default:
		a.secs, a.every = int64(i.Seconds)*1000, int64(i.Every)*1000
	}
}

func (a *airing) readExcept(e *Entry, p *Problems, path string) {
	if len(e.Except) > MaxExcept {
		p.Add(path+".except", fmt.Sprintf("Có %d ngày loại trừ, tối đa %d; hãy dùng lịch làm việc.", len(e.Except), MaxExcept),
			fmt.Sprintf("There are %d excepted dates, at most %d; use a calendar.", len(e.Except), MaxExcept))
		return
	}
	a.except = make(map[int]bool, len(e.Except))
	for _, d := range e.Except {
		t, err := d.Time()
		if err != nil {
			p.Add(path+".except", fmt.Sprintf("Ngày loại trừ %q không đọc được; viết năm-tháng-ngày, ví dụ 2026-09-02.", d),
				fmt.Sprintf("The excepted date %q can't be read; write year-month-day, as in 2026-09-02.", d))
			continue
		}
		a.except[int(t.Unix()/daySeconds)] = true
	}
}

// wallClock reads a LocalTime of firstYear to lastYear as if it were UTC.
func wallClock(s LocalTime) (time.Time, bool) {
	const layout = "2006-01-02T15:04"
	t, err := time.Parse(layout, string(s))
	return t, err == nil && len(s) == len(layout) && t.Year() >= firstYear && t.Year() <= lastYear
}

func (a *airing) readTimes(e *Entry, p *Problems, path string) bool {
	bad := func(field, what, en string, s LocalTime) {
		p.Add(path+field, fmt.Sprintf("Thời điểm %s %q không đọc được; viết như 2026-03-08T07:30, năm %d đến %d.", what, s, firstYear, lastYear),
			fmt.Sprintf("The %s %q can't be read; write it like 2026-03-08T07:30, in the years %d to %d.", en, s, firstYear, lastYear))
	}
	start, ok := wallClock(e.Start)
	if !ok {
		bad(".start", "bắt đầu", "start", e.Start)
		return false
	}
	a.start = dateOf(int(start.Unix() / daySeconds))
	a.startSec = start.Unix() % daySeconds
	if e.End == "" {
		a.endless = true
		if e.Rule != "" {
			p.Add(path+".end", "Lịch phát lặp lại cần thời điểm kết thúc của lần đầu.", "A repeating entry needs the end of its first occurrence.")
			return false
		}
		return true
	}
	end, ok := wallClock(e.End)
	if !ok {
		bad(".end", "kết thúc", "end", e.End)
		return false
	}
	if !end.After(start) {
		p.Add(path+".end", "Thời điểm kết thúc phải sau thời điểm bắt đầu; nếu phát qua nửa đêm, ghi ngày hôm sau.",
			"The end must come after the start; past midnight, write the next day's date.")
		return false
	}
	if e.Rule != "" && end.Sub(start) > MaxOccurrence {
		p.Add(path+".end", "Mỗi lần lặp dài tối đa 31 ngày; hãy rút ngắn hoặc bỏ quy tắc lặp.", "One occurrence lasts 31 days at most; shorten it or drop the rule.")
		return false
	}
	a.endDays = int(end.Unix()/daySeconds) - a.start.number
	a.endSec = end.Unix() % daySeconds
	return true
}

func (a *airing) readRule(e *Entry, p *Problems, path string) {
	r, why := parseRule(e.Rule, a.start)
	if why != nil {
		p.Add(path+".rrule", why.vi, why.en)
		return
	}
	a.rule = r
	if r.until.set {
		if r.until.utc {
			a.untilUTC = r.until.value
		} else {
			a.untilWall = r.until.value
		}
	}
	first, last, ok := r.bounds(a.start)
	if ok {
		ok = a.inUntil(first)
	}
	if !ok {
		p.Add(path+".rrule", "Quy tắc lặp không rơi vào ngày nào; hãy kiểm tra UNTIL, ngày và tháng.", "The rule never happens; look at UNTIL, the days and the months.")
		return
	}
	a.first, a.last = first, last
}

// wall is the wall-clock time sec seconds into a day, as seconds.
func wall(day int, sec int64) int64 { return int64(day)*daySeconds + sec }

// inUntil says whether an occurrence that starts on day is not after UNTIL.
func (a *airing) inUntil(day int) bool {
	w := wall(day, a.startSec)
	return w <= a.untilWall && (a.untilUTC == forever || instant(a.loc, w) <= a.untilUTC)
}

// on is the occurrence that the entry has on a local date; false when UNTIL,
// an exception, the calendar or a zone change drops it.
func (a *airing) on(day int) (occurrence, bool) {
	if a.except[day] {
		return occurrence{}, false
	}
	if a.calendar != nil && len(a.kinds) > 0 {
		d := LocalDate(time.Unix(wall(day, 0), 0).UTC().Format(time.DateOnly))
		if !slices.Contains(a.kinds, a.calendar.Kind(d)) {
			return occurrence{}, false
		}
	}
	if !a.inUntil(day) {
		return occurrence{}, false
	}
	o := occurrence{instant(a.loc, wall(day, a.startSec)) * 1000, forever}
	if !a.endless {
		o.end = instant(a.loc, wall(day+a.endDays, a.endSec)) * 1000
	}
	return o, o.start < o.end
}

// between lists the occurrences that meet [from, to) (Unix ms), by start.
func (a *airing) between(from, to int64) []occurrence {
	var out []occurrence
	add := func(day int) bool {
		if o, ok := a.on(day); ok && o.start < to && o.end > from {
			out = append(out, o)
		}
		return true
	}
	if a.rule == nil {
		add(a.start.number)
		return out
	}
	// A zone may be a day off, and a change may move a wall-clock time by another.
	low := floorDiv(from, daySeconds*1000) - int64(a.endDays) - 3
	high := floorDiv(to, daySeconds*1000) + 3
	low, high = max(low, int64(a.first)), min(high, int64(a.last))
	if low <= high {
		a.rule.expand(a.start, int(low), int(high), add)
	}
	return out
}

// latest is the last of occs that starts at or before t, -1 when none does.
func latest(occs []occurrence, t int64) int {
	return sort.Search(len(occs), func(i int) bool { return occs[i].start > t }) - 1
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
