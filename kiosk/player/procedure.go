package player

import (
	"fmt"
	"slices"
	"strings"

	domain "motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/scene"
)

// ViewProcedure is one procedure with all that the catalogue says of it.
const ViewProcedure View = "procedure"

// procedure is a row of the catalogue, read leaf by leaf.
type procedure struct {
	content *Content
	row     int
	leaf    int
	useful  useful
}

func (n *step) openProcedure(c *Content, row int) {
	if c.Procedures != nil && row < len(c.Procedures.Procedures) {
		n.open(procedure{content: c, row: row, useful: useful{procedure: c.Procedures.Procedures[row].Code}})
	}
}

func (procedure) view() View { return ViewProcedure }

func (p procedure) of() *catalogue.Procedure { return &p.content.Procedures.Procedures[p.row] }

func (p procedure) touch(n *step, name, arg string) {
	if u, ok := p.useful.touched(n, name, arg); ok {
		p.useful = u
		n.replace(p)
		return
	}
	of := p.of()
	switch i, ok := number(arg); {
	case name == "leaf" && ok:
		p.leaf = i
		n.turn(p)
	case name == "slide" && slices.Contains(of.Related, arg):
		n.openSlide(p.content, arg)
	case name == "rate":
		n.ask(concern{procedure: of.Code})
	case name == "form" && ok && i < len(p.links()):
		l := p.links()[i]
		n.open(code{content: p.content, url: l.URL, caption: l.Name})
	case name == "qr" && of.URL != "":
		n.open(code{content: p.content, url: of.URL, caption: of.Name})
	}
}

// links are the documents to fetch, by what they are.
func (p procedure) links() []catalogue.Link {
	of := p.of()
	return slices.Concat(of.Forms, of.Samples, of.Videos)
}

func (p procedure) likely(s State) []Still {
	p.leaf++
	out := []Still{p.still(s)}
	if s.form() != nil {
		out = append(out, s.likelyRating()[0])
	}
	return out
}

func (p procedure) still(s State) Still {
	s.View = ViewProcedure // drawn ahead, too
	of := p.of()
	rates := s.form() != nil
	key := strings.Join([]string{"procedure", of.Code, fmt.Sprint(p.leaf, rates), p.useful.key()}, "\x00")
	return s.screen(p.content, key, func(c *scene.Canvas) {
		l := leaflet{
			over: c.Say("Lĩnh vực ", "Field: ") + c.T(of.Field) + c.Say(" · mã ", " · code ") + of.Code, title: c.T(of.Name), facts: p.facts(c),
			source: c.Say("Nguồn: ", "Source: ") + of.Source + "\n" + reviewed(c, of), leaf: p.leaf, useful: p.useful,
		}
		if rates {
			l.act = scene.Button{Name: "rate", Label: c.Say("Đánh giá thủ tục này", "Rate this procedure"), Icon: scene.IconSmile}
		}
		if of.URL != "" {
			l.code = &scene.QRSpec{URL: of.URL, Caption: c.Say("Nộp, tra cứu trực tuyến", "Apply or look up online"), Path: "body.qr"}
		}
		l.draw(c)
	})
}

func reviewed(c *scene.Canvas, of *catalogue.Procedure) string {
	if t, err := of.ReviewedOn.Time(); err == nil {
		return c.Say("Rà soát lần cuối ", "Last reviewed ") + scene.Date(t, c.Frame.Lang)
	}
	return c.Say("Đơn vị chưa rà soát", "Not yet reviewed by the office")
}

// facts are what there is to say, what people ask for most first.
func (p procedure) facts(c *scene.Canvas) []fact {
	of := p.of()
	var out []fact
	say := func(vi, en string, t domain.Text) {
		if v := c.T(t); v != "" {
			out = append(out, fact{label: c.Say(vi, en), value: v})
		}
	}
	each := func(vi, en string, n int, value func(i int) (v, aside string)) {
		label := c.Say(vi, en)
		for i := range n {
			v, aside := value(i)
			out = append(out, fact{label: label, value: v, aside: aside, bullet: n > 1})
			label = ""
		}
	}
	var bring, waived []catalogue.Paper
	for _, d := range of.Papers {
		if d.Waived {
			waived = append(waived, d)
		} else {
			bring = append(bring, d)
		}
	}
	each("Giấy tờ cần mang", "What to bring", len(bring), func(i int) (string, string) { return c.T(bring[i].Name), c.T(bring[i].Count()) })
	if len(bring) == 0 {
		say("Giấy tờ cần mang", "What to bring", domain.Text{"vi": "Máy chưa có danh mục, xin hỏi tại quầy", "en": "No list is held here: please ask at the desk"})
	}
	each("Không phải nộp nữa", "No longer needed", len(waived), func(i int) (string, string) {
		return c.T(waived[i].Name), c.Say("cơ quan tự tra cứu dữ liệu", "the office looks it up")
	})
	if of.Sets > 0 {
		say("Số bộ hồ sơ", "Sets of papers", domain.Text{"vi": fmt.Sprintf("%02d bộ", of.Sets), "en": fmt.Sprint(of.Sets)})
	}
	out = append(out, p.times(c)...)
	say("Phí, lệ phí", "Fee", of.Fee)
	say("Nơi nộp", "Where", of.Where)
	say("Cách nộp", "How", of.How)
	say("Trực tuyến", "Online", onlineWords[of.Online])
	if of.Post {
		say("Bưu chính công ích", "By public post", domain.Text{"vi": "Nộp hồ sơ và nhận kết quả qua bưu điện được", "en": "Papers and result may go by post"})
	}
	say("Cơ quan giải quyết", "Decided by", of.Unit)
	say("Ai làm thủ tục", "For whom", of.Who)
	say("Kết quả", "Result", of.Result)
	say("Yêu cầu, điều kiện", "Conditions", of.Conditions)
	each("Các bước", "Steps", len(of.Steps), func(i int) (string, string) { return c.T(of.Steps[i]), "" })
	at := 0
	for _, l := range []struct {
		vi, en string
		list   []catalogue.Link
	}{{"Mẫu đơn, tờ khai", "Forms", of.Forms}, {"Hồ sơ mẫu", "Filled in sample", of.Samples}, {"Video hướng dẫn", "Video guide", of.Videos}} {
		label := c.Say(l.vi, l.en)
		for _, x := range l.list {
			out = append(out, fact{label: label, row: &scene.Row{Name: fmt.Sprintf("form:%d", at), Title: c.T(x.Name), Text: scene.Letters(x.URL), Icon: scene.IconDocument}})
			at++
			label = ""
		}
	}
	label := c.Say("Tình huống liên quan", "Related situations")
	for _, id := range of.Related {
		if sl := p.content.Slides[id]; sl != nil && sl.Kind == "faq" {
			out = append(out, fact{label: label, row: &scene.Row{Name: "slide:" + id, Title: c.T(sl.Title), Icon: scene.IconTalk}})
			label = ""
		}
	}
	each("Căn cứ pháp lý", "Legal basis", len(of.Basis), func(i int) (string, string) { return c.T(of.Basis[i]), "" })
	if len([]rune(c.T(of.Name))) > 160 {
		say("Tên đầy đủ", "Full name", of.Name)
	}
	if len([]rune(of.Source)) > 120 { // else all of it stands beside
		say("Nguồn dữ liệu", "Source of the data", domain.Text{"vi": of.Source})
	}
	return out
}

// times are the regulated time and the promised one.
func (p procedure) times(c *scene.Canvas) (out []fact) {
	of := p.of()
	if t := c.T(of.TimeText()); t != "" {
		f := fact{label: c.Say("Thời hạn", "Time limit"), value: t}
		if of.Committed > 0 {
			f.label = c.Say("Thời hạn quy định", "Regulated time")
		}
		if of.Reference {
			f.aside = c.Say("(tham khảo)", "(for reference)")
		}
		out = append(out, f)
	}
	if t := c.T(of.TimeNote); t != "" {
		label := ""
		if len(out) == 0 {
			label = c.Say("Thời hạn", "Time limit")
		}
		out = append(out, fact{label: label, value: t})
	}
	if t := c.T(of.CommittedText()); t != "" {
		f := fact{label: c.Say("Thời hạn cam kết", "Promised time"), value: t}
		if of.Shortened() {
			f.badge = c.Say("Đã rút ngắn", "Shortened")
		}
		out = append(out, f)
	}
	return out
}

var onlineWords = map[catalogue.Online]domain.Text{
	catalogue.Full: {"vi": "Toàn trình: nộp và nhận kết quả trên mạng", "en": "Fully online"},
	catalogue.Part: {"vi": "Một phần: nộp trên mạng, một số bước làm tại quầy", "en": "Partly online: some steps at the desk"},
	catalogue.None: {"vi": "Chưa nộp trực tuyến được", "en": "Not yet online"},
}
