package slides

import (
	"fmt"
	"slices"
	"time"
)

// Kind says which kind of day d is: what Days says, else Working on a weekday
// of Week, else Off. A date that can't be read is Off.
func (c *Calendar) Kind(d LocalDate) DayKind {
	if k, ok := c.Days[d]; ok {
		return k
	}
	t, err := d.Time()
	if err != nil || !slices.Contains(c.Week, int(t.Weekday())) {
		return Off
	}
	return Working
}

// Valid says whether k is one of the four kinds.
func (k DayKind) Valid() bool {
	return k == Working || k == Off || k == Holiday || k == Swapped
}

// Check reports what is wrong with the calendar at path.
func (c *Calendar) Check(p *Problems, path string) {
	if !ValidID(c.ID) {
		p.Add(path+".id", "Mã lịch làm việc không hợp lệ; chỉ dùng a-z, 0-9, dấu gạch và dấu chấm.",
			"The calendar's id is not valid; use a-z, 0-9, dashes and dots.")
	}
	for _, d := range c.Week {
		if d < int(time.Sunday) || d > int(time.Saturday) {
			p.Add(path+".week", fmt.Sprintf("Thứ %d không có; dùng 0 (Chủ nhật) đến 6 (Thứ bảy).", d),
				fmt.Sprintf("There is no weekday %d; use 0 (Sunday) to 6 (Saturday).", d))
		}
	}
	days := make([]LocalDate, 0, len(c.Days))
	for d := range c.Days {
		days = append(days, d)
	}
	slices.Sort(days)
	for _, d := range days {
		if _, err := d.Time(); err != nil {
			p.Add(path+".days", fmt.Sprintf("Ngày %q không đọc được; viết năm-tháng-ngày, ví dụ 2026-09-02.", d),
				fmt.Sprintf("The date %q can't be read; write year-month-day, as in 2026-09-02.", d))
		}
		if k := c.Days[d]; !k.Valid() {
			p.Add(path+".days", fmt.Sprintf("Loại ngày %q của %s không có; dùng working, off, holiday hoặc swapped.", k, d),
				fmt.Sprintf("There is no kind of day %q (%s); use working, off, holiday or swapped.", k, d))
		}
	}
}
