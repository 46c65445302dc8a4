package survey

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"motcua/slides"
)

// form is a questionnaire that uses everything; each call makes a fresh one.
func form() *Questionnaire {
	q := &Questionnaire{
		Format: 1, ID: "thu", Version: 3, Title: slides.Vi("Phiếu thử"), Ask: slides.Vi("Ông/Bà hài lòng không?"),
		Questions: []Question{
			{ID: "q1", Factor: "f1", Text: slides.Vi("Nơi chờ"), NA: true},
			{ID: "q2", Factor: "f1", Text: slides.Vi("Trang thiết bị")},
			{ID: "q3", Factor: "f3", Text: slides.Vi("Công chức lịch sự"), NA: true},
			{ID: "chung", Factor: Overall, Text: slides.Vi("Nói chung")},
		},
		Tags:     []Tag{{ID: "cho-lau", Factor: "f1", Text: slides.Vi("Chờ lâu")}, {ID: "kho-hieu", Factor: "f3", Text: slides.Vi("Khó hiểu")}},
		TagsUpTo: 2,
		PartA: []Choice{{ID: "gioi", Text: slides.Vi("Giới tính"), Options: []Option{
			{ID: "nam", Text: slides.Vi("Nam")}, {ID: "nu", Text: slides.Vi("Nữ")},
		}}},
		OnIdle: Keep, Method: MethodPooled, Source: "QĐ 1001/QĐ-BNV",
	}
	return q
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParseQuestionnaire(t *testing.T) {
	q, err := ParseQuestionnaire(encode(t, form()))
	if err != nil || q.ID != "thu" || len(q.Questions) != 4 {
		t.Fatalf("%+v, %v", q, err)
	}
	plain := form()
	plain.Tags, plain.TagsUpTo, plain.PartA = nil, 0, nil
	plain.Method = "bnv-2027/2" // a later method does not stop an older kiosk
	if _, err := ParseQuestionnaire(encode(t, plain)); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name  string
		spoil func(q *Questionnaire)
		path  string
	}{
		{"format 0", func(q *Questionnaire) { q.Format = 0 }, "format"},
		{"no id", func(q *Questionnaire) { q.ID = "" }, "id"},
		{"id with capitals", func(q *Questionnaire) { q.ID = "Nhanh" }, "id"},
		{"version 0", func(q *Questionnaire) { q.Version = 0 }, "version"},
		{"no title", func(q *Questionnaire) { q.Title = slides.Text{"en": "x"} }, "title"},
		{"no heading", func(q *Questionnaire) { q.Ask = nil }, "ask"},
		{"NFD", func(q *Questionnaire) { q.Note = slides.Vi("Kho\u0302ng hỏi") }, "note.vi"},
		{"control character", func(q *Questionnaire) { q.Questions[1].Text = slides.Vi("a\x07") }, "questions.1.text.vi"},
		{"long question", func(q *Questionnaire) { q.Questions[0].Text = slides.Vi(strings.Repeat("ơ", MaxQuestionText+1)) }, "questions.0.text.vi"},
		{"no question", func(q *Questionnaire) { q.Questions = nil }, "questions"},
		{"41 questions", func(q *Questionnaire) {
			for i := len(q.Questions); i < 41; i++ {
				q.Questions = append(q.Questions, Question{ID: fmt.Sprint("x", i), Factor: "f2", Text: slides.Vi("x")})
			}
		}, "questions"},
		{"question twice", func(q *Questionnaire) { q.Questions[1].ID = "q1" }, "questions.1.id"},
		{"factor 6", func(q *Questionnaire) { q.Questions[0].Factor = "f6" }, "questions.0.factor"},
		{"no factor", func(q *Questionnaire) { q.Questions[0].Factor = "" }, "questions.0.factor"},
		{"tag twice", func(q *Questionnaire) { q.Tags[1].ID = q.Tags[0].ID }, "tags.1.id"},
		{"tag's factor", func(q *Questionnaire) { q.Tags[0].Factor = "x" }, "tags.0.factor"},
		{"tag without words", func(q *Questionnaire) { q.Tags[0].Text = nil }, "tags.0.text"},
		{"tags never asked", func(q *Questionnaire) { q.TagsUpTo = 0 }, "tags_up_to"},
		{"tags up to 6", func(q *Questionnaire) { q.TagsUpTo = 6 }, "tags_up_to"},
		{"asked without tags", func(q *Questionnaire) { q.Tags = nil }, "tags"},
		{"choice twice", func(q *Questionnaire) { q.PartA = append(q.PartA, q.PartA[0]) }, "part_a.1.id"},
		{"one option", func(q *Questionnaire) { q.PartA[0].Options = q.PartA[0].Options[:1] }, "part_a.0.options"},
		{"option twice", func(q *Questionnaire) { q.PartA[0].Options[1].ID = "nam" }, "part_a.0.options.1.id"},
		{"on idle", func(q *Questionnaire) { q.OnIdle = "" }, "on_idle"},
		{"method", func(q *Questionnaire) { q.Method = "sipas" }, "method"},
		{"source NFD", func(q *Questionnaire) { q.Source = "Quye\u0302\u0301t" }, "source"},
		{"long source", func(q *Questionnaire) { q.Source = strings.Repeat("x", MaxSource+1) }, "source"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			q := form()
			c.spoil(q)
			_, err := ParseQuestionnaire(encode(t, q))
			mustProblem(t, err, c.path)
		})
	}
}

// mustProblem wants an Invalid error whose only problem is at path, in words.
func mustProblem(t *testing.T, err error, path string) {
	t.Helper()
	e, ok := err.(*slides.Error)
	if !ok || e.Kind != slides.Invalid {
		t.Fatalf("error %v, want a problem at %s", err, path)
	}
	if len(e.Problems) != 1 || e.Problems[0].Path != path || e.Problems[0].Vi == "" || e.Problems[0].En == "" {
		t.Fatalf("problems %+v, want one at %s", e.Problems, path)
	}
}

func TestParseQuestionnaireUnreadable(t *testing.T) {
	cases := []struct {
		name, in string
		kind     slides.ErrKind
	}{
		{"empty", "", slides.Invalid},
		{"not JSON", "<svg/>", slides.Invalid},
		{"wrong type", `{"format":1,"questions":7}`, slides.Invalid},
		{"more after it", `{"format":1} {}`, slides.Invalid},
		{"null", `null`, slides.Invalid},
		{"newer", `{"format":2,"questions":{"now":"a map"}}`, slides.Newer},
		{"large", strings.Repeat(" ", MaxQuestionnaire+1), slides.TooLarge},
	}
	for _, c := range cases {
		_, err := ParseQuestionnaire([]byte(c.in))
		if slides.KindOf(err) != c.kind || slides.Sentence(err, "vi") == "" || slides.Sentence(err, "en") == "" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// Fields that a later minor version adds do not matter.
	b := append([]byte(`{"later":{"x":1},`), encode(t, form())[1:]...)
	if _, err := ParseQuestionnaire(b); err != nil {
		t.Error(err)
	}
}

// The names are the official ones, complete in both languages.
func TestOfficialNames(t *testing.T) {
	for _, f := range append(append([]Factor{}, Factors...), Overall) {
		var p slides.Problems
		FactorNames[f].Check(&p, string(f), true, 100)
		if p.Err("") != nil || FactorNames[f]["en"] == "" {
			t.Errorf("%s: %v", f, FactorNames[f])
		}
	}
	if len(FactorNames) != 6 || len(Factors) != 5 {
		t.Error("five factors and the whole")
	}
	for i, l := range LevelNames {
		var p slides.Problems
		l.Check(&p, "", true, 40)
		if p.Err("") != nil || l["en"] == "" {
			t.Errorf("level %d: %v", i+1, l)
		}
	}
}

func FuzzParseQuestionnaire(f *testing.F) {
	f.Add(encode(f, form()))
	f.Add([]byte(`{"format":2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := ParseQuestionnaire(b)
		if err != nil {
			return
		}
		again, err := ParseQuestionnaire(encode(t, q))
		if err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		var tally Tally
		for _, k := range again.Questions {
			tally.AddAnswer(Answer{k.ID, 4})
		}
		if s, err := ScoreTally(again, &tally, MethodPooled); err != nil || !s.Overall.Known || s.Overall.Value != 100 {
			t.Fatalf("%+v %v", s, err)
		}
	})
}
