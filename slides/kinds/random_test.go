package kinds_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

var words = strings.Fields("Ệ Ổn Ữ Ẫ ỹ quyết liệt HÀNH ĐỘNG, trách nhiệm Lạng Sơn dichvucong.gov.vn 60-NQ/TU (một cửa) – ngày 20/3/2023; “Ý kiến” j người dân hài lòng")

// fill makes up a body that the tags allow.
func fill(t *rapid.T, v reflect.Value, tag reflect.StructTag) {
	limit := 60
	if m := tag.Get("max"); m != "" {
		if err := json.Unmarshal([]byte(m), &limit); err != nil {
			t.Fatal(err)
		}
	}
	text := func(limit int) string {
		w := rapid.SliceOfN(rapid.SampledFrom(words), 1, 1+limit/8).Draw(t, "words")
		r := []rune(strings.Join(w, " "))
		return strings.TrimSpace(string(r[:min(limit, len(r))]))
	}
	switch {
	case v.Type() == reflect.TypeFor[slides.Text]():
		if tag.Get("required") == "true" || rapid.Bool().Draw(t, "has") {
			v.Set(reflect.ValueOf(slides.Text{"vi": text(limit), "en": text(limit)}))
		}
	case v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct:
		if rapid.Bool().Draw(t, "has") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), "")
		}
	case v.Kind() == reflect.Pointer:
		if rapid.Bool().Draw(t, "has") {
			x := rapid.Float64Range(0, 1e6).Draw(t, "value")
			v.Set(reflect.ValueOf(&x))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), v.Type().Field(i).Tag)
		}
	case v.Kind() == reflect.Slice:
		n := rapid.IntRange(0, limit).Draw(t, "items")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i), `max:"200" required:"true"`)
		}
	case v.Kind() == reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case v.Kind() == reflect.Int:
		v.SetInt(int64(rapid.IntRange(0, 2100).Draw(t, "int")))
	case v.Kind() == reflect.Float64:
		v.SetFloat(rapid.Float64Range(0, 1e6).Draw(t, "float"))
	case v.Kind() == reflect.String:
		switch tag.Get("role") {
		case "url":
			v.SetString("https://dichvucong.gov.vn/" + strings.Repeat("x", rapid.IntRange(0, 260).Draw(t, "path")))
		case "date":
			v.SetString(rapid.SampledFrom([]string{"", "2023-03-20", "not a date"}).Draw(t, "date"))
		case "sha":
			v.SetString(strings.Repeat("ab", 32))
		default:
			if enum := tag.Get("enum"); enum != "" {
				choices := []string{""}
				for o := range strings.SplitSeq(enum, ";") {
					value, _, _ := strings.Cut(o, "=")
					choices = append(choices, value)
				}
				v.SetString(rapid.SampledFrom(choices).Draw(t, "enum"))
			} else {
				v.SetString(text(limit))
			}
		}
	}
}

// TestAnyBodyOnAnyScreen: whatever the tags allow, at any shape of screen:
// nothing panics, and no letter leaves the screen or lies on the footer.
func TestAnyBodyOnAnyScreen(t *testing.T) {
	f := faces(t)
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(kinds.All()).Draw(t, "kind")
		body := k.New()
		fill(t, reflect.ValueOf(body).Elem(), "")
		s := slides.Slide{ID: "x", Kind: k.Name, Topic: "T01", Source: rapid.SampledFrom([]string{"", "Báo Lạng Sơn"}).Draw(t, "source"), Body: kinds.MustJSON(body)}
		if rapid.Bool().Draw(t, "document") {
			s.Document = &slides.DocumentRef{Number: "60-NQ/TU", Issuer: "Tỉnh ủy Lạng Sơn", Date: "2021-12-20"}
		}
		fr := frame()
		fr.Lang = rapid.SampledFrom([]string{"vi", "en"}).Draw(t, "lang")
		fr.Scale = rapid.SampledFrom([]float32{1, 1.15, 1.3}).Draw(t, "scale")
		fr.Ticker = rapid.Bool().Draw(t, "ticker")
		w, h := rapid.IntRange(1, 4000).Draw(t, "w"), rapid.IntRange(1, 4000).Draw(t, "h")
		sc, err := kinds.Scene(&s, fr, f, w, h)
		if err != nil {
			t.Fatal(err)
		}
		if w < 400 || h < 400 {
			return
		}
		foot := float32(h)
		if p, ok := sc.Slot(scene.SlotProgress); ok {
			foot = p.Rect.Bottom() - 76*p.Unit
		}
		for _, op := range sc.Ops {
			g, ok := op.(scene.Glyphs)
			if !ok || g.Ink.W == 0 {
				continue
			}
			if !(scene.Rect{W: float32(w), H: float32(h)}).Contains(g.Ink) {
				t.Fatalf("%q at %v leaves the screen", g.Text, g.Ink)
			}
			if g.Ink.Y < foot && g.Ink.Bottom() > foot+1 {
				t.Fatalf("%q at %v lies on the footer at %v", g.Text, g.Ink, foot)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, k := range kinds.All() {
		s := k.Sample()
		f.Add(k.Name, []byte(s.Body))
	}
	f.Add("guide", []byte(`{"steps":null,"qr":{"url":1}}`))
	f.Add("index", []byte(`{"values":[{"year":1e99}]}`))
	f.Add("notice", []byte(`{"points":[{"vi":"\ud800"},null]}`))
	f.Add("", []byte(nil))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		s := slides.Slide{ID: "x", Kind: kind, Topic: "T01", Audience: slides.Public, Title: slides.Vi("x"), Body: body}
		b, err := kinds.Parse(&s)
		if err != nil {
			if slides.Sentence(err, "vi") == "" || b != nil {
				t.Fatalf("%v, %v", b, err)
			}
			return
		}
		for _, x := range kinds.Texts(b) {
			for l, v := range x.Text {
				if v == "" || slides.Clean(v) != v {
					t.Fatalf("%s.%s is not clean: %q", x.Path, l, v)
				}
			}
		}
		// What was read is written and read again the same.
		s.Body = kinds.MustJSON(b)
		again, err := kinds.Parse(&s)
		if err != nil || !reflect.DeepEqual(kinds.MustJSON(again), s.Body) && string(kinds.MustJSON(again)) != string(s.Body) {
			t.Fatalf("%s reads back as %s: %v", s.Body, kinds.MustJSON(again), err)
		}
		var p slides.Problems
		kinds.CheckBody(b, &p)
		for _, q := range p.List {
			if q.Vi == "" || q.En == "" {
				t.Fatalf("%+v", q)
			}
		}
		fc := faces(t)
		kinds.Compose(&s, b, frame(), fc, 480, 270)
	})
}
