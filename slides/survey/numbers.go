package survey

import (
	"math"
	"strconv"
	"strings"
)

// NoData is what stands for a number that is not known.
const NoData = "–"

// FormatPercent writes v the Vietnamese way with two decimals and no sign:
// 82.66 is "82,66", 1234.5 is "1.234,50". Halves round away from zero, as
// people round, not to even. NaN and infinities are NoData.
func FormatPercent(v float64) string { return FormatDecimal(v, 2) }

// FormatDecimal writes v the Vietnamese way with 0 to 6 decimals.
func FormatDecimal(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return NoData
	}
	decimals = min(max(decimals, 0), 6)
	// Nine decimals first take off the noise of binary fractions, so that
	// 100·201/20000 = 1.005 rounds up to "1,01".
	digits := strconv.FormatFloat(math.Abs(v), 'f', 9, 64)
	keep := len(digits) - 9 + decimals
	up := digits[keep] >= '5'
	whole := []byte(strings.Replace(digits[:keep], ".", "", 1))
	for i := len(whole) - 1; up && i >= 0; i-- {
		if whole[i]++; whole[i] > '9' {
			whole[i] = '0'
		} else {
			up = false
		}
	}
	if up {
		whole = append([]byte{'1'}, whole...)
	}
	at := len(whole) - decimals
	out := thousands(string(whole[:at]))
	if decimals > 0 {
		out += "," + string(whole[at:])
	}
	if v < 0 && strings.Trim(out, "0.,") != "" {
		out = "-" + out
	}
	return out
}

// FormatCount writes n the Vietnamese way: 36525 is "36.525".
func FormatCount(n int64) string {
	s := strconv.FormatInt(n, 10)
	if s[0] == '-' {
		return "-" + thousands(s[1:])
	}
	return thousands(s)
}

// String is the index with its sign, "82,66%", or NoData.
func (x Index) String() string {
	if !x.Known {
		return NoData
	}
	return FormatPercent(x.Value) + "%"
}

// String is the mean level with two decimals, "4,13", or NoData.
func (m MeanLevel) String() string {
	if !m.Known {
		return NoData
	}
	return FormatDecimal(m.Value, 2)
}

func thousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "." + digits[i:]
	}
	return digits
}
