package slides

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestEntrySentences(t *testing.T) {
	at := func(rule string, change ...func(*Entry)) Entry {
		e := Entry{ID: "e", Playlist: "p", Zone: "Asia/Ho_Chi_Minh", Start: "2026-11-30T07:30", End: "2026-11-30T11:30", Rule: rule}
		for _, f := range change {
			f(&e)
		}
		return e
	}
	for _, c := range []struct {
		e      Entry
		vi, en string
	}{
		{at(""), "Thứ Hai 30/11/2026, 7:30–11:30.", "Monday 30 Nov 2026, 7:30–11:30."},
		{at("", func(e *Entry) { e.End = "2026-12-02T17:00" }), "Từ 7:30 thứ Hai 30/11/2026 đến 17:00 thứ Tư 2/12/2026.", "From 7:30 Monday 30 Nov 2026 to 17:00 Wednesday 2 Dec 2026."},
		{at("", func(e *Entry) { e.End = "" }), "Từ 7:30 thứ Hai 30/11/2026, không kết thúc.", "From 7:30 Monday 30 Nov 2026 on, without an end."},
		{at("FREQ=DAILY"), "Hằng ngày, 7:30–11:30, từ 30/11/2026.", "Every day, 7:30–11:30, from 30 Nov 2026."},
		{at("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261211"), "Thứ Hai đến thứ Sáu, 7:30–11:30, từ 30/11/2026 đến hết 11/12/2026.", "Monday to Friday, 7:30–11:30, from 30 Nov 2026 until the end of 11 Dec 2026."},
		{at("FREQ=DAILY", func(e *Entry) { e.Calendar, e.Kinds = "c", []DayKind{Working, Swapped} }), "Các ngày làm việc (kể cả ngày làm bù), 7:30–11:30, từ 30/11/2026.", "Working days (with swapped ones), 7:30–11:30, from 30 Nov 2026."},
		{at("FREQ=WEEKLY;BYDAY=SU,MO", func(e *Entry) { e.Calendar, e.Kinds = "c", []DayKind{Holiday} }), "Thứ Hai và Chủ nhật, chỉ vào ngày lễ, 7:30–11:30, từ 30/11/2026.", "Monday and Sunday, only on public holidays, 7:30–11:30, from 30 Nov 2026."},
		{at("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=10", func(e *Entry) { e.Except = []LocalDate{"2026-12-14"} }), "Cứ 2 tuần một lần, thứ Hai và thứ Tư, 7:30–11:30, từ 30/11/2026, 10 lần, trừ 14/12/2026.", "Every 2 weeks, Monday and Wednesday, 7:30–11:30, from 30 Nov 2026, 10 times, except 14 Dec 2026."},
		{at("FREQ=MONTHLY;BYDAY=1MO,-1FR"), "Hằng tháng, thứ Hai đầu tiên và thứ Sáu cuối cùng của tháng, 7:30–11:30, từ 30/11/2026.", "Every month, first Monday and last Friday of the month, 7:30–11:30, from 30 Nov 2026."},
		{at("FREQ=MONTHLY;BYMONTHDAY=1,15,-1"), "Hằng tháng, ngày 1, 15 và cuối cùng của tháng, 7:30–11:30, từ 30/11/2026.", "Every month, on the 1st, 15th and last of the month, 7:30–11:30, from 30 Nov 2026."},
		{at("FREQ=YEARLY"), "Hằng năm, ngày 30, tháng 11, 7:30–11:30, từ 30/11/2026.", "Every year, on the 30th, in November, 7:30–11:30, from 30 Nov 2026."},
		{at("FREQ=DAILY;INTERVAL=3", func(e *Entry) {
			e.Start, e.End = "2026-11-30T00:00", "2026-12-01T00:00"
			e.Interrupt = &Interrupt{20, 300}
		}), "Cứ 3 ngày một lần tính từ 30/11/2026, cả ngày, từ 30/11/2026, chen 20 giây mỗi 300 giây.", "Every 3 days counted from 30 Nov 2026, all day, from 30 Nov 2026, for 20 s in every 300 s."},
	} {
		if got := c.e.Sentence("vi"); got != c.vi {
			t.Errorf("%s:\n got %s\nwant %s", c.e.Rule, got, c.vi)
		}
		if got := c.e.Sentence("en"); got != c.en {
			t.Errorf("%s:\n got %s\nwant %s", c.e.Rule, got, c.en)
		}
	}
	bad := at("FREQ=HOURLY")
	if got := bad.Sentence("vi"); got != "" {
		t.Errorf("a refused entry says %q", got)
	}
}

// drawSaid makes one of few entries, so that two drawn ones often mean the same.
func drawSaid(t *rapid.T, name string) Entry {
	draw := func(of string, list ...string) string { return rapid.SampledFrom(list).Draw(t, name+of) }
	e := Entry{ID: "e", Playlist: "p", Zone: "Asia/Ho_Chi_Minh", Start: "2026-11-30T07:30", End: LocalTime(draw("end", "2026-11-30T11:30", "2026-12-01T06:00"))}
	if draw("late", "no", "no", "yes") == "yes" {
		e.Start, e.End = "2026-12-02T07:30", "2026-12-02T11:30"
	}
	e.Rule = draw("freq", "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY")
	e.Rule += draw("interval", "", "", ";INTERVAL=2") + draw("wkst", "", "", ";WKST=SU")
	if strings.Contains(e.Rule, "MONTHLY") || strings.Contains(e.Rule, "YEARLY") {
		e.Rule += draw("nth", "", ";BYDAY=1MO", ";BYDAY=-1MO", ";BYMONTHDAY=2", ";BYMONTHDAY=-1,1", ";BYDAY=MO,WE;BYSETPOS=1")
	} else {
		e.Rule += draw("days", "", ";BYDAY=MO", ";BYDAY=MO,TU,WE,TH,FR", ";BYDAY=MO,TU,WE,TH,FR,SA,SU", ";BYDAY=WE,MO", ";BYDAY=SU,SA")
	}
	e.Rule += draw("months", "", "", ";BYMONTH=12,3") + draw("bound", "", ";COUNT=3", ";UNTIL=20261215", ";UNTIL=20261215T235959", ";UNTIL=20261215T060000", ";UNTIL=20261215T003000Z")
	if draw("kinds", "", "", "k") != "" {
		e.Calendar, e.Kinds = "c", []DayKind{Working}
	}
	if draw("except", "", "", "x") != "" {
		e.Except = []LocalDate{"2026-12-02"}
	}
	return e
}

// A sentence names what it says, and two entries with one sentence are on at
// the same times: so nothing that matters is left unsaid.
func TestSentenceTellsAll(t *testing.T) {
	calendar := &Calendar{ID: "c", Week: []int{1, 2, 3, 4, 5}, Days: map[LocalDate]DayKind{"2026-12-09": Holiday}}
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	times := func(t *rapid.T, e *Entry) []Occurrence {
		list, err := Occurrences(e, calendar, from, from.AddDate(4, 0, 0))
		if err != nil {
			t.Skip("refused")
		}
		return list
	}
	said := map[string][]Occurrence{}
	rules := map[string]string{}
	again := 0
	rapid.Check(t, func(rt *rapid.T) {
		e := drawSaid(rt, "")
		list := times(rt, &e)
		vi, en := e.Sentence("vi"), e.Sentence("en-GB")
		for _, s := range []string{vi, en} {
			if !strings.Contains(s, "7:30–") || strings.Contains(s, "%!") || strings.Contains(s, ", ,") {
				rt.Fatalf("%s: %q", e.Rule, s)
			}
		}
		if d := wantDate(e.Start); !strings.Contains(vi, d) {
			rt.Fatalf("%s: %q does not name %s", e.Rule, vi, d)
		}
		if old, ok := said[vi]; ok {
			again++
			if !slices.Equal(old, list) {
				rt.Fatalf("%q is said of %s and of %s, which differ", vi, rules[vi], e.Rule)
			}
		}
		said[vi], rules[vi] = list, e.Rule
		if k := len(rules); k > 0 && said["en:"+en] == nil {
			said["en:"+en] = list
		} else if !slices.Equal(said["en:"+en], list) {
			rt.Fatalf("%q is said of two that differ: %s", en, e.Rule)
		}
	})
	if again == 0 && !testing.Short() {
		t.Log("no sentence came twice")
	}
}

func wantDate(s LocalTime) string {
	d, err := time.Parse("2006-01-02T15:04", string(s))
	if err != nil {
		return "?"
	}
	return fmt.Sprintf("%d/%d/%d", d.Day(), d.Month(), d.Year())
}
