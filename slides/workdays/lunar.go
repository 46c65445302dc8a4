// Package workdays knows Vietnam's working year: the lunar calendar, the public
// holidays of the Labour Code, the days off that follow from them, and when the
// State has moved a working day. It is pure: dates in, dates out.
//
// What the law fixes is sure; what a decision fixes anew each year (how Tết's
// five days lie, the second day of 2 September, swapped working days) is a
// proposal, marked so until staff have looked at it.
package workdays

import (
	"math"
	"time"

	"motcua/slides"
)

// Lunar is a day of the Vietnamese lunar calendar.
type Lunar struct {
	Year  int // the one whose Tết it follows
	Month int // 1 to 12
	Day   int // 1 to 30
	Leap  bool
}

// The years that can be converted. Since 1976 all of Vietnam reckons the moon at
// 105° E (UTC+7); past 2199 the Earth's turning is not known well enough.
const (
	FirstYear = 1976
	LastYear  = 2199
)

// Months begin on the day of the new moon. The month of the winter solstice is
// the 11th; where thirteen months lie from one 11th to the next, the first one
// in which the sun enters no sign (of 30°, from the spring equinox) is a leap
// month and takes the number of the one before. New moons and the sun's place
// follow J. Meeus, Astronomical Algorithms, 2nd ed., chapters 49 and 25.

// zone is UTC+7 in days.
const zone = 7.0 / 24

// epochJD is the Julian date of 1970-01-01 00:00 UTC.
const epochJD = 2440587.5

// deltaT is Terrestrial minus Universal Time in days, near enough: a minute or
// two decides a date once in centuries (F. Espenak, J. Meeus, 2006).
func deltaT(jde float64) float64 {
	t := (jde - 2451545) / 365.25
	return (62.92 + 0.32217*t + 0.005589*t*t) / 86400
}

func sin(degrees float64) float64 { return math.Sin(math.Mod(degrees, 360) * math.Pi / 180) }

// newMoon is the day, since 1970-01-01, on which new moon number k falls in
// Vietnam; number 0 is that of 6 January 2000.
func newMoon(k int) int {
	n := float64(k)
	t := n / 1236.85
	e := 1 - 0.002516*t - 0.0000074*t*t
	sun := 2.5534 + 29.10535670*n - 0.0000014*t*t - 0.00000011*t*t*t
	moon := 201.5643 + 385.81693528*n + 0.0107582*t*t + 0.00001238*t*t*t
	lat := 160.7108 + 390.67050284*n - 0.0016118*t*t - 0.00000227*t*t*t
	node := 124.7746 - 1.56375588*n + 0.0020672*t*t + 0.00000215*t*t*t
	jde := 2451550.09766 + 29.530588861*n + 0.00015437*t*t - 0.000000150*t*t*t
	for _, x := range []struct{ size, angle float64 }{
		{-0.40720, moon},
		{0.17241 * e, sun},
		{0.01608, 2 * moon},
		{0.01039, 2 * lat},
		{0.00739 * e, moon - sun},
		{-0.00514 * e, moon + sun},
		{0.00208 * e * e, 2 * sun},
		{-0.00111, moon - 2*lat},
		{-0.00057, moon + 2*lat},
		{0.00056 * e, 2*moon + sun},
		{-0.00042, 3 * moon},
		{0.00042 * e, sun + 2*lat},
		{0.00038 * e, sun - 2*lat},
		{-0.00024 * e, 2*moon - sun},
		{-0.00017, node},
		{0.000325, 299.77 + 0.107408*n - 0.009173*t*t},
		{0.000165, 251.88 + 0.016321*n},
		{0.000164, 251.83 + 26.651886*n},
		{0.000126, 349.42 + 36.412478*n},
		{0.000110, 84.66 + 18.206239*n},
		{0.000062, 141.74 + 53.303771*n},
		{0.000060, 207.14 + 2.453732*n},
		{0.000056, 154.84 + 7.306860*n},
	} {
		jde += x.size * sin(x.angle)
	}
	return int(math.Floor(jde - deltaT(jde) - epochJD + zone))
}

// sign is the 30° of the ecliptic, 0 to 11, in which the sun stands when a day
// begins in Vietnam.
func sign(day int) int {
	jd := float64(day) + epochJD - zone
	t := (jd + deltaT(jd) - 2451545) / 36525
	m := 357.52911 + 35999.05029*t - 0.0001537*t*t
	c := (1.914602-0.004817*t-0.000014*t*t)*sin(m) + (0.019993-0.000101*t)*sin(2*m) + 0.000289*sin(3*m)
	long := 280.46646 + 36000.76983*t + 0.0003032*t*t + c - 0.00569 - 0.00478*sin(125.04-1934.136*t)
	return int(math.Mod(math.Mod(long, 360)+360, 360) / 30)
}

func dayOf(year int, month time.Month, day int) int {
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// eleventh is the number of the new moon that begins the month of year's winter
// solstice.
func eleventh(year int) int {
	solstice := dayOf(year, time.December, 19)
	for sign(solstice+1) != 9 {
		solstice++
	}
	k := int(math.Round(float64(solstice-dayOf(2000, time.January, 6))/29.530588861)) + 1
	for newMoon(k) > solstice {
		k--
	}
	return k
}

// month is one month between an 11th and the next, with its bounds.
type month struct {
	number      int
	leap        bool
	first, next int // days
}

// months are those from the 11th of year-1 up to that of year, this one left out.
func months(year int) []month {
	k, end := eleventh(year-1), eleventh(year)
	long := end-k == 13
	var out []month
	for number := 11; k < end; k++ {
		m := month{first: newMoon(k), next: newMoon(k + 1)}
		if long && len(out) > 0 && sign(m.first) == sign(m.next) {
			long = false
			m.number, m.leap = out[len(out)-1].number, true
		} else {
			m.number = number
			number = number%12 + 1
		}
		out = append(out, m)
	}
	return out
}

// Of is a date in the lunar calendar; false outside FirstYear to LastYear or
// where the date can't be read.
func Of(d slides.LocalDate) (Lunar, bool) {
	t, err := d.Time()
	if err != nil || t.Year() < FirstYear || t.Year() > LastYear {
		return Lunar{}, false
	}
	day := int(t.Unix() / 86400)
	for _, year := range []int{t.Year(), t.Year() + 1} {
		for _, m := range months(year) {
			if day < m.first || day >= m.next {
				continue
			}
			l := Lunar{Year: year, Month: m.number, Day: day - m.first + 1, Leap: m.leap}
			if m.number >= 11 {
				l.Year = year - 1
			}
			return l, true
		}
	}
	return Lunar{}, false
}

// Date is the day that l is; false where there is none, as a leap month that
// the year does not have.
func (l Lunar) Date() (slides.LocalDate, bool) {
	if l.Year < FirstYear || l.Year > LastYear || l.Day < 1 {
		return "", false
	}
	year := l.Year
	if l.Month >= 11 {
		year++
	}
	for _, m := range months(year) {
		if m.number == l.Month && m.leap == l.Leap && m.first+l.Day-1 < m.next {
			return dateOf(m.first + l.Day - 1), true
		}
	}
	return "", false
}

// Tet is the first day of lunar year, of the years that can be converted.
func Tet(year int) (slides.LocalDate, bool) { return Lunar{Year: year, Month: 1, Day: 1}.Date() }

func dateOf(day int) slides.LocalDate {
	return slides.LocalDate(time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly))
}
