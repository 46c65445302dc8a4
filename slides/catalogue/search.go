package catalogue

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/slides"
)

// Index answers searches over a catalogue, without the network and within one
// frame of the screen. It never changes once made and may be shared.
//
// A query matches a procedure by its code or by words of its name (in any
// language), field and deciding office. Marks may be left out; those that are
// typed count: "má" finds "má" before "mà". The last word may be half typed,
// abbreviations of the trade stand for what they mean, and only where nothing
// matches otherwise is a slip of one letter forgiven.
type Index struct {
	rows   []entry
	marked []string // the words as they stand, lower case, NFC
	folded []string // of the word with the same number
	bags   []uint64 // the letters in it
	codes  []string // by row: digits and letters only
}

// entry is one procedure's words, by number in Index.marked.
type entry struct {
	names [][]int32 // one for each language
	about []int32   // of field and unit
}

// Match says how well a query fits, the best first.
type Match int

// The ranks. Name: it is the whole name, typed with its marks or without any. Marks: the
// words stand in the name as typed, one after another.
// Folded: the same without regard to marks. Prefix: the last is only half
// typed. Words: all are in the name. About: some only in the field or the
// deciding office. Typo: with a slip of one letter. Near: most of them.
const (
	ByCode Match = iota
	ByName
	ByMarks
	ByFolded
	ByPrefix
	ByWords
	ByAbout
	ByTypo
	Near
)

// Hit is a procedure found.
type Hit struct {
	Row   int // in Catalogue.Procedures
	Match Match
}

// MaxQuery is how many runes of a query count.
const MaxQuery = 120

// maxWords bounds a query's words: a longer one is a sentence, whose first
// words say enough. A name is the longest sensible query.
const maxWords = 24

// NewIndex reads c, which must not change afterwards.
func NewIndex(c *Catalogue) *Index {
	x := &Index{rows: make([]entry, len(c.Procedures)), codes: make([]string, len(c.Procedures))}
	ids := map[string]int32{}
	words := func(s string) []int32 {
		var out []int32
		for _, w := range split(s) {
			id, ok := ids[w]
			if !ok {
				id = int32(len(x.marked))
				ids[w] = id
				f := slides.Fold(w)
				x.marked, x.folded, x.bags = append(x.marked, w), append(x.folded, f), append(x.bags, letters(f))
			}
			out = append(out, id)
		}
		return out
	}
	again := map[string][]int32{} // fields and offices are the same on thousands of rows
	about := func(s string) []int32 {
		out, ok := again[s]
		if !ok {
			out = words(s)
			again[s] = out
		}
		return out
	}
	for i := range c.Procedures {
		p, e := &c.Procedures[i], &x.rows[i]
		x.codes[i] = compact(p.Code)
		for _, l := range p.Name.Languages() {
			e.names = append(e.names, words(p.Name[l]))
		}
		for _, t := range []slides.Text{p.Field, p.Unit} {
			for _, l := range t.Languages() {
				e.about = append(e.about, about(t[l])...)
			}
		}
		for _, name := range e.names {
			for _, w := range name {
				for _, long := range abbreviated[x.folded[w]] {
					e.about = append(e.about, about(long)...)
				}
			}
		}
	}
	return x
}

// split is the words of s with their marks, lower case.
func split(s string) []string {
	return strings.FieldsFunc(strings.ToLower(norm.NFC.String(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	})
}

// compact is a code without its dots.
func compact(code string) string { return strings.ReplaceAll(slides.Fold(code), " ", "") }

// Search lists what matches query, the best first; equal ones in the
// catalogue's order. Nothing is found by an empty query.
func (x *Index) Search(query string) []Hit {
	if r := []rune(query); len(r) > MaxQuery {
		query = string(r[:MaxQuery])
	}
	words := split(query)
	if len(words) == 0 {
		return nil
	}
	words = words[:min(len(words), maxWords)]
	last, _ := utf8.DecodeLastRuneInString(query)
	best := make([]rank, len(x.rows))
	x.byCode(query, best)
	for _, loose := range []bool{false, true} {
		if loose && slices.ContainsFunc(best, rank.found) {
			break
		}
		for _, v := range variants(words) {
			x.byWords(v, !unicode.IsSpace(last), loose, best)
		}
	}
	worst := Near
	if slices.ContainsFunc(best, func(r rank) bool { return r.hit && r.match < Near }) {
		worst = ByTypo
	}
	var out []Hit
	for i, r := range best {
		if r.hit && r.match <= worst {
			out = append(out, Hit{Row: i, Match: r.match})
		}
	}
	slices.SortFunc(out, func(a, b Hit) int {
		return cmp.Or(best[a.Row].compare(best[b.Row]), cmp.Compare(a.Row, b.Row))
	})
	return out
}

// rank orders hits: smaller is better. The zero rank is none.
type rank struct {
	hit    bool
	match  Match
	place  int // where in the name the query begins
	apart  int // words of the query that do not follow each other in the name as they do there, or are missing
	span   int // words of the name from the first to the last that was asked for
	length int // words of the name
}

func (r rank) found() bool { return r.hit }

func (r rank) compare(o rank) int {
	return cmp.Or(cmp.Compare(r.match, o.match), cmp.Compare(r.place, o.place), cmp.Compare(r.apart, o.apart), cmp.Compare(r.span, o.span), cmp.Compare(r.length, o.length))
}

// better puts r in the place of *to where it is better.
func (r rank) better(to *rank) {
	if r.hit && (!to.hit || r.compare(*to) < 0) {
		*to = r
	}
}

// leastCode is how many digits make a query a code being typed.
const leastCode = 3

// byCode finds codes: a whole one in any word of the query, as people and
// decisions write it, or the beginning of one where the query is nothing else.
func (x *Index) byCode(query string, best []rank) {
	q := compact(query)
	digits := strings.TrimFunc(q, func(r rune) bool { return r >= '0' && r <= '9' }) == ""
	whole := map[string]bool{q: true}
	for _, f := range strings.Fields(query) {
		if code, err := NormaliseCode(f); err == nil {
			whole[compact(code)] = true
		}
	}
	for i, code := range x.codes {
		national, _, _ := strings.Cut(code, "h")
		switch {
		case whole[code] || whole[national]:
			rank{hit: true, match: ByCode, length: len(code)}.better(&best[i])
		case digits && len(q) >= leastCode && strings.HasPrefix(code, q):
			rank{hit: true, match: ByCode, place: 1, length: len(code)}.better(&best[i])
		}
	}
}

// How well a word of the query fits one of the index.
const (
	noFit   = iota
	slipped // but for one letter
	begun   // it begins so, without regard to marks
	begunMarks
	contrary // with other marks than those typed
	plain    // typed without marks
	marks    // letter for letter
)

// fits says how well word fits each word of the index, nil where it fits none;
// open: it may be half typed; slips: one wrong letter is forgiven.
func (x *Index) fits(word string, open, slips bool) []uint8 {
	out, some := make([]uint8, len(x.marked)), false
	f := slides.Fold(word)
	bag := letters(f)
	slips = slips && len(f) >= leastSlip
	for id, w := range x.folded {
		switch {
		case w == f && x.marked[id] == word:
			out[id] = marks
		case w == f && word == f:
			out[id] = plain
		case w == f:
			out[id] = contrary
		case open && strings.HasPrefix(w, f) && strings.HasPrefix(x.marked[id], word):
			out[id] = begunMarks
		case open && strings.HasPrefix(w, f):
			out[id] = begun
		case slips && oneOff(bag, x.bags[id]) && (oneSlip(f, w) || open && len(w) > len(f) && oneSlip(f, w[:len(f)])):
			out[id] = slipped
		}
		some = some || out[id] != noFit
	}
	if !some {
		return nil
	}
	return out
}

// byWords ranks every procedure by the words of v. All must be there, letter
// for letter; loose forgives a slip in each, and is content with most of them.
func (x *Index) byWords(v variant, open, loose bool, best []rank) {
	n := len(v.words)
	fits := make([][]uint8, n)
	for j, w := range v.words {
		fits[j] = x.fits(w, open && j == n-1 && !v.closed, loose)
		if fits[j] == nil && !loose {
			return
		}
	}
	for i := range x.rows {
		e := &x.rows[i]
		for _, name := range e.names {
			phrase(name, fits).better(&best[i])
		}
		if best[i].hit && best[i].match <= ByPrefix {
			continue
		}
		for _, name := range e.names {
			scattered(name, e.about, fits, loose).better(&best[i])
		}
	}
}

// phrase ranks a name in which the query's words follow one another.
func phrase(name []int32, fits [][]uint8) (r rank) {
	n := len(fits)
	for at := 0; at+n <= len(name); at++ {
		least := uint8(marks)
		for j := range n {
			if fits[j] == nil {
				return rank{}
			}
			if least = min(least, fits[j][name[at+j]]); least == noFit {
				break
			}
		}
		if least == noFit {
			continue
		}
		got := rank{hit: true, place: at, length: len(name)}
		switch least {
		case marks:
			got.match = ByMarks
		case plain, contrary:
			got.match = ByFolded
		case slipped:
			got.match = ByTypo
		default:
			got.match = ByPrefix
		}
		if n == len(name) && least >= plain {
			got = rank{hit: true, match: ByName, apart: int(got.match)} // with marks before without
		}
		got.better(&r)
	}
	return r
}

// scattered ranks a name that has the query's words anywhere, with those of its
// field and office.
func scattered(name, about []int32, fits [][]uint8, loose bool) rank {
	r := rank{hit: true, match: ByWords, length: len(name)}
	there, before, first, last := 0, -2, len(name), -1
	for j := range fits {
		fit, at := bestFit(name, fits[j], before+1)
		if fit == noFit {
			if fit, _ = bestFit(about, fits[j], 0); fit != noFit {
				r.match = max(r.match, ByAbout)
			}
		}
		switch {
		case fit != noFit:
			there++
			if fit == slipped {
				r.match = max(r.match, ByTypo)
			}
		case loose:
			r.match = Near
		default:
			return rank{}
		}
		if at < 0 || at != before+1 {
			r.apart++
		}
		if at >= 0 {
			first, last = min(first, at), max(last, at)
		}
		before = at
	}
	r.span = max(last-first, 0)
	if r.match == Near {
		if 2*there <= len(fits) {
			return rank{}
		}
		r.apart += len(fits) * (len(fits) - there)
	}
	return r
}

// bestFit is the best of words; of equal ones the one at next, else the first.
func bestFit(words []int32, fits []uint8, next int) (fit uint8, at int) {
	at = -2
	if fits == nil {
		return noFit, at
	}
	for i, w := range words {
		if f := fits[w]; f > fit || f == fit && f != noFit && i == next {
			fit, at = f, i
		}
	}
	return fit, at
}
