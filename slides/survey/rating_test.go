package survey

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"motcua/slides"
)

var hanoi = zone("Asia/Ho_Chi_Minh")

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

func given() *Rating {
	return &Rating{
		Questionnaire: "thu", Version: 3, Unit: "so-noi-vu", Kiosk: "ki-ot-1", Counter: "quay-2", Procedure: "1.000105.000.00.00.H37",
		Channel: AtKiosk, Lang: "vi", Hour: slides.At(time.Date(2023, 3, 8, 9, 0, 0, 0, hanoi)), Clock: Synced,
		Answers: []Answer{{"q1", NotApplicable}, {"q2", 5}, {"q3", 2}}, Tags: []string{"kho-hieu"}, Took: 4200,
		Shown: strings.Repeat("0f", 32),
	}
}

func TestCheckRating(t *testing.T) {
	if err := CheckRating(form(), given(), hanoi); err != nil {
		t.Fatal(err)
	}
	fine := map[string]func(r *Rating){
		"partial without answers": func(r *Rating) { r.Answers, r.Tags, r.Partial = nil, nil, true },
		"only not applicable":     func(r *Rating) { r.Answers, r.Tags = r.Answers[:1], nil },
		"phone without kiosk":     func(r *Rating) { r.Channel, r.Kiosk, r.Counter, r.Procedure, r.Shown = OnPhone, "", "", "", "" },
		"clock never set":         func(r *Rating) { r.Clock, r.Hour = Doubtful, 0 },
		"clock before 1970":       func(r *Rating) { r.Clock, r.Hour = Doubtful, -3_600_000 },
		"clock far off":           func(r *Rating) { r.Clock, r.Hour = Doubtful, lastHour+3_600_000 },
		"Tày":                     func(r *Rating) { r.Lang = "tyz" },
	}
	for name, change := range fine {
		r := given()
		change(r)
		if err := CheckRating(form(), r, hanoi); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	cases := []struct {
		name  string
		spoil func(r *Rating)
		path  string
	}{
		{"other questionnaire", func(r *Rating) { r.Questionnaire = "khac" }, "questionnaire"},
		{"other version", func(r *Rating) { r.Version = 4 }, "questionnaire"},
		{"no unit", func(r *Rating) { r.Unit = "" }, "unit"},
		{"no kiosk", func(r *Rating) { r.Kiosk = "" }, "kiosk"},
		{"kiosk's name", func(r *Rating) { r.Kiosk = "Ki-ốt 1" }, "kiosk"},
		{"phone's kiosk", func(r *Rating) { r.Channel, r.Kiosk = OnPhone, "../x" }, "kiosk"},
		{"counter", func(r *Rating) { r.Counter = "Quầy 1" }, "counter"},
		{"procedure", func(r *Rating) { r.Procedure = "1.000 105" }, "procedure"},
		{"procedure with a Kelvin sign", func(r *Rating) { r.Procedure = "1.\u212a" }, "procedure"},
		{"channel", func(r *Rating) { r.Channel = "web" }, "channel"},
		{"no language", func(r *Rating) { r.Lang = "" }, "lang"},
		{"language", func(r *Rating) { r.Lang = "Tiếng Việt" }, "lang"},
		{"clock", func(r *Rating) { r.Clock = "good" }, "clock"},
		{"no hour", func(r *Rating) { r.Hour = 0 }, "hour"},
		{"too late", func(r *Rating) { r.Hour = lastHour }, "hour"},
		{"minute", func(r *Rating) { r.Hour += 60_000 }, "hour"},
		{"millisecond", func(r *Rating) { r.Hour-- }, "hour"},
		{"took back", func(r *Rating) { r.Took = -1 }, "took_ms"},
		{"took days", func(r *Rating) { r.Took = MaxTook.Milliseconds() + 1 }, "took_ms"},
		{"shown", func(r *Rating) { r.Shown = "abc" }, "shown"},
		{"no answer", func(r *Rating) { r.Answers, r.Tags = nil, nil }, "answers"},
		{"unknown question", func(r *Rating) { r.Answers[1].Question = "q9" }, "answers.1.q"},
		{"no question", func(r *Rating) { r.Answers = append(r.Answers, Answer{"chung", 3}, Answer{"chung", 3}) }, "answers.4.q"},
		{"level 6", func(r *Rating) { r.Answers[1].Level = 6 }, "answers.1.a"},
		{"level -1", func(r *Rating) { r.Answers[1].Level = -1 }, "answers.1.a"},
		{"not applicable not offered", func(r *Rating) { r.Answers[1].Level = NotApplicable }, "answers.1.a"},
		{"unknown tag", func(r *Rating) { r.Tags[0] = "x" }, "tags.0"},
		{"tag twice", func(r *Rating) { r.Tags = []string{"cho-lau", "cho-lau"} }, "tags.1"},
		{"tag without a low answer", func(r *Rating) { r.Answers = []Answer{{"q1", NotApplicable}, {"q2", 3}} }, "tags"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := given()
			c.spoil(r)
			mustProblem(t, CheckRating(form(), r, hanoi), c.path)
		})
	}
	many := given()
	for range 1000 {
		many.Answers = append(many.Answers, Answer{"x", 9})
		many.Tags = append(many.Tags, "x")
	}
	if CheckRating(form(), many, hanoi) == nil {
		t.Error("1000 answers pass")
	}
}

// A half-hour zone has other whole hours.
func TestHourIsTheZones(t *testing.T) {
	r := given()
	r.Hour = slides.At(time.Date(2023, 3, 8, 9, 0, 0, 0, zone("Asia/Kolkata")))
	if err := CheckRating(form(), r, zone("Asia/Kolkata")); err != nil {
		t.Error(err)
	}
	if CheckRating(form(), r, hanoi) == nil {
		t.Error("half past passes for a whole hour")
	}
	r.Hour = slides.At(time.Date(2023, 3, 8, 9, 0, 0, 0, time.UTC))
	if err := CheckRating(form(), r, nil); err != nil {
		t.Error(err)
	}
}

func TestHourOf(t *testing.T) {
	// Lord Howe Island puts its clock back by half an hour at 2:00: the hour
	// that begins at 1:00 lasts 90 minutes.
	howe := zone("Australia/Lord_Howe")
	one := slides.At(time.Date(2023, 4, 2, 1, 0, 0, 0, howe))
	if got := HourOf(one+80*60_000, howe); got != one {
		t.Errorf("hour begins %v", got.Time().In(howe))
	}
	zones := []*time.Location{nil, time.UTC, hanoi, howe, zone("Asia/Kolkata"), zone("Asia/Kathmandu"), zone("America/New_York")}
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.SampledFrom(zones).Draw(t, "zone")
		m := slides.Millis(rapid.Int64Range(-1e12, 4e12).Draw(t, "m"))
		h := HourOf(m, z)
		if h > m || m-h >= 2*3_600_000 || HourOf(h, z) != h {
			t.Fatalf("HourOf(%d) = %d", m, h)
		}
		r := given()
		r.Clock, r.Hour = Doubtful, h
		if err := CheckRating(form(), r, z); err != nil {
			t.Fatal(err)
		}
	})
}

func TestParseRating(t *testing.T) {
	r, err := ParseRating(encode(t, given()))
	if err != nil || CheckRating(form(), r, hanoi) != nil {
		t.Fatal(err)
	}
	text := string(encode(t, given()))
	for name, in := range map[string]string{
		"answer without level":    strings.Replace(text, `{"q":"q1","a":0}`, `{"q":"q1"}`, 1),
		"answer without question": strings.Replace(text, `{"q":"q1","a":0}`, `{"a":1}`, 1),
		"half a level":            strings.Replace(text, `"a":5`, `"a":4.5`, 1),
		"level in words":          strings.Replace(text, `"a":5`, `"a":"5"`, 1),
		"level null":              strings.Replace(text, `"a":5`, `"a":null`, 1),
		"level 6":                 strings.Replace(text, `"a":5`, `"a":6`, 1),
		"null":                    "null",
		"empty":                   "",
	} {
		if in == text {
			t.Fatalf("%s: the sample does not change", name)
		}
		if _, err := ParseRating([]byte(in)); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseRating([]byte(text + strings.Repeat(" ", MaxRating))); slides.KindOf(err) != slides.TooLarge {
		t.Errorf("large: %v", err)
	}
	if _, err := ParseRating([]byte(`{"later":1,` + text[1:])); err != nil {
		t.Errorf("a field of later: %v", err)
	}
}

func TestPartA(t *testing.T) {
	q := form()
	for _, ok := range []PartA{nil, {}, {"gioi": "nu"}} {
		if err := CheckPartA(q, ok); err != nil {
			t.Error(err)
		}
	}
	mustProblem(t, CheckPartA(q, PartA{"gioi": "khac"}), "gioi")
	mustProblem(t, CheckPartA(q, PartA{"gioi": "nam", "ten": "A"}), "")
	if a, err := ParsePartA([]byte(`{"gioi":"nam"}`)); err != nil || a["gioi"] != "nam" {
		t.Error(err)
	}
	if _, err := ParsePartA([]byte(`{"gioi":1}`)); slides.KindOf(err) != slides.Invalid {
		t.Error(err)
	}
}

func TestMomentAndFreeText(t *testing.T) {
	if m, err := ParseMoment([]byte(`{"at":1678243200123,"offset":-250}`)); err != nil || m.At != 1678243200123 || m.Offset != -250 {
		t.Error(m, err)
	}
	for _, in := range []string{"", "{}", `{"at":-1}`, `{"at":9223372036854775807}`, `{"at":1,"offset":-9223372036854775808}`} {
		if _, err := ParseMoment([]byte(in)); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%s: %v", in, err)
		}
	}
	longest := FreeText{strings.Repeat("ộ", MaxFreeText)}
	if f, err := ParseFreeText(encode(t, longest)); err != nil || *f != longest {
		t.Error(err)
	}
	for name, s := range map[string]string{"empty": "", "blank": " \n", "long": longest.Text + "x", "NFD": "Ca\u0309m ơn", "bell": "a\x07b", "outer blank": " a"} {
		f := FreeText{s}
		mustProblem(t, f.Check(), "text")
		if _, err := ParseFreeText(encode(t, f)); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseRating(f *testing.F) {
	f.Add(encode(f, given()))
	f.Fuzz(func(t *testing.T, b []byte) {
		ParsePartA(b)
		ParseMoment(b)
		ParseFreeText(b)
		r, err := ParseRating(b)
		if err != nil {
			return
		}
		if _, err := ParseRating(encode(t, r)); err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		if CheckRating(form(), r, hanoi) == nil {
			var tally Tally
			tally.Add(r)
			if _, err := ScoreTally(form(), &tally, ""); err != nil {
				t.Fatal(err)
			}
		}
	})
}
