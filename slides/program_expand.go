package slides

import (
	"slices"
	"time"
)

const daySeconds = 24 * 60 * 60

// date is a day of the Gregorian calendar with what rules ask about it.
type date struct {
	number   int // days since 1970-01-01
	year     int
	month    int // 1 to 12
	day      int // 1 to 31
	monthLen int
	yearDay  int // 1 to 366
	yearLen  int
	weekday  time.Weekday
}

func dateOf(number int) date {
	t := time.Unix(int64(number)*daySeconds, 0).UTC()
	y, m, d := t.Date()
	out := date{number: number, year: y, month: int(m), day: d, weekday: t.Weekday(), yearDay: t.YearDay(), monthLen: monthDays[m-1], yearLen: 365}
	if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		out.yearLen = 366
		if m == time.February {
			out.monthLen = 29
		}
	}
	return out
}

var monthDays = [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// dayNumber is the number of a date whose month may lie outside 1 to 12.
func dayNumber(year, month, day int) int {
	return int(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / daySeconds)
}

// next is the day after d. It is what makes reading a year cheap: only a
// month's first day costs a calendar calculation.
func (d date) next() date {
	if d.day == d.monthLen {
		return dateOf(d.number + 1)
	}
	d.number++
	d.day++
	d.yearDay++
	d.weekday = (d.weekday + 1) % 7
	return d
}

// to is the date of a day number, cheap for one shortly after d.
func (d date) to(number int) date {
	if number < d.number || number > d.number+20 {
		return dateOf(number)
	}
	for d.number < number {
		d = d.next()
	}
	return d
}

// matches says whether d passes every BYxxx part but BYSETPOS.
func (r *rule) matches(d *date) bool {
	if r.months != 0 && r.months&(1<<d.month) == 0 {
		return false
	}
	if r.mdays|r.fromEnd != 0 && r.mdays&(1<<d.day) == 0 && r.fromEnd&(1<<(d.monthLen-d.day+1)) == 0 {
		return false
	}
	if len(r.ydays) > 0 && !slices.Contains(r.ydays, d.yearDay) && !slices.Contains(r.ydays, d.yearDay-d.yearLen-1) {
		return false
	}
	if r.wdays == 0 && len(r.nth) == 0 || r.wdays&(1<<d.weekday) != 0 {
		return true
	}
	for _, n := range r.nth {
		if n.day != d.weekday {
			continue
		}
		at, of := d.day, d.monthLen
		if r.freq == yearly && r.months == 0 {
			at, of = d.yearDay, d.yearLen
		}
		if n.n == (at-1)/7+1 || n.n == -((of-at)/7+1) {
			return true
		}
	}
	return false
}

// period is the number of the period that holds day d, counted from the one
// that holds the rule's start; it may fall between two that the interval keeps.
func (r *rule) period(start, d date) int {
	switch r.freq {
	case daily:
		return d.number - start.number
	case weekly:
		return (r.weekStart(d) - r.weekStart(start)) / 7
	case monthly:
		return (d.year-start.year)*12 + d.month - start.month
	default:
		return d.year - start.year
	}
}

func (r *rule) weekStart(d date) int { return d.number - int(d.weekday-r.wkst+7)%7 }

// span is the first day of period k and the first one after it.
func (r *rule) span(start date, k int) (first, after int) {
	switch r.freq {
	case daily:
		return start.number + k, start.number + k + 1
	case weekly:
		first = r.weekStart(start) + 7*k
		return first, first + 7
	case monthly:
		return dayNumber(start.year, start.month+k, 1), dayNumber(start.year, start.month+k+1, 1)
	default:
		return dayNumber(start.year+k, 1, 1), dayNumber(start.year+k+1, 1, 1)
	}
}

// expand calls yield with every day in [from, to] that the rule names, in
// order, until yield returns false. It heeds neither COUNT nor UNTIL. Its cost
// grows with to-from, not with the distance from the start.
func (r *rule) expand(start date, from, to int, yield func(day int) bool) {
	from = max(from, start.number)
	if from > to {
		return
	}
	d := dateOf(from)
	k := r.period(start, d)
	k -= k % r.interval
	var days []int
	for ; ; k += r.interval {
		first, after := r.span(start, k)
		if first > to {
			return
		}
		if len(r.setpos) == 0 {
			first, after = max(first, from), min(after, to+1)
		}
		days = days[:0]
		if first < after {
			for d = d.to(first); d.number < after; d = d.next() {
				if r.matches(&d) {
					days = append(days, d.number)
				}
			}
		}
		for _, day := range r.positions(days) {
			if day >= from && day <= to && !yield(day) {
				return
			}
		}
	}
}

// positions applies BYSETPOS to the days of one whole period.
func (r *rule) positions(days []int) []int {
	if len(r.setpos) == 0 {
		return days
	}
	var out []int
	for _, p := range r.setpos {
		if p < 0 {
			p += len(days)
		} else {
			p--
		}
		if p >= 0 && p < len(days) {
			out = append(out, days[p])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// bounds returns the first day of the rule at or after start, and with COUNT
// the last one; ok is false when the rule names no day up to the end of
// lastYear. It reads at most those years once.
func (r *rule) bounds(start date) (first, last int, ok bool) {
	end := dayNumber(lastYear+1, 1, 1) - 1
	n := 0
	last = end
	r.expand(start, start.number, end, func(day int) bool {
		if n == 0 {
			first, ok = day, true
		}
		n++
		if n == r.count {
			last = day
		}
		return n < r.count
	})
	return first, last, ok
}
