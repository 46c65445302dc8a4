package slides

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rules are read here and not by a library: a kiosk must be able to start at
// any moment of a rule without walking there from its first day, a rule that
// never happens must cost nothing, and a mistake must be told in words. The
// tests hold this reading against rrule-go and against a model.
const (
	maxRule     = 500       // bytes
	maxCount    = 10_000    // occurrences of a counted rule
	maxInterval = 1_000_000 // more than any period of the years below
	firstYear   = 2000      // the years in which entries may start and end
	lastYear    = 2199
)

type frequency int

const (
	daily frequency = iota
	weekly
	monthly
	yearly
)

// nthDay is "the n-th weekday", from the end when n is negative.
type nthDay struct {
	day time.Weekday
	n   int
}

// rule is a parsed RRULE. Sets are bit masks, 0 where the part is absent; it
// is static after parsing.
type rule struct {
	freq     frequency
	interval int
	wkst     time.Weekday
	count    int
	until    bound
	months   uint16 // bit 1 to 12
	mdays    uint32 // bit 1 to 31, from the month's start
	fromEnd  uint32 // bit 1 to 31, from the month's end
	ydays    []int  // 1 to 366, or from the year's end -1 to -366
	wdays    uint8  // bit 0 (Sunday) to 6
	nth      []nthDay
	setpos   []int
}

// bound is UNTIL, in the form that it was written in.
type bound struct {
	set   bool
	utc   bool  // an instant; else a wall-clock time
	value int64 // Unix seconds of the instant, or of the wall clock read as UTC
}

// complaint is why a rule is refused.
type complaint struct{ vi, en string }

func complain(vi, en string, args ...any) *complaint {
	return &complaint{fmt.Sprintf(vi, args...), fmt.Sprintf(en, args...)}
}

var freqs = map[string]frequency{"DAILY": daily, "WEEKLY": weekly, "MONTHLY": monthly, "YEARLY": yearly}

var weekdays = map[string]time.Weekday{"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}

// parseRule reads an RRULE value for an entry that starts on local date start.
// Parts that DTSTART decides by RFC 5545 (the weekday of a weekly rule without
// BYDAY, and so on) are filled in.
func parseRule(s string, start date) (*rule, *complaint) {
	if len(s) > maxRule {
		return nil, complain("Quy tắc lặp dài quá %d ký tự; hãy chia thành nhiều lịch phát.", "The rule is over %d characters; split it into several entries.", maxRule)
	}
	parts := map[string]string{}
	var order []string
	for part := range strings.SplitSeq(strings.ToUpper(s), ";") {
		key, value, ok := strings.Cut(part, "=")
		if !ok || value == "" {
			return nil, complain("Không đọc được %q trong quy tắc lặp; viết như FREQ=WEEKLY;BYDAY=MO,FR.", "%q in the rule can't be read; write it like FREQ=WEEKLY;BYDAY=MO,FR.", part)
		}
		if _, twice := parts[key]; twice {
			return nil, complain("Quy tắc lặp ghi %s hai lần; hãy bỏ bớt một.", "The rule says %s twice; drop one.", key)
		}
		parts[key] = value
		order = append(order, key)
	}
	r := &rule{interval: 1, wkst: time.Monday}
	f, ok := freqs[parts["FREQ"]]
	if !ok {
		return nil, complain("Quy tắc lặp cần FREQ=DAILY, WEEKLY, MONTHLY hoặc YEARLY; lặp theo giờ, phút, giây không dùng được.", "The rule needs FREQ=DAILY, WEEKLY, MONTHLY or YEARLY; hourly and shorter ones are not possible.")
	}
	r.freq = f
	for _, key := range order {
		if bad := r.read(key, parts[key]); bad != nil {
			return nil, bad
		}
	}
	if bad := r.consistent(parts); bad != nil {
		return nil, bad
	}
	r.fill(start)
	return r, nil
}

// read takes one part of the rule.
func (r *rule) read(key, value string) *complaint {
	switch key {
	case "FREQ":
		return nil
	case "INTERVAL":
		n, ok := number(value, 9)
		if !ok || n < 1 {
			return complain("INTERVAL=%s không dùng được; viết một số từ 1 trở lên.", "INTERVAL=%s is not possible; write a number from 1.", value)
		}
		r.interval = min(n, maxInterval)
	case "COUNT":
		n, ok := number(value, 9)
		if !ok || n < 1 || n > maxCount {
			return complain("COUNT=%s không dùng được; viết một số từ 1 đến %d, hoặc dùng UNTIL.", "COUNT=%s is not possible; write a number from 1 to %d, or use UNTIL.", value, maxCount)
		}
		r.count = n
	case "UNTIL":
		return r.readUntil(value)
	case "WKST":
		d, ok := weekdays[value]
		if !ok {
			return complain("WKST=%s không dùng được; viết MO, TU, WE, TH, FR, SA hoặc SU.", "WKST=%s is not possible; write MO, TU, WE, TH, FR, SA or SU.", value)
		}
		r.wkst = d
	case "BYDAY":
		return r.readDays(value)
	case "BYMONTH":
		return numbers(key, value, 1, 12, false, func(n int) { r.months |= 1 << n })
	case "BYMONTHDAY":
		return numbers(key, value, 1, 31, true, func(n int) {
			if n > 0 {
				r.mdays |= 1 << n
			} else {
				r.fromEnd |= 1 << -n
			}
		})
	case "BYYEARDAY":
		return numbers(key, value, 1, 366, true, func(n int) { r.ydays = append(r.ydays, n) })
	case "BYSETPOS":
		return numbers(key, value, 1, 366, true, func(n int) { r.setpos = append(r.setpos, n) })
	case "BYHOUR", "BYMINUTE", "BYSECOND":
		return complain("Quy tắc lặp không nhận %s; giờ phát lấy từ giờ bắt đầu, hãy tạo thêm lịch phát cho giờ khác.", "The rule does not take %s; the time is the entry's start, make another entry for another time.", key)
	case "BYWEEKNO", "BYEASTER":
		return complain("Quy tắc lặp không nhận %s; hãy dùng BYMONTH, BYMONTHDAY hoặc BYDAY.", "The rule does not take %s; use BYMONTH, BYMONTHDAY or BYDAY.", key)
	case "DTSTART", "RRULE:FREQ":
		return complain("Chỉ ghi phần giá trị của quy tắc, ví dụ FREQ=DAILY; ngày bắt đầu ghi ở ô bắt đầu.", "Write the rule's value only, as in FREQ=DAILY; the first day belongs into the start.")
	default:
		return complain("Quy tắc lặp có phần lạ %q; hãy bỏ đi.", "The rule has an unknown part %q; drop it.", key)
	}
	return nil
}

// readUntil takes a date (whose whole day counts), a wall-clock time, or an
// instant with Z.
func (r *rule) readUntil(value string) *complaint {
	for _, f := range []struct {
		layout string
		utc    bool
	}{{"20060102", false}, {"20060102T150405", false}, {"20060102T150405Z", true}} {
		if len(value) != len(f.layout) {
			continue
		}
		if t, err := time.Parse(f.layout, value); err == nil {
			r.until = bound{set: true, utc: f.utc, value: t.Unix()}
			if len(value) == 8 {
				r.until.value += daySeconds - 1
			}
			return nil
		}
	}
	return complain("UNTIL=%s không đọc được; viết ngày như 20261231, hoặc cả giờ như 20261231T170000.", "UNTIL=%s can't be read; write a date like 20261231, or with a time like 20261231T170000.", value)
}

func (r *rule) readDays(value string) *complaint {
	for s := range strings.SplitSeq(value, ",") {
		day, ok := time.Weekday(0), false
		if len(s) >= 2 {
			day, ok = weekdays[s[len(s)-2:]]
		}
		if !ok {
			return complain("BYDAY có %q không đọc được; viết MO, TU, WE, TH, FR, SA, SU hoặc như 1MO, -1FR.", "BYDAY has %q, which can't be read; write MO, TU, WE, TH, FR, SA, SU or like 1MO, -1FR.", s)
		}
		if s = s[:len(s)-2]; s == "" {
			r.wdays |= 1 << day
			continue
		}
		n, ok := number(s, 2)
		if !ok || n == 0 || n < -53 || n > 53 {
			return complain("Số thứ tự %q trong BYDAY không dùng được; viết từ 1 đến 5, hoặc -1 là ngày cuối.", "The number %q in BYDAY is not possible; write 1 to 5, or -1 for the last.", s)
		}
		r.nth = append(r.nth, nthDay{day, n})
	}
	return nil
}

// consistent refuses the combinations that RFC 5545 §3.3.10 forbids, and those
// that can't happen.
func (r *rule) consistent(parts map[string]string) *complaint {
	has := func(key string) bool { _, ok := parts[key]; return ok }
	switch {
	case r.count > 0 && r.until.set:
		return complain("Quy tắc lặp có cả COUNT và UNTIL; chỉ giữ một.", "The rule has both COUNT and UNTIL; keep one.")
	case has("BYMONTHDAY") && r.freq == weekly:
		return complain("FREQ=WEEKLY không đi với BYMONTHDAY; dùng FREQ=MONTHLY hoặc BYDAY.", "FREQ=WEEKLY does not go with BYMONTHDAY; use FREQ=MONTHLY, or BYDAY.")
	case has("BYYEARDAY") && r.freq != yearly:
		return complain("BYYEARDAY chỉ đi với FREQ=YEARLY.", "BYYEARDAY only goes with FREQ=YEARLY.")
	case len(r.nth) > 0 && r.freq < monthly:
		return complain("BYDAY có số thứ tự (như 1MO) chỉ đi với FREQ=MONTHLY hoặc YEARLY; hãy bỏ số.", "BYDAY with a number (like 1MO) only goes with FREQ=MONTHLY or YEARLY; drop the number.")
	case has("BYSETPOS") && !has("BYDAY") && !has("BYMONTHDAY") && !has("BYMONTH") && !has("BYYEARDAY"):
		return complain("BYSETPOS cần thêm BYDAY, BYMONTHDAY, BYMONTH hoặc BYYEARDAY.", "BYSETPOS needs BYDAY, BYMONTHDAY, BYMONTH or BYYEARDAY beside it.")
	}
	if r.freq == monthly || r.months != 0 {
		for _, d := range r.nth {
			if d.n < -5 || d.n > 5 {
				return complain("Một tháng không có ngày thứ %d của một thứ; viết từ 1 đến 5 hoặc từ -1 đến -5.", "A month has no weekday number %d; write 1 to 5, or -1 to -5.", d.n)
			}
		}
	}
	return nil
}

// fill adds what the start decides where the rule says nothing about days.
func (r *rule) fill(start date) {
	if r.mdays|r.fromEnd != 0 || r.wdays != 0 || len(r.nth) > 0 || len(r.ydays) > 0 {
		return
	}
	switch r.freq {
	case weekly:
		r.wdays = 1 << start.weekday
	case monthly:
		r.mdays = 1 << start.day
	case yearly:
		r.mdays = 1 << start.day
		if r.months == 0 {
			r.months = 1 << start.month
		}
	}
}

// number reads a decimal of at most digits digits, with a sign or without.
func number(s string, digits int) (int, bool) {
	if len(strings.TrimLeft(s, "+-")) > digits {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// numbers reads a list of numbers from low to high, or their negatives too.
func numbers(key, value string, low, high int, negative bool, add func(int)) *complaint {
	for s := range strings.SplitSeq(value, ",") {
		n, ok := number(s, 3)
		size := n
		if negative {
			size = max(n, -n)
		}
		switch {
		case ok && size >= low && size <= high:
			add(n)
		case negative:
			return complain("%[1]s có %[2]q; viết số từ %[3]d đến %[4]d hoặc từ -%[4]d đến -%[3]d.", "%[1]s has %[2]q; write numbers from %[3]d to %[4]d or from -%[4]d to -%[3]d.", key, s, low, high)
		default:
			return complain("%s có %q; viết số từ %d đến %d.", "%s has %q; write numbers from %d to %d.", key, s, low, high)
		}
	}
	return nil
}
