package kinds_test

import (
	"strings"
	"testing"

	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

// design is the size in design pixels of the first line that starts with text.
func design(t *testing.T, b kinds.Body, kind, text string, w, h int, scale float32) float32 {
	t.Helper()
	f := frame()
	f.Scale = scale
	s := slide(kind, string(kinds.MustJSON(b)))
	sc := kinds.Compose(s, b, f, faces(t), w, h)
	if len(sc.Overflows) > 0 {
		t.Fatalf("%s at %d×%d ×%v: %v", kind, w, h, scale, sc.Overflows)
	}
	unit := float32(min(w, h)) / 1080
	size := float32(0)
	for _, op := range sc.Ops {
		g, ok := op.(scene.Glyphs)
		if !ok {
			continue
		}
		if g.Size > 97*unit {
			t.Errorf("%s: %q is set at %v, more than a title's", kind, g.Text, g.Size/unit)
		}
		if size == 0 && strings.HasPrefix(g.Text, text) {
			size = g.Size / unit
		}
	}
	if size == 0 {
		t.Fatalf("%s does not say %q", kind, text)
	}
	return size
}

// TestShortTextsGrow: a text of a few words is set larger than designed, within
// bounds, and larger again at the reader's wish; a long one stays as designed.
func TestShortTextsGrow(t *testing.T) {
	many := func(s string, n int) string { return strings.TrimSpace(strings.Repeat(s+" ", n)) }
	qr := &kinds.QR{URL: "https://dichvucong.gov.vn"}
	step := func(title, text string) kinds.Step { return kinds.Step{Title: slides.Vi(title), Text: slides.Vi(text)} }
	var steps []kinds.Step
	for range 6 {
		steps = append(steps, step("Nộp hồ sơ", "Xem "+many("điền biểu mẫu, đính kèm ảnh giấy tờ,", 3)))
	}
	var points []slides.Text
	for range 3 {
		points = append(points, slides.Vi("Xem "+many("người dân nộp hồ sơ và nhận kết quả,", 3)))
	}
	for _, x := range []struct {
		kind        string
		short, long kinds.Body
		usual, most float32 // design sizes of the text that starts with "Xem", as designed and enlarged
	}{
		{
			"faq", &kinds.FAQ{Question: slides.Vi("Nộp ở đâu?"), Answer: slides.Vi("Xem tại quầy, hỏi cán bộ.")},
			&kinds.FAQ{Question: slides.Vi(many("Tôi có thể nộp hồ sơ không?", 6)), Answer: slides.Vi("Xem " + many("nộp hồ sơ trực tuyến, nhận kết quả ở nhà,", 13)), QR: qr}, 44, 57.3,
		},
		{
			"guide", &kinds.Guide{Title: slides.Vi("Ba bước"), Steps: []kinds.Step{step("Hỏi", "Xem bảng."), step("Nộp", "Đưa giấy tờ."), step("Nhận", "Đúng hẹn.")}},
			&kinds.Guide{Title: slides.Vi("Sáu bước nộp hồ sơ"), Steps: steps, QR: qr}, 38, 52.1,
		},
		{
			"notice", &kinds.Notice{Title: slides.Vi("Một cửa"), Number: "1/KH", Issuer: slides.Vi("Chính phủ"), Points: []slides.Text{slides.Vi("Xem tại quầy.")}},
			&kinds.Notice{Title: slides.Vi(many("Thực hiện cơ chế một cửa", 5)), Number: "1/KH", Issuer: slides.Vi("Chính phủ"), Points: points, QR: qr}, 35, 49.4,
		},
		{
			"procedure", &kinds.Procedure{Code: "1.014200", Name: slides.Vi("Cấp lại giấy phép"), Field: slides.Vi("Việc làm"), Fee: slides.Vi("Xem tại quầy")},
			&kinds.Procedure{
				Code: "1.014200", Name: slides.Vi(many("Cấp lại giấy phép lao động cho người nước ngoài", 5)), Field: slides.Vi("Việc làm"),
				TimeLimit: slides.Vi("03 ngày làm việc"), Where: slides.Vi(many("Quầy 2, lao động,", 6)), How: slides.Vi(many("trực tiếp, trực tuyến,", 5)), Fee: slides.Vi("Xem tại quầy"), Online: "full", QR: qr,
			}, 37, 53.7,
		},
	} {
		for _, size := range [][2]int{{1920, 1080}, {1080, 1920}} {
			w, h := size[0], size[1]
			got, large := design(t, x.short, x.kind, "Xem", w, h, 1), design(t, x.short, x.kind, "Xem", w, h, 1.3)
			if got < x.usual*1.2 || got > x.most {
				t.Errorf("%s at %v: short text is set at %v, want about %v", x.kind, size, got, x.most)
			}
			if large < got*1.15 {
				t.Errorf("%s at %v: %v at the largest text size, %v at the usual one", x.kind, size, large, got)
			}
			long := design(t, x.long, x.kind, "Xem", w, h, 1)
			if long < scene.Floor || long > x.usual+0.1 {
				t.Errorf("%s at %v: long text is set at %v, designed at %v", x.kind, size, long, x.usual)
			}
		}
	}
}
