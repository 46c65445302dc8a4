package slides

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func goodEntry() Entry {
	return Entry{
		ID: "e", Playlist: "l", Zone: "Asia/Ho_Chi_Minh", Start: "2026-03-02T07:30", End: "2026-03-02T17:00",
		Rule: "FREQ=WEEKLY;BYDAY=MO,FR", Priority: Normal,
	}
}

func TestCheckEntryTellsWhatToMend(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Entry)
		path   string // "" when nothing is wrong
		vi, en string // parts of the sentences
	}{
		{"good", func(*Entry) {}, "", "", ""},
		{"once", func(e *Entry) { e.Rule = "" }, "", "", ""},
		{"for ever", func(e *Entry) { e.Rule, e.End = "", "" }, "", "", ""},
		{"31 days", func(e *Entry) { e.End = "2026-04-02T07:30" }, "", "", ""},
		{"once may be long", func(e *Entry) { e.Rule, e.End = "", "2027-04-02T07:31" }, "", "", ""},
		{"COUNT at its limit", func(e *Entry) { e.Rule = "FREQ=DAILY;COUNT=10000" }, "", "", ""},
		{"BYSETPOS", func(e *Entry) { e.Rule = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1" }, "", "", ""},
		{"id", func(e *Entry) { e.ID = "Ê" }, "id", "Mã lịch phát", "id"},
		{"playlist", func(e *Entry) { e.Playlist = "" }, "playlist", "Chưa chọn danh sách", "Choose a playlist"},
		{"zone", func(e *Entry) { e.Zone = "Asia/Hanoi" }, "zone", "Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Minh"},
		{"no zone", func(e *Entry) { e.Zone = "" }, "zone", "Múi giờ", "time zone"},
		{"Local", func(e *Entry) { e.Zone = "Local" }, "zone", "Múi giờ", "time zone"},
		{"zone path", func(e *Entry) { e.Zone = "../../etc/passwd" }, "zone", "Múi giờ", "time zone"},
		{"start", func(e *Entry) { e.Start = "2026-02-30T07:30" }, "start", "bắt đầu", "start"},
		{"start with seconds", func(e *Entry) { e.Start = "2026-02-20T07:30:00" }, "start", "2026-03-08T07:30", "2026-03-08T07:30"},
		{"start with a short hour", func(e *Entry) { e.Start = "2026-02-20T7:30" }, "start", "2026-03-08T07:30", "2026-03-08T07:30"},
		{"start long ago", func(e *Entry) { e.Start = "1999-12-31T23:59" }, "start", "2000", "2199"},
		{"end far off", func(e *Entry) { e.End = "2200-01-01T00:00" }, "end", "2199", "2199"},
		{"end", func(e *Entry) { e.End = "mai" }, "end", "kết thúc", "end"},
		{"end before start", func(e *Entry) { e.End = "2026-03-02T07:29" }, "end", "ngày hôm sau", "next day"},
		{"end at start", func(e *Entry) { e.End = e.Start }, "end", "phải sau", "after the start"},
		{"for ever again and again", func(e *Entry) { e.End = "" }, "end", "lần đầu", "first occurrence"},
		{"over 31 days", func(e *Entry) { e.End = "2026-04-02T07:31" }, "end", "31 ngày", "31 days"},
		{"priority", func(e *Entry) { e.Priority = 100 }, "priority", "0 đến 99", "0 to 99"},
		{"negative priority", func(e *Entry) { e.Priority = -1 }, "priority", "0 đến 99", "0 to 99"},
		{"share", func(e *Entry) { e.Share = 1.5 }, "share", "0 đến 1", "0 to 1"},
		{"share that is no number", func(e *Entry) { e.Share = math.NaN() }, "share", "0 đến 1", "0 to 1"},
		{"short interrupt", func(e *Entry) { e.Interrupt = &Interrupt{2, 60} }, "interrupt.seconds", "3 đến 3600", "3 to 3600"},
		{"interrupt without a pause", func(e *Entry) { e.Interrupt = &Interrupt{60, 60} }, "interrupt.every", "dài hơn", "longer"},
		{"interrupt never", func(e *Entry) { e.Interrupt = &Interrupt{60, 86401} }, "interrupt.every", "86400", "86400"},
		{"except", func(e *Entry) { e.Except = []LocalDate{"2026-2-3"} }, "except", "2026-09-02", "2026-09-02"},
		{"too many excepts", func(e *Entry) { e.Except = make([]LocalDate, 1001) }, "except", "1000", "1000"},
		{"kind", func(e *Entry) { e.Calendar, e.Kinds = "c", []DayKind{"tet"} }, "day_kind", "holiday", "holiday"},
		{"kinds without a calendar", func(e *Entry) { e.Kinds = []DayKind{Holiday} }, "calendar", "lịch làm việc", "calendar"},

		{"hourly", ruled("FREQ=HOURLY"), "rrule", "DAILY", "DAILY"},
		{"secondly", ruled("FREQ=SECONDLY"), "rrule", "theo giờ", "hourly"},
		{"no FREQ", ruled("BYDAY=MO"), "rrule", "FREQ", "FREQ"},
		{"prefix", ruled("RRULE:FREQ=DAILY"), "rrule", "FREQ=DAILY", "FREQ"},
		{"not a rule", ruled("hằng ngày"), "rrule", "FREQ=WEEKLY", "FREQ=WEEKLY"},
		{"a trailing semicolon", ruled("FREQ=DAILY;"), "rrule", "FREQ=WEEKLY", "FREQ=WEEKLY"},
		{"twice", ruled("FREQ=DAILY;COUNT=1;COUNT=2"), "rrule", "hai lần", "twice"},
		{"unknown", ruled("FREQ=DAILY;X-TET=1"), "rrule", "X-TET", "X-TET"},
		{"interval 0", ruled("FREQ=DAILY;INTERVAL=0"), "rrule", "từ 1", "from 1"},
		{"interval below", ruled("FREQ=DAILY;INTERVAL=-1"), "rrule", "từ 1", "from 1"},
		{"interval of 20 digits", ruled("FREQ=DAILY;INTERVAL=99999999999999999999"), "rrule", "từ 1", "from 1"},
		{"count 0", ruled("FREQ=DAILY;COUNT=0"), "rrule", "UNTIL", "UNTIL"},
		{"count over", ruled("FREQ=DAILY;COUNT=10001"), "rrule", "10000", "10000"},
		{"until", ruled("FREQ=DAILY;UNTIL=2026-12-31"), "rrule", "20261231", "20261231"},
		{"until a day that is not", ruled("FREQ=DAILY;UNTIL=20260231"), "rrule", "20261231", "20261231"},
		{"count and until", ruled("FREQ=DAILY;COUNT=3;UNTIL=20261231"), "rrule", "chỉ giữ một", "keep one"},
		{"byday", ruled("FREQ=WEEKLY;BYDAY=T2"), "rrule", "1MO", "1MO"},
		{"byday 0", ruled("FREQ=MONTHLY;BYDAY=0MO"), "rrule", "1 đến 5", "1 to 5"},
		{"weekly with a number", ruled("FREQ=WEEKLY;BYDAY=1MO"), "rrule", "bỏ số", "drop the number"},
		{"sixth Monday of a month", ruled("FREQ=MONTHLY;BYDAY=6MO"), "rrule", "thứ 6", "number 6"},
		{"minus sixth Monday of January", ruled("FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO"), "rrule", "-6", "-6"},
		{"54th Monday", ruled("FREQ=YEARLY;BYDAY=54MO"), "rrule", "54", "54"},
		{"13th month", ruled("FREQ=DAILY;BYMONTH=13"), "rrule", "1 đến 12", "1 to 12"},
		{"month from the end", ruled("FREQ=DAILY;BYMONTH=-1"), "rrule", "1 đến 12", "1 to 12"},
		{"32nd", ruled("FREQ=MONTHLY;BYMONTHDAY=32"), "rrule", "-31 đến -1", "-31 to -1"},
		{"0th", ruled("FREQ=MONTHLY;BYMONTHDAY=1,0"), "rrule", "1 đến 31", "1 to 31"},
		{"weekly by month day", ruled("FREQ=WEEKLY;BYMONTHDAY=1"), "rrule", "FREQ=MONTHLY", "FREQ=MONTHLY"},
		{"monthly by year day", ruled("FREQ=MONTHLY;BYYEARDAY=1"), "rrule", "FREQ=YEARLY", "FREQ=YEARLY"},
		{"position alone", ruled("FREQ=MONTHLY;BYSETPOS=1"), "rrule", "BYDAY", "BYDAY"},
		{"byhour", ruled("FREQ=DAILY;BYHOUR=8"), "rrule", "giờ bắt đầu", "entry's start"},
		{"byweekno", ruled("FREQ=YEARLY;BYWEEKNO=1"), "rrule", "BYMONTH", "BYMONTH"},
		{"wkst", ruled("FREQ=WEEKLY;WKST=2"), "rrule", "MO", "MO"},
		{"the 30th of February", ruled("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "rrule", "không rơi vào ngày nào", "never happens"},
		{"over before it starts", ruled("FREQ=DAILY;UNTIL=20260301"), "rrule", "UNTIL", "never happens"},
		{"over an hour before it starts", ruled("FREQ=DAILY;UNTIL=20260302T072959"), "rrule", "UNTIL", "never happens"},
		{"over a second before it starts", ruled("FREQ=WEEKLY;UNTIL=20260302T002959Z"), "rrule", "UNTIL", "never happens"},
		{"over when it starts", ruled("FREQ=WEEKLY;UNTIL=20260302T003000Z"), "", "", ""},
		{"too long", ruled("FREQ=DAILY;BYMONTHDAY=" + strings.Repeat("1,", 300) + "1"), "rrule", "500", "500"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := goodEntry()
			c.change(&e)
			var p Problems
			CheckEntry(&e, &p, "schedule.0")
			if c.path == "" {
				if len(p.List) > 0 {
					t.Fatal(p.List)
				}
				return
			}
			if c.name == "too many excepts" && len(p.List) != 1 {
				t.Fatal(len(p.List))
			}
			if len(p.List) != 1 {
				t.Fatalf("%d problems: %v", len(p.List), p.List)
			}
			q := p.List[0]
			if q.Path != "schedule."+"0."+c.path || !strings.Contains(q.Vi, c.vi) || !strings.Contains(q.En, c.en) {
				t.Errorf("%+v; want %s, %q, %q", q, c.path, c.vi, c.en)
			}
			for _, s := range []string{q.Vi, q.En} {
				if strings.Contains(s, "%!") || !strings.HasSuffix(s, ".") {
					t.Errorf("no sentence: %s", s)
				}
			}
		})
	}
}

func ruled(s string) func(*Entry) { return func(e *Entry) { e.Rule = s } }

func TestNewProgramRefusesDanglingNames(t *testing.T) {
	e := goodEntry()
	e.Calendar = "vn"
	long := Playlist{ID: "l", Items: make([]Item, MaxItems+1)}
	_, err := NewProgram(&Manifest{Playlists: []Playlist{long}, Schedule: []Entry{e, e, {ID: "f", Playlist: "nowhere", Zone: "UTC", Start: "2026-01-01T00:00"}}}, nil)
	if KindOf(err) != Invalid {
		t.Fatal(err)
	}
	for _, s := range []string{"schedule.0.playlist", "1000", "schedule.0.calendar", "schedule.1.id", "schedule.2.playlist"} {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%q is missing in: %s", s, err)
		}
	}
	if _, err := NewProgram(&Manifest{Schedule: make([]Entry, MaxEntries+1)}, nil); KindOf(err) != Invalid {
		t.Error(err)
	}
	p, err := NewProgram(&Manifest{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	if s := p.At(now); s.Why != ByNone || !s.Until.Equal(now.Add(23*time.Hour)) {
		t.Errorf("%+v", s)
	}
	for _, far := range []time.Time{{}, time.Unix(math.MaxInt64/2, 0), time.Unix(math.MinInt64/2, 0)} {
		if s := p.At(far); s.Why != ByNone {
			t.Errorf("%+v", s)
		}
	}
}

func TestCalendarKind(t *testing.T) {
	c := Calendar{ID: "vn", Week: []int{1, 2, 3, 4, 5}, Days: map[LocalDate]DayKind{"2026-04-30": Holiday, "2026-05-02": Swapped}}
	for d, want := range map[LocalDate]DayKind{
		"2026-04-29": Working, "2026-04-30": Holiday, "2026-05-01": Working, "2026-05-02": Swapped, "2026-05-03": Off, "never": Off,
	} {
		if got := c.Kind(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
	var p Problems
	if c.Check(&p, "calendars.0"); len(p.List) > 0 {
		t.Error(p.List)
	}
	bad := Calendar{ID: "VN", Week: []int{7}, Days: map[LocalDate]DayKind{"30/4": Holiday, "2026-05-01": "le"}}
	if bad.Check(&p, "calendars.0"); len(p.List) != 4 {
		t.Error(p.List)
	}
}

// Hostile entries neither panic nor take long: the fuzzing engine fails an
// input that hangs, and the walk below asks over many years.
func FuzzProgram(f *testing.F) {
	for _, r := range []string{
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=999999999;COUNT=10000", "FREQ=MONTHLY;BYDAY=-5SU,5SA,MO;BYSETPOS=-366,1",
		"FREQ=YEARLY;BYDAY=-53MO,53TU;BYYEARDAY=366,-366", "FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=SU;UNTIL=21991231T235959Z", "FREQ=DAILY;UNTIL=00010101", "",
	} {
		f.Add(r, "2026-03-02T07:30", "2026-03-02T17:00", "Europe/Berlin", 10, 5, 60, int64(1_772_000_000_000), int64(5000))
		f.Add(r, "2000-01-01T00:00", "2000-02-01T00:00", "Pacific/Apia", 90, 0, 0, int64(math.MaxInt64), int64(math.MinInt64))
	}
	f.Add("", "2199-12-31T23:59", "", "America/St_Johns", 99, 3600, 86400, int64(7_258_118_399_999), int64(1))
	f.Fuzz(func(t *testing.T, rule, start, end, zone string, class, seconds, every int, at, dwell int64) {
		e := Entry{ID: "e", Playlist: "l", Zone: zone, Start: LocalTime(start), End: LocalTime(end), Rule: rule, Priority: Priority(class), Except: []LocalDate{LocalDate(start)}}
		if every != 0 {
			e.Interrupt = &Interrupt{seconds, every}
		}
		m := &Manifest{
			Playlists: []Playlist{{ID: "l", Items: []Item{{Slide: "s"}, {Slide: "u", Dwell: dwell}}}},
			Schedule:  []Entry{e, {ID: "g", Playlist: "l", Zone: "UTC", Start: "2026-01-01T00:00", Interrupt: &Interrupt{3, 7}}},
		}
		p, err := NewProgram(m, map[string]*Slide{"s": {ID: "s", Until: Millis(at)}, "u": {ID: "u", From: Millis(dwell), Dwell: at}})
		if err != nil {
			if KindOf(err) != Invalid {
				t.Fatal(err)
			}
			return
		}
		for i := range 40 {
			ms := at + int64(i)*97*86_400_000
			if ms < earliest || ms > latestMoment {
				p.At(time.UnixMilli(ms))
				continue
			}
			asked := time.UnixMilli(ms)
			s := p.At(asked)
			if s.From.After(asked) || !s.Until.After(asked) || s.Until.Sub(asked) > Horizon {
				t.Fatalf("asked %s: %+v", asked, s)
			}
			if next := p.At(s.Until); next.Slide != s.Next {
				t.Fatalf("after %+v comes %+v", s, next)
			}
		}
	})
}

// busy is a schedule of 200 entries of all kinds over three years.
func busy() (*Manifest, map[string]*Slide) {
	m, slides := &Manifest{}, map[string]*Slide{}
	for i := range 300 {
		s := &Slide{ID: fmt.Sprintf("s%03d", i), Body: json.RawMessage("{}")}
		if i%3 == 0 {
			s.Until = At(time.Date(2026, 1, 1+i*3, 0, 0, 0, 0, time.UTC))
		}
		slides[s.ID] = s
	}
	rules := []string{
		"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "FREQ=DAILY", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
		"FREQ=YEARLY", "FREQ=DAILY;INTERVAL=3;COUNT=300", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20281231", "",
	}
	for i := range 200 {
		l := Playlist{ID: fmt.Sprintf("l%03d", i)}
		for k := range 10 {
			l.Items = append(l.Items, Item{Slide: fmt.Sprintf("s%03d", (i*7+k*31)%300)})
		}
		m.Playlists = append(m.Playlists, l)
		start := time.Date(2026, 1, 1+i%28, 6+i%10, i%60, 0, 0, time.UTC)
		const layout = "2006-01-02T15:04"
		e := Entry{
			ID: fmt.Sprintf("e%03d", i), Playlist: l.ID, Zone: "Asia/Ho_Chi_Minh", Priority: []Priority{Filler, Normal, Normal, Campaign}[i%4],
			Start: LocalTime(start.Format(layout)), End: LocalTime(start.Add(time.Duration(1+i%9) * time.Hour).Format(layout)), Rule: rules[i%len(rules)],
		}
		if i%20 == 0 {
			e.Interrupt = &Interrupt{15, 600}
		}
		m.Schedule = append(m.Schedule, e)
	}
	return m, slides
}

// BenchmarkAt asks as a kiosk does, at the end of every answer, for three years
// on end (one slide change an operation).
func BenchmarkAt(b *testing.B) {
	m, slides := busy()
	p, err := NewProgram(m, slides)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := start
	b.ReportAllocs()
	for b.Loop() {
		at = p.At(at).Until
		if at.Year() > 2028 {
			at = start
		}
	}
}

// BenchmarkAtAnywhere asks as the studio may: anywhere in three years.
func BenchmarkAtAnywhere(b *testing.B) {
	m, slides := busy()
	p, err := NewProgram(m, slides)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n = (n + 7919) % (3 * 365 * 24)
		p.At(start.Add(time.Duration(n) * time.Hour))
	}
}

func BenchmarkNewProgram(b *testing.B) {
	m, slides := busy()
	for b.Loop() {
		if _, err := NewProgram(m, slides); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNever is the dearest rule that a check may meet.
func BenchmarkNever(b *testing.B) {
	e := goodEntry()
	e.Rule = "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2,4,6,9,11"
	for b.Loop() {
		var p Problems
		CheckEntry(&e, &p, "")
	}
}
