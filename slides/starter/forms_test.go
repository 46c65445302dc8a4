package starter

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/scene"
	"motcua/slides/survey"
)

func TestQuestionnaires(t *testing.T) {
	c := load(t)
	if len(c.Forms) != 3 || c.Forms[0].ID != "nhanh" || c.Form("daydu") == nil || c.Form("none") != nil {
		t.Fatal("the forms are not nhanh, rutgon, daydu")
	}
	want := map[string]int{"nhanh": 1, "rutgon": 5, "daydu": 19}
	for _, f := range c.Forms {
		q, err := survey.ParseQuestionnaire(f.Bytes)
		if err != nil {
			t.Errorf("%s: %v", f.ID, err)
			continue
		}
		if q.ID != f.ID || len(q.Questions) != want[f.ID] || !survey.KnownMethod(q.Method) || q.Source == "" {
			t.Errorf("%s: id %s, %d questions, method %s", f.ID, q.ID, len(q.Questions), q.Method)
		}
		n := map[survey.Factor]int{}
		for _, k := range q.Questions {
			n[k.Factor]++
			if !k.NA {
				t.Errorf("%s.%s: “Không áp dụng” must be allowed", f.ID, k.ID)
			}
		}
		for i, factor := range survey.Factors {
			switch f.ID {
			case "rutgon":
				if n[factor] != 1 || !strings.HasPrefix(q.Questions[i].Text["vi"], survey.FactorNames[factor]["vi"]) {
					t.Errorf("rutgon: question %d must bear the official name of %s", i, factor)
				}
			case "daydu": // 4 + 4 + 5 + 3 + 3
				if n[factor] != []int{4, 4, 5, 3, 3}[i] {
					t.Errorf("daydu: %d statements of %s", n[factor], factor)
				}
			}
		}
		if f.ID == "nhanh" && (len(q.Tags) < 5 || q.TagsUpTo != 3) {
			t.Error("nhanh asks for reasons after a low answer")
		}
		if f.ID == "daydu" && len(q.PartA) == 0 {
			t.Error("daydu has Phần A")
		}
	}
}

func TestCatalogueIsForReference(t *testing.T) {
	c := load(t)
	cat, err := catalogue.Parse(c.Catalogue)
	if err != nil {
		t.Fatal(err)
	}
	slide := byID(c)
	if len(cat.Procedures) < 40 {
		t.Errorf("%d procedures, want 40", len(cat.Procedures))
	}
	for _, p := range cat.Procedures {
		if !p.Reference || p.ReviewedOn != "" {
			t.Errorf("%s: nobody of the unit has confirmed it", p.Code)
		}
		if got, err := catalogue.NormaliseCode(p.Code); err != nil || got != p.Code {
			t.Errorf("%s: %v", p.Code, err)
		}
		for _, id := range p.Related {
			if s := slide[id]; s == nil || s.Kind != "faq" {
				t.Errorf("%s: %s is no situation", p.Code, id)
			}
		}
		if err := scene.AllowedURL(p.URL, c.Office.Hosts); err != nil {
			t.Errorf("%s: %v", p.Code, err)
		}
		// Two decisions print two codes for it: it must not be used.
		if strings.Contains(p.Name["vi"], "dân công hỏa tuyến") {
			t.Errorf("%s: the sources disagree on its code", p.Code)
		}
	}
}

// A procedure's slide says the same as the catalogue.
func TestProcedureSlidesAgreeWithTheCatalogue(t *testing.T) {
	c := load(t)
	cat, err := catalogue.Parse(c.Catalogue)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Slides {
		if s.Kind != "procedure" {
			continue
		}
		var b struct {
			Code        string
			Name, Field slides.Text
			TimeLimit   slides.Text `json:"time_limit"`
			Reference   bool
		}
		if err := json.Unmarshal(s.Body, &b); err != nil {
			t.Fatal(err)
		}
		row := cat.Find(b.Code)
		if row == nil {
			t.Errorf("%s: %s is not in the catalogue", s.ID, b.Code)
			continue
		}
		x, _ := json.Marshal([]any{b.Name, b.Field, b.TimeLimit, b.Reference, s.Source})
		y, _ := json.Marshal([]any{row.Name, row.Field, row.TimeText(), row.Reference, row.Source})
		if !bytes.Equal(x, y) {
			t.Errorf("%s:\n slide     %s\n catalogue %s", s.ID, x, y)
		}
	}
}
