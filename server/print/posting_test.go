package print

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/scene"
)

// lengthy is a procedure with every column filled, at length.
func lengthy(n int) catalogue.Procedure {
	p := catalogue.Procedure{
		Code: fmt.Sprintf("1.%06d", n), Name: slides.Text{"vi": "Cấp lại giấy phép lao động cho người lao động nước ngoài làm việc tại Việt Nam theo hợp đồng đào tạo, nâng cao năng lực và tập nghề", "en": "Reissue of a work permit for foreign workers in Viet Nam"},
		Field: slides.Text{"vi": "Việc làm", "en": "Employment"}, TimeLimit: 10, TimeUnit: catalogue.Workday, TimeNote: slides.Vi("Từ chối: 03 ngày làm việc"), Committed: 7, Reference: true,
		Fee: slides.Vi("600.000 đồng/giấy phép theo Nghị quyết của Hội đồng nhân dân tỉnh"), Where: slides.Vi("Trung tâm Phục vụ hành chính công tỉnh, quầy 2"), How: slides.Vi("Trực tiếp, trực tuyến hoặc qua bưu điện"),
		Online: catalogue.Full, Post: true, URL: "https://dichvucong.gov.vn/tim-kiem-thu-tuc-hanh-chinh?keyword=1.014200", Unit: slides.Vi("Sở Nội vụ"),
		Who: slides.Vi("Người sử dụng lao động là doanh nghiệp, tổ chức, cá nhân"), Result: slides.Vi("Giấy phép lao động"), Conditions: slides.Vi("Người lao động đủ 18 tuổi, có sức khỏe, không có án tích."), Sets: 1,
		Source: "QĐ 1513/QĐ-UBND ngày 22/11/2025", From: "2025-11-20", ReviewedOn: "2026-03-01",
		Basis: []slides.Text{slides.Vi("Nghị định số 219/2025/NĐ-CP của Chính phủ"), slides.Vi("Bộ luật Lao động năm 2019")},
		Forms: []catalogue.Link{{Name: slides.Vi("Mẫu số 03"), URL: "https://dichvucong.gov.vn/mau-so-03.docx"}},
	}
	for i := range 14 {
		p.Papers = append(p.Papers, catalogue.Paper{Name: slides.Vi(fmt.Sprintf("Giấy tờ thứ %d: bản sao có chứng thực giấy phép lao động đã được cấp còn thời hạn, trừ trường hợp bị mất theo quy định", i+1)), Originals: 1, Copies: i % 3})
	}
	for i := range 8 {
		p.Steps = append(p.Steps, slides.Vi(fmt.Sprintf("Bước %d: người sử dụng lao động nộp hồ sơ tại Trung tâm Phục vụ hành chính công hoặc trên Cổng Dịch vụ công quốc gia, cán bộ tiếp nhận kiểm tra tính đầy đủ.", i+1)))
	}
	return p
}

func sheetOf(ps ...catalogue.Procedure) *Posting {
	return &Posting{Frame: frame(), Mark: "1a2b3c4d", At: time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC), Field: "Việc làm", List: ps}
}

// whole checks that nothing of a sheet is cut, and that nothing of its content
// runs into the foot.
func whole(t *testing.T, list []*scene.Scene) {
	t.Helper()
	for n, s := range list {
		if len(s.Overflows)+len(s.Missing) > 0 {
			t.Errorf("page %d: %v %v", n+1, s.Overflows, s.Missing)
		}
		screen := scene.Rect{W: float32(s.W), H: float32(s.H)}
		bottom := float32(0)
		for _, op := range s.Ops {
			if g, ok := op.(scene.Glyphs); ok {
				if !screen.Contains(g.Ink) {
					t.Errorf("page %d: %q leaves the sheet", n+1, g.Text)
				}
				if !strings.HasPrefix(g.Text, "Bản niêm yết") && !strings.HasPrefix(g.Text, "Trang ") && !strings.HasPrefix(g.Text, "Sheet ") && !strings.HasPrefix(g.Text, "Page ") {
					bottom = max(bottom, g.Ink.Bottom())
				}
			}
		}
		if bottom > float32(s.H)-float32(pageFoot)*float32(s.W)/1080*0.9 && s.H > s.W {
			t.Errorf("page %d: the text runs into the foot: %v of %d", n+1, bottom, s.H)
		}
	}
}

// A sheet says all of a procedure on as many pages as it needs.
func TestPostingOfOne(t *testing.T) {
	faces, ttf := family(t)
	for _, lang := range []string{"vi", "en"} {
		for _, p := range []catalogue.Procedure{lengthy(1), {Code: "1.010803", Name: slides.Vi("Giải quyết chế độ trợ cấp thờ cúng liệt sĩ"), Field: slides.Vi("Người có công"), Source: "QĐ 3783/QĐ-UBND"}} {
			t.Run(lang+p.Code, func(t *testing.T) {
				s := sheetOf(p)
				s.Field = ""
				s.Frame.Lang = lang
				list := s.One(A4, faces)
				whole(t, list)
				if long := len(p.Papers) > 0; long != (len(list) > 1) || len(list) > 5 {
					t.Errorf("%d pages", len(list))
				}
				pdf := write(t, A4, ttf, list...)
				if n := len(pages(t, pdf, 1080)); n != len(list) {
					t.Errorf("%d pages of %d", n, len(list))
				}
				said := strings.Join(strings.Fields(tell(t, "pdftotext", pdf)), " ")
				for _, want := range append([]string{p.Code, "1a2b3c4d", p.Source[:9]}, p.Fee["vi"]) {
					if !strings.Contains(said, want) {
						t.Errorf("%q is not on the sheet: %s", want, said)
					}
				}
				for i := range p.Papers {
					if !strings.Contains(said, fmt.Sprintf("Giấy tờ thứ %d:", i+1)) {
						t.Errorf("paper %d is lost", i+1)
					}
				}
			})
		}
	}
}

// A field's list has every procedure once, and its head on every page.
func TestPostingOfAField(t *testing.T) {
	faces, ttf := family(t)
	var ps []catalogue.Procedure
	for i := range 12 {
		p := lengthy(i)
		if i%3 == 1 {
			p.URL, p.Committed = "", 0
			p.Name = slides.Vi("Dừng trợ giúp xã hội tại cơ sở trợ giúp xã hội")
		}
		ps = append(ps, p)
	}
	for _, paper := range []Paper{A4, A3} {
		t.Run(paper.Name, func(t *testing.T) {
			list := sheetOf(ps...).All(paper, faces)
			whole(t, list)
			if len(list) < 2 || len(list) > 4 {
				t.Errorf("%d pages", len(list))
			}
			pdf := write(t, paper, ttf, list...)
			if n := len(pages(t, pdf, 1527)); n != len(list) {
				t.Errorf("%d pages of %d", n, len(list))
			}
			said := tell(t, "pdftotext", pdf)
			for i := range ps {
				if strings.Count(said, ps[i].Code) != 1 {
					t.Errorf("%s is there %d times", ps[i].Code, strings.Count(said, ps[i].Code))
				}
			}
			if n := strings.Count(said, "Lĩnh vực Việc làm"); n != len(list) {
				t.Errorf("the head is on %d of %d pages", n, len(list))
			}
		})
	}
}

func TestTooManyPagesAreRefused(t *testing.T) {
	err := Write(nil, &Document{Paper: A4, Pages: make([]*scene.Scene, maxPages+1)})
	if slides.KindOf(err) != slides.TooLarge {
		t.Error(err)
	}
}
