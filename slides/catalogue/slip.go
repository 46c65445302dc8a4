package catalogue

import "math/bits"

// leastSlip is the shortest word in which a wrong letter is forgiven: of three
// letters most words would become most others.
const leastSlip = 4

// letters is the set of letters and digits of a folded word, a quick way to see
// that two words differ by more than one.
func letters(s string) (set uint64) {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			set |= 1 << (c - 'a')
		case c >= '0' && c <= '9':
			set |= 1 << (26 + c - '0')
		default:
			set |= 1 << 63
		}
	}
	return set
}

// oneOff says whether words of these letters may be one slip apart, or one the
// beginning of a longer one that is.
func oneOff(typed, word uint64) bool { return bits.OnesCount64(typed&^word) <= 1 }

// oneSlip says whether a becomes b by one letter wrong, missing or too many, or
// by two that have changed places. Equal words are no slip.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
