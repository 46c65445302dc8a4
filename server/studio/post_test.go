package studio

import (
	"testing"

	"motcua/slides"
	"motcua/slides/kinds"
)

func TestPostText(t *testing.T) {
	s := &slides.Slide{
		Title: slides.Vi("Nộp hồ sơ trực tuyến"), Document: &slides.DocumentRef{Number: "61/2018/NĐ-CP", Issuer: "Chính phủ"}, Source: "Cổng Dịch vụ công",
	}
	for name, c := range map[string]struct {
		body kinds.Body
		want string
	}{
		"guide": {&kinds.Guide{
			Title: slides.Vi("Nộp hồ sơ trực tuyến"), Steps: []kinds.Step{{Title: slides.Vi("Tài khoản"), Text: slides.Vi("Mở VNeID")}, {Title: slides.Vi("Đăng\nnhập")}},
			QR: &kinds.QR{URL: "https://dichvucong.gov.vn", Caption: slides.Vi("Quét để bắt đầu")},
		}, "Nộp hồ sơ trực tuyến\n• Tài khoản: Mở VNeID\n• Đăng nhập\n\nQuét để bắt đầu: https://dichvucong.gov.vn\n\n61/2018/NĐ-CP Chính phủ\n\nCổng Dịch vụ công"},
		"news": {
			&kinds.News{Title: slides.Vi("Tin"), Text: slides.Vi("Tóm tắt."), QR: &kinds.QR{URL: "https://langson.gov.vn/1"}},
			"Nộp hồ sơ trực tuyến\n\nTin\n\nTóm tắt.\nhttps://langson.gov.vn/1\n\n61/2018/NĐ-CP Chính phủ\n\nCổng Dịch vụ công",
		},
	} {
		if got := postOf(s, c.body, "vi"); got != c.want {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, c.want)
		}
	}
}
