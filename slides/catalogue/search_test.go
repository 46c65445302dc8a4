package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/starter"
)

func starterCatalogue(t testing.TB) *Catalogue {
	t.Helper()
	c, err := starter.Load()
	if err != nil {
		t.Fatal(err)
	}
	cat, err := Parse(c.Catalogue)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// What citizens type, on the catalogue that a new installation has.
func TestSearchAsPeopleType(t *testing.T) {
	cat := starterCatalogue(t)
	x := NewIndex(cat)
	for _, c := range []struct {
		query string
		first string // code, "" for nothing
		match Match
	}{
		{"cap lai giay phep lao dong", "1.014200", ByFolded},
		{"Cấp lại giấy phép lao động", "1.014200", ByMarks},
		{"cấp lại giấy phép lao động cho ng", "1.014200", ByPrefix},
		{"  CAP-LAI   giay phep, lao dong ", "1.014200", ByFolded},
		{"giay phep lao dong cap lai", "1.014200", ByWords},
		{"cap lai gpld", "1.014200", ByFolded},
		{"GPLĐ", "1.014199", ByMarks},
		{"cap lai giay phap lao dong", "1.014200", ByTypo},
		{"cap lai giay phep lao dogn", "1.014200", ByTypo},
		{"thất nghiệp", "1.001978", ByMarks},
		{"BHTN", "1.001978", ByMarks},
		{"tnxp chong phap", "2.002308", ByWords},
		{"xklđ", "1.001806", Near}, // nothing of it is in the list
		{"hộ chiếu", "", 0},
		{"Đăng ký nội quy lao động của doanh nghiệp", "2.001955", ByName},
		{"dang ky noi quy lao dong cua doanh nghiep", "2.001955", ByName},
		{"btxh dac biet kho khan", "2.000286", ByWords},
		{"1.000448", "1.000448", ByCode},
		{"1000448", "1.000448", ByCode},
		{"1,000448", "1.000448", ByCode},
		{"mã 1.000.448", "1.000448", ByCode},
		{"1.0004", "1.000479", ByCode},
		{"work permit reissue", "1.014200", ByWords},
		{"reissue of a work permit", "1.014200", ByMarks},
		{"người có công thất lạc giấy tờ", "1.010814", Near},
		{"nguoi co cong", "1.010824", ByFolded},
		{"giấy phép xây nhà", "1.013815", Near},
		{"qwzx", "", 0},
		{"", "", 0},
		{" .,- ", "", 0},
	} {
		hits := x.Search(c.query)
		got, match := "", Match(0)
		if len(hits) > 0 {
			got, match = cat.Procedures[hits[0].Row].Code, hits[0].Match
		}
		if got != c.first || match != c.match {
			t.Errorf("%q: %s (%d), want %s (%d)", c.query, got, match, c.first, c.match)
			for _, h := range hits[:min(4, len(hits))] {
				t.Logf("   %d %s", h.Match, cat.Procedures[h.Row].Name["vi"])
			}
		}
	}
	// An abbreviation of the field finds all of it.
	n := 0
	for _, p := range cat.Procedures {
		if p.Field["vi"] == "Người có công" {
			n++
		}
	}
	if hits := x.Search("ncc"); len(hits) < n {
		t.Errorf("NCC finds %d, the field has %d", len(hits), n)
	}
}

// Marks that are typed put their word first and hide no other.
func TestMarksAreABoost(t *testing.T) {
	c := &Catalogue{Format: Format}
	for i, name := range []string{"Mà", "Ma", "Mã số", "Má"} {
		p := row()
		p.Code, p.Name = fmt.Sprintf("1.00000%d", i), slides.Vi(name)
		c.Procedures = append(c.Procedures, p)
	}
	x := NewIndex(c)
	for query, want := range map[string]string{"má": "3012", "ma": "1032", "mà": "0132", "mã": "2013"} {
		got := ""
		for _, h := range x.Search(query) {
			got += fmt.Sprint(h.Row)
		}
		if got != want {
			t.Errorf("%s: rows %s, want %s", query, got, want)
		}
	}
}

func TestOneSlip(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"phep", "phap", true},
		{"dong", "dogn", true},
		{"dong", "dng", true},
		{"dong", "doong", true},
		{"dong", "dongg", true},
		{"dong", "dong", false},
		{"dong", "cung", false},
		{"dong", "do", false},
		{"abcd", "badc", false},
		{"nghiep", "nghei", false},
	} {
		if oneSlip(c.a, c.b) != c.want || oneSlip(c.b, c.a) != c.want {
			t.Errorf("%s, %s: want %v", c.a, c.b, c.want)
		}
		if c.want && !oneOff(letters(c.a), letters(c.b)) {
			t.Errorf("%s, %s: the letters rule it out", c.a, c.b)
		}
	}
}

var syllables = []string{"cấp", "lại", "giấy", "phép", "lao", "động", "đổi", "đối", "với", "người", "nước", "ngoài", "trợ", "cấp", "xã", "hội", "TNXP", "hoà", "thuở", "90", "30%", "GPLĐ", "Ma", "má", "mà"}

func anyName(t *rapid.T) string {
	w := rapid.SliceOfN(rapid.SampledFrom(syllables), 1, 30).Draw(t, "name")
	return strings.Join(w, rapid.SampledFrom([]string{" ", ", ", " – "}).Draw(t, "between"))
}

func anyCatalogue(t *rapid.T) *Catalogue {
	c := &Catalogue{Format: Format}
	for i := range rapid.IntRange(1, 20).Draw(t, "rows") {
		p := row()
		p.Code, p.Name = fmt.Sprintf("1.%06d", i*37), slides.Vi(anyName(t))
		c.Procedures = append(c.Procedures, p)
	}
	return c
}

// Who types a name finds it: with every further letter, with marks or without,
// and whole it stands before all that are not equal to it.
func TestTypingANameNeverLosesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCatalogue(t)
		x := NewIndex(c)
		at := rapid.IntRange(0, len(c.Procedures)-1).Draw(t, "row")
		name := c.Procedures[at].Name["vi"]
		typed := name
		if rapid.Bool().Draw(t, "plain") {
			typed = slides.Fold(name)
		}
		runes := []rune(typed)
		for n := 1; n <= len(runes); n++ {
			q := string(runes[:n])
			if strings.IndexFunc(q, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
				continue
			}
			if !slices.ContainsFunc(x.Search(q), func(h Hit) bool { return h.Row == at }) {
				t.Fatalf("%q does not find %q", q, name)
			}
		}
		if len(split(name)) > maxWords || len(runes) > MaxQuery {
			return
		}
		for _, h := range x.Search(typed) {
			other := c.Procedures[h.Row].Name["vi"]
			if slices.Equal(split(other), split(name)) {
				break
			}
			if slides.Fold(other) != slides.Fold(name) {
				t.Fatalf("%q: %q stands before it", typed, other)
			}
		}
	})
}

// The order is total and the same each time: no row twice, the best match first.
func TestOrderIsTotalAndStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCatalogue(t)
		query := anyName(t)
		if rapid.Bool().Draw(t, "slip") {
			r := []rune(query)
			r[rapid.IntRange(0, len(r)-1).Draw(t, "at")] = 'x'
			query = string(r)
		}
		hits := NewIndex(c).Search(query)
		if !slices.Equal(hits, NewIndex(c).Search(query)) {
			t.Fatal("another order the second time")
		}
		seen := map[int]bool{}
		for i, h := range hits {
			if seen[h.Row] || h.Row < 0 || h.Row >= len(c.Procedures) {
				t.Fatalf("row %d twice, or none", h.Row)
			}
			seen[h.Row] = true
			if i > 0 && h.Match < hits[i-1].Match {
				t.Fatalf("a better match comes later: %v", hits)
			}
		}
	})
}

func FuzzSearch(f *testing.F) {
	x := NewIndex(starterCatalogue(f))
	for _, q := range []string{"cap lai", "1.0004", "GPLĐ ncc tnxp btxh", "\xff\xfe", "ậ̣ ̣", "中文", strings.Repeat("a ", 400)} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		for _, h := range x.Search(q) {
			if h.Row < 0 || h.Row >= len(x.rows) || h.Match < ByCode || h.Match > Near {
				t.Fatalf("%q: %+v", q, h)
			}
		}
	})
}

// many is n procedures with names as long and as alike as real ones.
func many(t testing.TB, n int) *Catalogue {
	base := starterCatalogue(t)
	places := []string{"huyện Bình Gia", "huyện Bắc Sơn", "huyện Cao Lộc", "huyện Chi Lăng", "huyện Đình Lập", "huyện Hữu Lũng", "huyện Lộc Bình", "huyện Tràng Định", "huyện Văn Lãng", "huyện Văn Quan"}
	c := &Catalogue{Format: Format}
	for i := range n {
		p := base.Procedures[i%len(base.Procedures)]
		p.Code = fmt.Sprintf("%d.%06d", 1+i/900_000, 100_000+i)
		p.Name = slides.Vi(fmt.Sprintf("%s tại %s, trường hợp x%dy", p.Name["vi"], places[i%len(places)], i/len(base.Procedures)*7919%4000))
		c.Procedures = append(c.Procedures, p)
	}
	return c
}

// One frame is 16 ms. The worst queries are those that find nothing at first.
func BenchmarkSearch5000(b *testing.B) {
	x := NewIndex(many(b, 5000))
	for _, q := range []string{"c", "cap lai giay phep lao dong", "giay phap lao dogn", "gpld ncc", "xin tien nuoi nguoi gia yeu o nha mot minh khong co con", strings.Repeat("giayy phepp ", 12)} {
		b.Run(q[:min(len(q), 30)], func(b *testing.B) {
			for b.Loop() {
				x.Search(q)
			}
		})
	}
}

func BenchmarkIndex5000(b *testing.B) {
	c := many(b, 5000)
	raw, err := Encode(c)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := Parse(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
			NewIndex(c)
		}
	})
}
