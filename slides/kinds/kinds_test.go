package kinds_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

func faces(t testing.TB) *scene.Faces {
	t.Helper()
	f, err := fonts.Faces()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func frame() scene.Frame {
	return scene.Frame{
		Theme: scene.DefaultTheme(), Unit: slides.Vi("Sở Lao động – Thương binh và Xã hội tỉnh Lạng Sơn"), UnitShort: slides.Vi("Sở LĐ – TB và XH tỉnh Lạng Sơn"),
		Office: slides.Vi("Bộ phận Tiếp nhận và Trả kết quả"), Lang: "vi", Scale: 1, Hint: true, Ticker: true,
	}
}

func find(t testing.TB, name string) kinds.Kind {
	t.Helper()
	k, ok := kinds.Find(name)
	if !ok {
		t.Fatalf("no kind %q", name)
	}
	return k
}

// TestSamples: every kind's sample is valid, cleaned, allowed, and fits every
// usual screen in both languages and at every text size.
func TestSamples(t *testing.T) {
	for _, k := range kinds.All() {
		s := k.Sample()
		if err := kinds.Validate(&s); err != nil {
			t.Errorf("%s: %v", k.Name, err)
			continue
		}
		body, err := kinds.Parse(&s)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(kinds.MustJSON(body)); got != string(s.Body) {
			t.Errorf("%s is not stored clean: %s", k.Name, got)
		}
		var p slides.Problems
		kinds.CheckHosts(body, []string{"gov.vn", "chinhphu.vn", "zalo.me", "facebook.com"}, &p)
		kinds.CheckFit(&s, body, frame(), faces(t), &p)
		if err := p.Err("sample"); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
		for _, size := range [][2]int{{1920, 1080}, {1080, 1920}, {1280, 720}, {3840, 2160}, {1366, 768}, {1024, 600}, {800, 1280}, {1080, 2520}, {2560, 1080}} {
			for _, scale := range []float32{1, 1.15, 1.3} {
				f := frame()
				f.Scale = scale
				sc := kinds.Compose(&s, body, f, faces(t), size[0], size[1])
				if len(sc.Overflows)+len(sc.Missing) > 0 {
					t.Errorf("%s at %v ×%v: %v %v", k.Name, size, scale, sc.Overflows, sc.Missing)
				}
			}
		}
	}
}

// TestSampleFacts: the one sample with figures says those that the ministry
// published, and leaves the year without any empty.
func TestSampleFacts(t *testing.T) {
	s := find(t, "index").Sample()
	sc, err := kinds.Scene(&s, frame(), faces(t), 1920, 1080)
	if err != nil {
		t.Fatal(err)
	}
	said := texts(sc)
	for _, want := range []string{"84,45", "85,48", "80,08", "2021", "chưa có", "số liệu", "Nguồn: Bộ Nội vụ"} {
		if !slices.Contains(said, want) {
			t.Errorf("%q is missing in %q", want, said)
		}
	}
}

func texts(sc *scene.Scene) []string {
	var out []string
	for _, op := range sc.Ops {
		if g, ok := op.(scene.Glyphs); ok {
			out = append(out, g.Text)
		}
	}
	return out
}

// TestSourceIsShown: what a slide refers to stands on it.
func TestSourceIsShown(t *testing.T) {
	for _, k := range kinds.All() {
		s := k.Sample()
		s.Document = &slides.DocumentRef{Number: "60-NQ/TU", Issuer: "Tỉnh ủy Lạng Sơn", Date: "2021-12-20"}
		s.Source = "Báo Lạng Sơn"
		sc, err := kinds.Scene(&s, frame(), faces(t), 1080, 1920)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(texts(sc), " ")
		if k.Name != "notice" && !strings.Contains(said, "60-NQ/TU ngày 20/12/2021 của Tỉnh ủy Lạng Sơn") { // a notice is its document
			t.Errorf("%s does not name its document: %s", k.Name, said)
		}
		if k.Name != "index" && !strings.Contains(said, "Nguồn: Báo Lạng Sơn") { // an index names its figures' source
			t.Errorf("%s does not name its source: %s", k.Name, said)
		}
	}
}

func slide(kind, body string) *slides.Slide {
	return &slides.Slide{ID: "x", Kind: kind, Topic: "T01", Audience: slides.Public, Title: slides.Vi("x"), Body: json.RawMessage(body)}
}

// TestProblems: each mistake is found where it is, in both languages.
func TestProblems(t *testing.T) {
	long, sha := strings.Repeat("ă", 700), strings.Repeat("ab", 32)
	for _, x := range []struct {
		kind, body string
		want       []string // paths
	}{
		{"slogan", `{}`, []string{"body.text"}},
		{"slogan", `{"text":{"en":"only English"}}`, []string{"body.text"}},
		{"slogan", `{"text":{"vi":"` + long + `"}}`, []string{"body.text.vi"}},
		{"slogan", `{"text":{"vi":"a","x1":"b"}}`, []string{"body.text"}},
		{"guide", `{"title":{"vi":"a"}}`, []string{"body.steps"}},
		{"guide", `{"title":{"vi":"a"},"steps":[{"title":{"vi":"a"}},{}]}`, []string{"body.steps.1.title"}},
		{"guide", `{"title":{"vi":"a"},"steps":[{"title":{"vi":"a"}}],"qr":{}}`, []string{"body.qr.url"}},
		{"guide", `{"title":{"vi":"a"},"steps":[{"title":{"vi":"a"}}],"qr":{"url":"javascript:alert(1)","checked":"2023-02-30"}}`, []string{"body.qr.checked", "body.qr.url"}},
		{"guide", `{"title":{"vi":"a"},"steps":[` + strings.Repeat(`{"title":{"vi":"a"}},`, 8) + `{"title":{"vi":"a"}}]}`, []string{"body.steps"}},
		{"procedure", `{"code":"1.14200","name":{"vi":"a"},"field":{"vi":"b"},"online":"maybe"}`, []string{"body.code", "body.online"}},
		{"procedure", `{"code":"1.014200.H37","name":{"vi":"a"},"field":{"vi":"b"},"online":"part"}`, nil},
		{"procedure", `{"code":"1,014200","name":{"vi":"a"},"field":{"vi":"b"}}`, []string{"body.code"}},
		{"notice", `{"title":{"vi":"a"},"number":"1/KH","issuer":{"vi":"b"},"issued":"2023-03-08","effective":"2023-03-07"}`, []string{"body.effective"}},
		{"notice", `{"title":{"vi":"a"},"number":"` + strings.Repeat("9", 61) + `","issuer":{"vi":"b"},"issued":"8/3/2023","points":[{"vi":"a"},{}]}`, []string{"body.issued", "body.number", "body.points.1"}},
		{"image", `{"picture":"../../etc/passwd","caption":{"vi":"a"}}`, []string{"body.picture"}},
		{"image", `{"caption":{"vi":"a"}}`, []string{"body.picture"}},
		{"index", `{"title":{"vi":"a"},"source":{"vi":"b"},"values":[{"year":2020},{"year":2019}]}`, []string{"body.values", "body.values.1.year"}},
		{"index", `{"title":{"vi":"a"},"source":{"vi":"b"},"decimals":9,"max":10,"values":[{"year":2020,"value":11},{"year":1,"value":-1}]}`, []string{"body.decimals", "body.values.0.value", "body.values.1.value", "body.values.1.year", "body.values.1.year"}},
		{"faq", `{"question":{"vi":"a"}}`, []string{"body.answer"}},
		{"commendation", `{}`, []string{"body.deed", "body.name", "body.unit"}},
		{"commendation", `{"name":{"vi":"a"},"unit":{"vi":"b"},"deed":{"vi":"c"}}`, nil},
		{"commendation", `{"name":{"vi":"a"},"unit":{"vi":"b"},"deed":{"vi":"c"},"picture":"` + sha + `"}`, []string{"body.consent"}},
		{"commendation", `{"name":{"vi":"a"},"unit":{"vi":"b"},"deed":{"vi":"c"},"picture":"` + sha + `","consented":"2023-03-20"}`, []string{"body.consent", "body.consent"}},
		{"commendation", `{"name":{"vi":"a"},"unit":{"vi":"b"},"deed":{"vi":"c"},"picture":"` + sha + `","consent":true}`, []string{"body.consented"}},
		{"commendation", `{"name":{"vi":"a"},"unit":{"vi":"b"},"deed":{"vi":"c"},"picture":"` + sha + `","consent":true,"consented":"2023-03-20","shape":"wide"}`, nil},
		{"commendation", `{"name":{"vi":"a"},"unit":{"vi":"b"},"deed":{"vi":"c"},"shape":"round"}`, []string{"body.shape"}},
		{"links", `{"title":{"vi":"a"}}`, []string{"body.links"}},
		{"links", `{"title":{"vi":"a"},"links":[{"url":"https://gov.vn","caption":{"vi":"a"}}]}`, []string{"body.links"}},
		{"links", `{"title":{"vi":"a"},"links":[{"url":"https://gov.vn","caption":{"vi":"a"}},{"url":"https://gov.vn"}]}`, []string{"body.links.1.caption", "body.links.1.url"}},
		{"links", `{"title":{"vi":"a"},"links":[` + strings.Repeat(`{"url":"https://gov.vn","caption":{"vi":"a"}},`, 4) + `{}]}`, []string{"body.links", "body.links.1.url", "body.links.2.url", "body.links.3.url", "body.links.4.caption", "body.links.4.url"}},
		{"ticker", `{"line":{"vi":"a\nb"}}`, []string{"body.line.vi"}},
		{"ticker", `{"line":"not a map"}`, []string{"body"}},
		{"waltz", `{}`, []string{"body"}},
		{"slogan", `null`, []string{"body"}},
		{"slogan", `[]`, []string{"body"}},
		{"slogan", `{"text":{"vi":"a"}} x`, []string{"body"}},
	} {
		err := kinds.Validate(slide(x.kind, x.body))
		var got []string
		if e, ok := errors.AsType[*slides.Error](err); ok {
			for _, p := range e.Problems {
				got = append(got, p.Path)
				if p.Vi == "" || p.En == "" || p.Vi == p.En {
					t.Errorf("%s: %s has no sentence in both languages: %+v", x.kind, p.Path, p)
				}
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, x.want) {
			t.Errorf("%s %s: problems at %v, want %v", x.kind, x.body, got, x.want)
		}
	}
}

// TestParseCleans: NFD, control characters and blanks never reach a screen;
// unknown fields are ignored; the error of a wrong type names the field.
func TestParseCleans(t *testing.T) {
	b, err := kinds.Parse(slide("guide", `{"title":{"vi":" Tie\u0302\u0301ng\u200b Vie\u0302\u0323t\u0007 ","en":"  "},"steps":[{"title":{"vi":"a\r\nb"},"later":1}],"qr":{"url":" https://gov.vn "},"later":{"x":[1]}}`))
	if err != nil {
		t.Fatal(err)
	}
	g := b.(*kinds.Guide)
	if !maps.Equal(g.Title, slides.Vi("Tiếng Việt")) || g.Steps[0].Title["vi"] != "a\nb" || g.QR.URL != "https://gov.vn" {
		t.Errorf("%q %q %q", g.Title, g.Steps[0].Title, g.QR.URL)
	}
	_, err = kinds.Parse(slide("guide", `{"steps":[{"title":"a"}]}`))
	if err == nil || !strings.Contains(slides.Sentence(err, "vi"), "body.steps.title") || slides.KindOf(err) != slides.Invalid {
		t.Errorf("%v", err)
	}
	if _, err = kinds.Parse(slide("guide", `{"x":"`+strings.Repeat("x", slides.MaxBody)+`"}`)); slides.KindOf(err) != slides.TooLarge {
		t.Errorf("%v", err)
	}
}

func TestListings(t *testing.T) {
	s := find(t, "guide").Sample()
	b, err := kinds.Parse(&s)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, x := range kinds.Texts(b) {
		paths = append(paths, x.Path)
	}
	if got := line(len(paths), paths[0], paths[1], paths[2], paths[len(paths)-1]); got != "14 body.title body.steps.0.title body.steps.0.text body.qr.caption" {
		t.Error(got)
	}
	if got := kinds.URLs(b); len(got) != 1 || got["body.qr.url"] == "" {
		t.Error(got)
	}
	s = find(t, "image").Sample()
	if got := kinds.SlideBlobs(&s); len(got) != 1 || !slides.ValidSHA(got[0]) {
		t.Error(got)
	}
}

// TestCheckHosts: the allow-list is data; the problem is at the field.
func TestCheckHosts(t *testing.T) {
	b, err := kinds.Parse(slide("faq", `{"question":{"vi":"a"},"answer":{"vi":"b"},"qr":{"url":"https://dichvucong.gov.vn.example.com"}}`))
	if err != nil {
		t.Fatal(err)
	}
	var p slides.Problems
	kinds.CheckHosts(b, []string{"gov.vn"}, &p)
	if len(p.List) != 1 || p.List[0].Path != "body.qr.url" {
		t.Error(p.List)
	}
}

// TestCheckFit: what fits no screen is refused at its field, once.
func TestCheckFit(t *testing.T) {
	var steps []kinds.Step
	for range 8 {
		steps = append(steps, kinds.Step{Title: slides.Vi(strings.Repeat("Nộp hồ sơ ", 5)), Text: slides.Vi(strings.Repeat("điền biểu mẫu → ", 9))})
	}
	b := &kinds.Guide{Title: slides.Vi(strings.Repeat("Hướng dẫn ", 11)), Steps: steps}
	s := slide("guide", string(kinds.MustJSON(b)))
	var p slides.Problems
	kinds.CheckFit(s, b, frame(), faces(t), &p)
	seen := map[string]int{}
	missing := false
	for _, x := range p.List {
		seen[x.Path]++
		missing = missing || strings.Contains(x.Vi, "→")
	}
	if len(seen) == 0 || !missing {
		t.Errorf("%v", p.List)
	}
	for path, n := range seen {
		if n > 1 || !strings.HasPrefix(path, "body.steps") {
			t.Errorf("%s is reported %d times", path, n)
		}
	}
}

// TestFields: every field of every kind has its label in both languages and a
// type that forms know.
func TestFields(t *testing.T) {
	var walk func(kind string, fields []kinds.Field)
	walk = func(kind string, fields []kinds.Field) {
		for _, f := range fields {
			if f.Label["vi"] == "" || f.Label["en"] == "" || f.Type == "" || !strings.HasPrefix(f.Path, "body.") {
				t.Errorf("%s: %+v", kind, f)
			}
			if f.Type == kinds.FieldText && f.Max == 0 {
				t.Errorf("%s: %s has no limit", kind, f.Path)
			}
			if (f.Type == kinds.FieldGroup || f.Type == kinds.FieldList) != (len(f.Fields) > 0) || (f.Type == kinds.FieldChoice) != (len(f.Options) > 0) {
				t.Errorf("%s: %+v", kind, f)
			}
			walk(kind, f.Fields)
		}
	}
	for _, k := range kinds.All() {
		walk(k.Name, kinds.Fields(k.Name))
	}
	g := kinds.Fields("guide")
	if got := line(g[0].Type, g[0].Required, g[0].Max, g[1].Type, g[1].Fields[0].Path, g[2].Type, g[2].Required, g[2].Fields[0].Type, g[2].Fields[0].Required); got != "text true 120 list body.steps.*.title group false url true" {
		t.Error(got)
	}
	n := kinds.Fields("notice")
	if got := line(n[3].Type, n[5].Type, n[5].Fields[0].Name == "", n[5].Fields[0].Max); got != "date list true 200" {
		t.Error(got)
	}
	p := kinds.Fields("procedure")
	if got := line(p[0].Type, p[8].Type, p[8].Options[0].Value, p[9].Type); got != "string choice full bool" {
		t.Error(got)
	}
	if kinds.Fields("waltz") != nil {
		t.Error("fields of no kind")
	}
}

func TestEveryTopicHasALabel(t *testing.T) {
	for topic := range slides.TopicNames {
		if l := kinds.TopicLabel(topic); l["vi"] == "" || l["en"] == "" || len([]rune(l["vi"])) > 24 {
			t.Errorf("%s: %v", topic, l)
		}
	}
}

// line is values with blanks between them.
func line(v ...any) string { return strings.TrimSpace(fmt.Sprintln(v...)) }
