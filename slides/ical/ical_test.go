package ical

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	other "github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"motcua/slides"
)

var update = flag.Bool("update", false, "rewrite the golden file")

var now = time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)

func write(t interface {
	Helper()
	Fatal(...any)
}, c *Calendar,
) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	tet := &slides.Calendar{ID: "c", Week: []int{1, 2, 3, 4, 5}, Days: map[slides.LocalDate]slides.DayKind{"2027-02-08": slides.Holiday, "2027-02-13": slides.Swapped}}
	e := func(id, zone, rule string) slides.Entry {
		return slides.Entry{ID: id, Playlist: "p", Zone: zone, Start: "2027-02-01T07:30", End: "2027-02-01T11:30", Rule: rule}
	}
	work := e("lam-viec", "Asia/Ho_Chi_Minh", "FREQ=DAILY;UNTIL=20270214")
	work.Calendar, work.Kinds = "c", []slides.DayKind{slides.Working, slides.Swapped}
	except := e("hang-tuan", "Asia/Ho_Chi_Minh", "FREQ=WEEKLY;BYDAY=MO,WE")
	except.Except = []slides.LocalDate{"2027-02-10"}
	endless := e("mai-mai", "Europe/Berlin", "")
	endless.End = ""
	got := write(t, &Calendar{Name: "Bộ phận Một cửa; Lạng Sơn, 2027", Host: "motcua.example", Now: now, Until: now.AddDate(2, 0, 0), List: []Event{
		{Entry: work, Days: tet, Title: "Đợt hướng dẫn dịch vụ công trực tuyến toàn trình cho người cao tuổi", Place: "Mọi ki-ốt", Text: work.Sentence("vi"), Category: "Thường"},
		{Entry: except, Title: "Khẩu hiệu", Text: "a\nb"},
		{Entry: endless, Title: "Chữ \\ và ;"},
		{Entry: e("hong", "Asia/Ho_Chi_Minh", "FREQ=HOURLY"), Title: "không đọc được"},
	}})
	for _, l := range bytes.Split(got, []byte("\r\n")) {
		if len(l) > 75 || bytes.ContainsRune(l, '\n') {
			t.Errorf("a line of %d octets: %s", len(l), l)
		}
	}
	const golden = "testdata/lich.ics"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(want, got) {
		t.Errorf("not as %s (%v):\n%s", golden, err, got)
	}
}

// Another reader finds the occurrences that a kiosk has.
func TestAnotherReaderAgrees(t *testing.T) {
	days := &slides.Calendar{ID: "c", Week: []int{1, 2, 3, 4, 5}, Days: map[slides.LocalDate]slides.DayKind{"2027-02-08": slides.Holiday, "2027-03-06": slides.Swapped}}
	rapid.Check(t, func(t *rapid.T) {
		pick := func(name string, list ...string) string { return rapid.SampledFrom(list).Draw(t, name) }
		e := slides.Entry{ID: "e", Playlist: "p", Zone: pick("zone", "Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Minh", "Europe/Berlin"), Start: "2027-02-03T07:30", End: slides.LocalTime(pick("end", "2027-02-03T11:30", "2027-02-04T06:00"))}
		e.Rule = pick("rule", "", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "FREQ=WEEKLY", "FREQ=MONTHLY;BYDAY=1MO,-1FR", "FREQ=MONTHLY;BYMONTHDAY=1,15,-1", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1")
		if e.Rule != "" {
			e.Rule += pick("bound", "", ";COUNT=9", ";UNTIL=20270401", ";UNTIL=20270401T120000", ";UNTIL=20270401T003000Z")
			if pick("except", "", "x") != "" {
				e.Except = []slides.LocalDate{"2027-02-05", "2027-03-01"}
			}
			if pick("kinds", "", "k") != "" {
				e.Calendar, e.Kinds = "c", []slides.DayKind{slides.Working, slides.Swapped}
			}
		}
		from, to := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 6, 1, 0, 0, 0, 0, time.UTC)
		want, err := slides.Occurrences(&e, days, from, to)
		if err != nil {
			t.Skip(err)
		}
		file := write(t, &Calendar{Name: "x", Now: now, Until: to.AddDate(1, 0, 0), List: []Event{{Entry: e, Days: days, Title: "t"}}})
		c, err := other.NewDecoder(bytes.NewReader(file)).Decode()
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		loc, _ := time.LoadLocation(e.Zone)
		var got []time.Time
		for _, ev := range c.Events() {
			set, err := ev.RecurrenceSet(loc)
			if err != nil {
				t.Fatalf("%v\n%s", err, file)
			}
			if set == nil {
				start, err := ev.DateTimeStart(loc)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, start)
				continue
			}
			got = append(got, set.Between(from, to, true)...)
		}
		same := slices.EqualFunc(got, want, func(a time.Time, b slides.Occurrence) bool { return a.Equal(b.From) })
		if !same {
			t.Fatalf("%s: %d times, the kiosk has %d\n%s", e.Rule, len(got), len(want), file)
		}
	})
}

// Whatever a title is, another reader reads it back.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "Khẩu hiệu", "a;b,c\\d\ne", strings.Repeat("ệ", 60), "\r\n\x00", "BEGIN:VEVENT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := slides.Entry{ID: "e", Playlist: "p", Zone: "Asia/Ho_Chi_Minh", Start: "2027-02-01T07:30", End: "2027-02-01T11:30"}
		file := write(t, &Calendar{Name: s, Now: now, List: []Event{{Entry: e, Title: s, Text: s, Place: s}}})
		c, err := other.NewDecoder(bytes.NewReader(file)).Decode()
		if err != nil {
			t.Fatalf("%v\n%q", err, file)
		}
		if len(c.Events()) != 1 {
			t.Fatalf("%d events\n%q", len(c.Events()), file)
		}
		want := strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(Escape(s))
		for _, prop := range []string{other.PropSummary} {
			got, err := c.Events()[0].Props.Text(prop)
			if err != nil || got != want {
				t.Fatalf("%s: %q, want %q, %v\n%q", prop, got, want, err, file)
			}
		}
	})
}
