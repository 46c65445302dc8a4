package compile

import (
	"testing"

	"motcua/slides"
)

func TestHeaderNamesTheOfficeAboveADesk(t *testing.T) {
	desk := slides.Vi("Bộ phận Tiếp nhận và Trả kết quả")
	s := &Snapshot{Epoch: "e", Units: map[string]Unit{
		"so":  {ID: "so", Name: slides.Vi("Sở Nội vụ"), Short: slides.Vi("SNV"), Office: desk, Zone: "Asia/Ho_Chi_Minh"},
		"bp":  {ID: "bp", Parent: "so", Name: desk, Zone: "Asia/Ho_Chi_Minh"},
		"van": {ID: "van", Parent: "so", Name: slides.Vi("Văn phòng Sở"), Zone: "Asia/Ho_Chi_Minh"},
	}}
	for unit, want := range map[string]string{"so": "Sở Nội vụ", "bp": "Sở Nội vụ", "van": "Văn phòng Sở"} {
		m, err := Compile(s, Class{ID: "c-" + unit, Unit: unit, Audience: slides.Public})
		if err != nil {
			t.Fatal(err)
		}
		if m.Unit["vi"] != want || m.Office["vi"] != desk["vi"] || m.UnitID != unit {
			t.Errorf("%s: header %q / %q of %s, want %q", unit, m.Unit["vi"], m.Office["vi"], m.UnitID, want)
		}
	}
}
