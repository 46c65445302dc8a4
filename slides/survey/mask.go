package survey

import (
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"
)

// Masked stands where Mask took a number out.
const Masked = "•••"

// money is an amount in thousands groups: it looks like a nine-digit CMND.
var money = regexp.MustCompile(`(?i)(?:^|[^0-9.,])([1-9][0-9]{0,2}(?:[.,][0-9]{3})+) ?(?:đồng|đ|vnđ|vnd)(?:[ \n.,;:!?)]|$)`)

// Mask replaces numbers that may name a person with Masked: CCCD (12 digits),
// CMND (9 digits), telephone numbers (0…, 84…, 0084…, 9 to 11 digits), written
// together or in groups with blanks, dots, hyphens, commas or brackets; and any
// run of 9 or more digits (bank accounts, numbers run together). Where groups
// can be read in several ways every reading that is such a number is masked:
// hiding too much costs a reader less than showing a citizen. Amounts such as
// "100.000.000 đồng" stay. Mask(Mask(s)) == Mask(s).
func Mask(s string) string {
	groups := digitGroups(s)
	if len(groups) == 0 {
		return s
	}
	for at := 0; ; { // one by one, because matches share the blank between two amounts
		m := money.FindStringSubmatchIndex(s[at:])
		if m == nil {
			break
		}
		from, to := at+m[2], at+m[3]
		i := sort.Search(len(groups), func(i int) bool { return groups[i].from >= from })
		// "0912 345.678 đ.c An" is no amount: digits before it may belong to it.
		if i == 0 || !joins(s[groups[i-1].to:from]) {
			for ; i < len(groups) && groups[i].to <= to; i++ {
				groups[i].amount = true
			}
		}
		at += m[3]
	}
	var b strings.Builder
	done := 0 // bytes of s written or masked
	for i := range groups {
		last := -1
		for j := i; j < len(groups) && j-i < maxGroups && !groups[j].amount && (j == i || joins(s[groups[j-1].to:groups[j].from])); j++ {
			if personal(groups[i : j+1]) {
				last = j
			}
		}
		if last < 0 {
			continue
		}
		if from := groups[i].from; from >= done {
			b.WriteString(s[done:from])
			b.WriteString(Masked)
		}
		done = max(done, groups[last].to)
	}
	b.WriteString(s[done:])
	return b.String()
}

// maxGroups is a number with 0084 spelt digit by digit.
const maxGroups = 14

// group is a run of digits s[from:to].
type group struct {
	from, to int
	digits   string // ASCII
	amount   bool
}

func digitGroups(s string) []group {
	var out []group
	open := false
	for i, r := range s {
		if r >= '０' && r <= '９' { // full width, from East Asian keyboards
			r += '0' - '０'
		} else if r < '0' || r > '9' {
			open = false
			continue
		}
		if !open {
			out, open = append(out, group{from: i}), true
		}
		g := &out[len(out)-1]
		g.digits += string(r)
		_, n := utf8.DecodeRuneInString(s[i:])
		g.to = i + n
	}
	return out
}

// joins says whether two groups of digits with gap between them can be one number.
func joins(gap string) bool {
	return utf8.RuneCountInString(gap) <= 3 && strings.Trim(gap, " .,-–_()·\u00a0") == ""
}

func personal(groups []group) bool {
	var all string
	ones, equal := true, true
	for k, g := range groups {
		all += g.digits
		ones = ones && len(g.digits) == 1
		// 3-3-3, 3-3-3-3 and 4-4-4 are how people group identity numbers.
		equal = equal && (len(g.digits) == 3 || len(g.digits) == 4) && (k == 0 || len(g.digits) == len(groups[0].digits))
	}
	n := len(all)
	if len(groups) == 1 {
		return n >= 9
	}
	// A CCCD begins with 0 (its province); three years in a row do not.
	if (n == 9 || n == 12 && all[0] == '0') && (equal || ones) {
		return true
	}
	local, abroad := all, false
	for _, code := range []string{"0084", "84"} {
		if rest, ok := strings.CutPrefix(all, code); ok {
			local, abroad = strings.TrimPrefix(rest, "0"), true
			break
		}
	}
	if !abroad {
		var zero bool
		if local, zero = strings.CutPrefix(all, "0"); !zero {
			return false
		}
	}
	// Without its 0 a number has 9 digits (mobile) or 10 (land line, mobile before 2018).
	return (len(local) == 9 || len(local) == 10) && local[0] != '0'
}
