package player_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/kinds"
	"motcua/slides/starter"
)

// newLibrary is a shelf with guides and situations on the air, the starter's
// catalogue and one procedure with every column filled as long as people write.
func newLibrary(t testing.TB) *shelf {
	t.Helper()
	c, err := starter.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := newShelf(t, "nhanh", 0)
	list := &s.manifest.Playlists[0]
	for i := range c.Slides {
		sl := &c.Slides[i]
		if sl.Audience == slides.Internal || sl.Kind == "ticker" || sl.Kind == "image" {
			continue
		}
		b, err := json.Marshal(sl)
		if err != nil {
			t.Fatal(err)
		}
		s.manifest.Slides = append(s.manifest.Slides, slides.SlideRef{ID: sl.ID, Blob: s.keep(b, "application/json")})
		list.Items = append(list.Items, slides.Item{Slide: sl.ID})
	}
	s.manifest.Schedule = []slides.Entry{{ID: "always", Playlist: "all", Zone: "Asia/Ho_Chi_Minh", Start: "2020-01-01T00:00", Priority: slides.Normal}}
	cat, err := catalogue.Parse(c.Catalogue)
	if err != nil {
		t.Fatal(err)
	}
	cat.Procedures = append(cat.Procedures, wholeProcedure())
	b, err := catalogue.Encode(cat)
	if err != nil {
		t.Fatal(err)
	}
	s.manifest.Catalogue = s.keep(b, "application/json")
	return s
}

func wholeProcedure() catalogue.Procedure {
	return catalogue.Procedure{
		Code: "9.999999.H37", Name: slides.Text{"vi": "Thủ tục mẫu để thử màn hình: cấp, cấp lại, điều chỉnh, gia hạn giấy phép hoạt động của cơ sở trợ giúp xã hội ngoài công lập có hoạt động chăm sóc, nuôi dưỡng người khuyết tật, người cao tuổi"},
		Field: slides.Text{"vi": "Bảo trợ xã hội, trẻ em, hỗ trợ nạn nhân", "en": "Social protection, children, support of victims"}, TimeLimit: 10, TimeUnit: catalogue.Workday, Committed: 7,
		TimeNote: slides.Vi("Trường hợp phải thẩm định tại cơ sở: 15 ngày làm việc"), Fee: slides.Vi("Không thu phí"), Where: slides.Vi("Quầy 4 – Bảo trợ xã hội, Bộ phận Tiếp nhận và Trả kết quả"),
		How: slides.Vi("Trực tiếp, trực tuyến hoặc qua bưu chính công ích"), Online: catalogue.Part, Post: true, URL: "https://dichvucong.gov.vn/tim-kiem-thu-tuc?ma=9.999999",
		Unit: slides.Vi("Sở Y tế"), Sets: 1, Who: slides.Vi("Tổ chức, cá nhân thành lập cơ sở"), Result: slides.Vi("Giấy phép hoạt động"),
		Papers: []catalogue.Paper{
			{Name: slides.Vi("Tờ khai đề nghị cấp giấy phép hoạt động (theo mẫu)"), Originals: 1},
			{Name: slides.Vi("Quy chế hoạt động của cơ sở, có xác nhận của cơ quan quản lý trực tiếp"), Originals: 1, Copies: 2},
			{Name: slides.Vi("Danh sách nhân sự kèm bản sao văn bằng, chứng chỉ chuyên môn"), Copies: 1},
			{Name: slides.Vi("Phiếu lý lịch tư pháp số 1 của người đứng đầu"), Waived: true},
			{Name: slides.Vi("Giấy chứng nhận đăng ký doanh nghiệp"), Waived: true},
		},
		Steps:      []slides.Text{slides.Vi("Nộp hồ sơ tại Bộ phận Tiếp nhận và Trả kết quả, hoặc trực tuyến"), slides.Vi("Cơ quan thẩm định hồ sơ và điều kiện hoạt động thực tế tại cơ sở"), slides.Vi("Nhận kết quả")},
		Conditions: slides.Vi("Cơ sở bảo đảm diện tích tối thiểu cho mỗi người, có khu sinh hoạt riêng cho trẻ em và người cao tuổi, đường đi thuận tiện cho người khuyết tật"),
		Basis:      []slides.Text{slides.Vi("Nghị định của Chính phủ về thành lập, tổ chức, hoạt động, giải thể và quản lý các cơ sở trợ giúp xã hội"), slides.Vi("Thông tư hướng dẫn")},
		Forms:      []catalogue.Link{{Name: slides.Vi("Mẫu số 07: Tờ khai đề nghị cấp giấy phép hoạt động"), URL: "https://dichvucong.gov.vn/mau/07"}},
		Samples:    []catalogue.Link{{Name: slides.Vi("Mẫu số 07 đã điền"), URL: "https://dichvucong.gov.vn/mau/07-da-dien"}},
		Related:    []string{"faq-o-xa", "faq-phi-le-phi", "no-such-slide"},
		Source:     "Quyết định mẫu số 00/QĐ-UBND ngày 01/01/2026 của Ủy ban nhân dân tỉnh về công bố danh mục thủ tục hành chính, sửa đổi bổ sung nhiều lần, dùng để thử màn hình",
		ReviewedOn: "2026-03-14",
	}
}

// row is where a code stands in the library's catalogue.
func row(c *player.Content, code string) string {
	for i, p := range c.Procedures.Procedures {
		if p.Code == code {
			return "procedure:" + itoa(i)
		}
	}
	return "procedure:none"
}

func itoa(i int) string {
	b, _ := json.Marshal(i)
	return string(b)
}

func (s *stage) write(text string) {
	for _, r := range text {
		s.do(player.Key{Text: string(r)})
	}
}

// lookupPaths are the ways to the screens of look-up and guides.
func lookupPaths(t testing.TB) map[string]func() *stage {
	lib := newLibrary(t).load(t)
	on := func(targets ...string) func() *stage {
		return func() *stage {
			s := newStage(t, lib)
			s.touch(targets...)
			return s
		}
	}
	out := map[string]func() *stage{
		"home":      on(""),
		"homevoted": on("", "useful:yes"),
		"lookup":    on("", "tile:lookup"),
		"byunit":    on("", "tile:lookup", "by:unit"),
		"list":      on("", "tile:lookup", "group:1"),
		"listend":   on("", "tile:lookup", "group:1", "from:24"),
		"search":    on("", "tile:lookup", "type"),
		"guides":    on("", "tile:guides"),
		"qrbig":     func() *stage { s := newStage(t, lib); s.qr(); return s },
	}
	for name, typed := range map[string]string{"found": "cap lai giay phep lao dong", "typo": "giay phap lao dong", "near": "nguoi co cong that lac giay to", "nothing": "hộ chiếu"} {
		out[name] = func() *stage {
			s := on("", "tile:lookup", "type")()
			s.write(typed)
			return s
		}
	}
	whole := len(lib.Procedures.Procedures) - 1
	for n := range 6 {
		out["whole"+itoa(n)] = func() *stage {
			s := on("", "tile:lookup", "type")()
			s.write("thủ tục mẫu")
			s.touch("procedure:" + itoa(whole))
			s.touch("leaf:" + itoa(n))
			return s
		}
	}
	out["procedure"] = on("", "tile:lookup", "group:0", row(lib, "1.014200"))
	out["waived"] = on("", "tile:lookup", "group:0", row(lib, "1.000479"))
	out["form"] = on("", "tile:lookup", "group:2", "procedure:"+itoa(whole), "form:0")
	out["faq"] = on("", "tile:lookup", "group:0", row(lib, "1.014200"), "slide:faq-lao-dong-nuoc-ngoai")
	for _, id := range []string{"guide-nop-truc-tuyen-2022", "guide-mot-cua-2025", "guide-dang-nhap-vneid", "guide-can-bo-phuc-vu"} {
		out[strings.ReplaceAll(id, "-", "_")] = on("", "tile:guides", "slide:"+id)
	}
	out["codeguide"] = on("", "tile:guides", "slide:guide-nop-truc-tuyen-2022", "qr:body.qr")
	return out
}

// A procedure that was looked up can be rated from its page, also where its
// page has no code; where there is no questionnaire nothing is offered.
func TestAProcedureIsRatedFromItsPage(t *testing.T) {
	lib := newLibrary(t).load(t)
	s := newStage(t, lib)
	s.touch("", "tile:lookup", "group:0", row(lib, "1.014200"))
	if !s.says("Đánh giá thủ tục này") {
		t.Error("no way to rate it")
	}
	s.touch("rate")
	s.view(player.ViewRate)
	s.touch("back")
	s.view(player.ViewProcedure)
	s.touch("rate", "rate:5")
	if len(s.saves) != 1 || s.saves[0].Rating.Procedure != "1.014200" {
		t.Fatalf("%+v", s.saves)
	}
	bare := *lib
	bare.Surveys = nil
	s = newStage(t, &bare)
	s.touch("", "tile:lookup", "group:0", row(lib, "1.014200"), "rate")
	if s.view(player.ViewProcedure); s.says("Đánh giá thủ tục này") {
		t.Error("offers what it has not")
	}
}

// qr waits for a slide with a code and touches it.
func (s *stage) qr() {
	for range 400 {
		if c := s.st.Content; c.Slides[s.st.Showing.Slide] != nil {
			if b, err := kinds.Parse(c.Slides[s.st.Showing.Slide]); err == nil && kinds.QRAt(b, "body.qr") != nil {
				break
			}
		}
		s.pass(3 * time.Second)
	}
	s.touch("qr:body.qr")
}
