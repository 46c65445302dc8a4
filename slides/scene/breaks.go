package scene

import (
	"strings"
	"unicode"

	"github.com/go-text/typesetting/segmenter"
)

// breakAt is a place where a line may end: its visible text ends before rune
// end, the next line starts at rune next. words counts the words up to here.
type breakAt struct {
	end, next int
	kind      breakKind
	words     int
}

// breakKind sorts breaks by how well the eye takes them, best first.
type breakKind int8

const (
	afterStop    breakKind = iota // after . ; : ! ? , or a dash
	beforePhrase                  // before a word that opens a phrase
	midPhrase
	dangling  // after a word that opens a phrase, or before a dash
	inName    // inside a name, or between a number and its noun
	inWord    // inside a two-syllable word
	inToken   // where there is no blank: a number, an address
	emergency // anywhere in a token too long for a line
)

// bad says that another break, or a smaller size, is to be preferred.
func (k breakKind) bad() bool { return k >= inWord }

// findBreaks lists the places where a line of runes may end, in order; the
// last one is its end. Opportunities are UAX 14's; their kinds are ours.
func findBreaks(runes []rune) []breakAt {
	if len(runes) == 0 {
		return []breakAt{{}}
	}
	var seg segmenter.Segmenter
	seg.Init(runes)
	shout := !strings.ContainsFunc(string(runes), unicode.IsLower)
	it := seg.LineIterator()
	var out []breakAt
	words := 0
	for it.Next() {
		l := it.Line()
		next := l.Offset + len(l.Text)
		end := next
		for end > l.Offset && runes[end-1] == ' ' {
			end--
		}
		if end > l.Offset && (next == len(runes) || end < next) {
			words++
		}
		out = append(out, breakAt{end: end, next: next, words: words})
	}
	for i := range out[:len(out)-1] {
		b := &out[i]
		if b.end == b.next {
			b.kind = inToken
			continue
		}
		b.kind = kindOf(wordBefore(runes, b.end), wordAfter(runes, b.next), shout)
	}
	return out
}

func wordBefore(runes []rune, end int) string {
	i := end
	for i > 0 && runes[i-1] != ' ' {
		i--
	}
	return string(runes[i:end])
}

func wordAfter(runes []rune, from int) string {
	i := from
	for i < len(runes) && runes[i] != ' ' {
		i++
	}
	return string(runes[from:i])
}

var counted = wordSet("quầy số điều năm tháng ngày mức bước khoản mục phòng tầng quý lần thứ bảng mẫu đợt kỳ level step counter page article")

// kindOf is the kind of a break at the blank between a and b. shout says that
// the text is all capitals, which then mean nothing.
func kindOf(a, b string, shout bool) breakKind {
	if a == "" || b == "" {
		return midPhrase
	}
	last := []rune(a)[len([]rune(a))-1]
	first := []rune(b)[0]
	ba, bb := bare(a), bare(b)
	la, lb := strings.ToLower(ba), strings.ToLower(bb)
	joined := strings.HasSuffix(a, ba) && strings.HasPrefix(b, bb) // nothing but a blank between
	switch {
	case ba == "": // a dash or the like stands alone
		return afterStop
	case bb == "":
		return dangling
	case strings.ContainsRune(".;:!?,)…", last):
		return afterStop
	case joined && compounds()[la+" "+lb]:
		return inWord
	case joined && (digits(ba) || counted[la] && digits(bb)):
		return inName
	case joined && !shout && upper(ba) && upper(bb):
		return inName
	case openers[la]:
		return dangling
	case openers[lb] || first == '(' || first == '“' || first == '"':
		return beforePhrase
	}
	return midPhrase
}

func digits(w string) bool {
	return w != "" && strings.Trim(w, "0123456789.,/%") == ""
}

func upper(w string) bool {
	for _, r := range w {
		return unicode.IsUpper(r)
	}
	return false
}

// penalties in the measure of a line's squared slack, where a line half empty
// costs 25.
var penalty = [...]float32{afterStop: 0, beforePhrase: 3, midPhrase: 9, dangling: 22, inName: 60, inWord: 160, inToken: 130, emergency: 300}

// phrasePenalty is penalty for slogans, which break at their phrases.
var phrasePenalty = [...]float32{afterStop: 0, beforePhrase: 22, midPhrase: 50, dangling: 70, inName: 120, inWord: 260, inToken: 260, emergency: 500}

const (
	lonePenalty = 110 // one short word alone on a line
	loneWidth   = 0.6
)

// span is one line of a broken run: runes [from, to).
type span struct{ from, to int }

// inkWidth is how wide runes [a, b) of r are, ink or advance, in ems.
func (r *run) inkWidth(a, b int) float32 { return r.x[b] - r.x[a] }

// breakLines breaks r into lines at most width ems wide, at least cost. few
// asks for the fewest lines. bad says that a line ends where it should not. ok
// is false when a token is wider than a line and force is not set.
func (r *run) breakLines(width float32, phrases, few, force bool) (lines []span, bad, ok bool) {
	breaks := r.breaks
	if w := r.x[len(r.runes)]; w <= width {
		return []span{{0, breaks[len(breaks)-1].end}}, false, true
	}
	breaks, ok = r.splitTokens(width, force)
	if !ok {
		return nil, false, false
	}
	n := len(breaks)
	table, line := &penalty, 30.0
	if phrases {
		table, line = &phrasePenalty, 8
	}
	lastWeight := float32(1)
	if r.x[len(r.runes)] > 3*width && !phrases {
		lastWeight = 0.15 // of a long paragraph the last line may be short
	}
	if few {
		line = 1e6
	}
	start := func(i int) int { // where the line after break i-1 starts
		if i == 0 {
			return 0
		}
		return breaks[i-1].next
	}
	words := func(i int) int {
		if i == 0 {
			return 0
		}
		return breaks[i-1].words
	}
	cost := make([]float64, n+1)
	from := make([]int, n+1)
	for j := 1; j <= n; j++ {
		cost[j] = 1e300
		b := breaks[j-1]
		for i := j - 1; i >= 0; i-- {
			w := r.inkWidth(start(i), b.end)
			if w > width && j-i > 1 {
				break
			}
			slack := 1 - w/width
			c := slack * slack * 100
			if j == n {
				c *= lastWeight
			} else {
				c += table[b.kind]
			}
			if b.words-words(i) <= 1 && w < loneWidth*width {
				c += lonePenalty
			}
			if sum := float64(c) + cost[i] + line; sum < cost[j] {
				cost[j], from[j] = sum, i
			}
		}
	}
	for j := n; j > 0; j = from[j] {
		i := from[j]
		b := breaks[j-1]
		if j < n && b.kind.bad() || b.words-words(i) <= 1 && r.inkWidth(start(i), b.end) < loneWidth*width {
			bad = true
		}
		lines = append(lines, span{start(i), b.end})
	}
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return lines, bad, true
}

// splitTokens is r's breaks with more of them inside tokens that are wider
// than a line; without force it is not ok when there are such.
func (r *run) splitTokens(width float32, force bool) ([]breakAt, bool) {
	if !r.wider(width) {
		return r.breaks, true
	}
	if !force {
		return nil, false
	}
	var out []breakAt
	from := 0
	for _, b := range r.breaks {
		at := from
		for i := from + 1; i < b.end; i++ {
			if r.x[i] == r.x[i+1] || r.inkWidth(at, i+1) <= width {
				continue // inside a cluster, or it still fits
			}
			if i > at {
				out = append(out, breakAt{end: i, next: i, kind: emergency, words: b.words - 1})
				at = i
			}
		}
		out = append(out, b)
		from = b.next
	}
	return out, true
}

// wider says whether a part of r that does not break is wider than width ems.
func (r *run) wider(width float32) bool {
	from := 0
	for _, b := range r.breaks {
		if r.inkWidth(from, b.end) > width {
			return true
		}
		from = b.next
	}
	return false
}
