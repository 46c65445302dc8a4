package workdays

import (
	"slices"
	"time"

	"motcua/slides"
)

// Day is a day that is not as its weekday says.
type Day struct {
	Date slides.LocalDate
	Kind slides.DayKind
	Name slides.Text
	// Sure says that the law itself names the day; else it is a proposal, until
	// the year's decision is known.
	Sure bool
}

// Year lists the public holidays of a year by article 112 of the Labour Code
// 2019 (1 January; five days of Tết; the 10th of the 3rd lunar month; 30 April;
// 1 May; 2 September with the day before or after it), and by article 111 the
// working day after one that falls on a weekly day off, which is off in its
// place. week are the working weekdays, 0 Sunday to 6.
//
// How Tết's days lie, and on which side of 2 September the second day, is the
// Prime Minister's decision of each year: proposed is what has been usual, the
// eve and the first four days, and the side on which fewer working days stand
// alone. From 2026 on 24 November, the day of Vietnam's culture, is proposed:
// the Politburo has said that it shall be a day off (Resolution 80-NQ/TW), the
// law that makes it one must be looked up. The list is by date, empty outside
// FirstYear to LastYear.
func Year(year int, week []int) []Day {
	if year < FirstYear || year > LastYear {
		return nil
	}
	var out []Day
	add := func(date slides.LocalDate, sure bool, vi, en string) {
		out = append(out, Day{date, slides.Holiday, slides.Text{"vi": vi, "en": en}, sure})
	}
	on := func(m time.Month, d int) slides.LocalDate { return dateOf(dayOf(year, m, d)) }
	add(on(time.January, 1), true, "Tết Dương lịch", "New Year's Day")
	if tet, ok := Tet(year); ok {
		names := [][2]string{{"Giao thừa", "New Year's Eve of Tết"}, {"Mồng 1 Tết", "First day of Tết"}, {"Mồng 2 Tết", "Second day of Tết"}, {"Mồng 3 Tết", "Third day of Tết"}, {"Mồng 4 Tết", "Fourth day of Tết"}}
		for i, n := range names {
			add(shift(tet, i-1), i > 0 && i < 4, n[0], n[1])
		}
	}
	if kings, ok := (Lunar{Year: year, Month: 3, Day: 10}).Date(); ok {
		add(kings, true, "Giỗ Tổ Hùng Vương (10/3 âm lịch)", "Hùng Kings' Commemoration (10th of the 3rd lunar month)")
	}
	add(on(time.April, 30), true, "Ngày Chiến thắng 30/4", "Reunification Day")
	add(on(time.May, 1), true, "Ngày Quốc tế lao động 1/5", "Labour Day")
	second := 3
	if d := weekday(on(time.September, 2)); d == time.Tuesday || d == time.Wednesday {
		second = 1
	}
	add(on(time.September, 2), true, "Quốc khánh 2/9", "National Day")
	add(on(time.September, second), false, "Quốc khánh (ngày thứ hai)", "National Day (second day)")
	if year >= 2026 {
		add(on(time.November, 24), false, "Ngày Văn hóa Việt Nam 24/11", "Vietnam Culture Day")
	}
	out = instead(out, week)
	slices.SortFunc(out, func(a, b Day) int {
		if a.Date < b.Date {
			return -1
		}
		return 1
	})
	return out
}

// instead adds, for each holiday on a weekly day off, the next working day that
// is no holiday and not taken yet.
func instead(list []Day, week []int) []Day {
	taken := map[slides.LocalDate]bool{}
	for _, d := range list {
		taken[d.Date] = true
	}
	works := func(d slides.LocalDate) bool { return slices.Contains(week, int(weekday(d))) }
	if len(week) == 0 {
		return list
	}
	holidays := slices.Clone(list)
	slices.SortFunc(holidays, func(a, b Day) int {
		if a.Date < b.Date {
			return -1
		}
		return 1
	})
	for _, h := range holidays {
		if works(h.Date) {
			continue
		}
		d := shift(h.Date, 1)
		for taken[d] || !works(d) {
			d = shift(d, 1)
		}
		taken[d] = true
		list = append(list, Day{d, slides.Off, slides.Text{"vi": "Nghỉ bù " + h.Name["vi"], "en": "Off in place of " + h.Name["en"]}, h.Sure})
	}
	return list
}

func weekday(d slides.LocalDate) time.Weekday {
	t, err := d.Time()
	if err != nil {
		panic(err) // dates made here
	}
	return t.Weekday()
}

func shift(d slides.LocalDate, days int) slides.LocalDate {
	t, err := d.Time()
	if err != nil {
		panic(err) // dates made here
	}
	return slides.LocalDate(t.AddDate(0, 0, days).Format(time.DateOnly))
}

// Fill puts a year's days into a calendar, in place of all that it had for days
// of that year.
func Fill(c *slides.Calendar, year int) {
	if c.Days == nil {
		c.Days = map[slides.LocalDate]slides.DayKind{}
	}
	for d := range c.Days {
		if t, err := d.Time(); err == nil && t.Year() == year {
			delete(c.Days, d)
		}
	}
	for _, d := range Year(year, c.Week) {
		c.Days[d.Date] = d.Kind
	}
}
