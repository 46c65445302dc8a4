package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// Commendation praises a person or a group: who, from where, for what. Its
// decision is the slide's Document. A picture is shown only of people who have
// agreed to it, and on which day they did is kept with the slide.
type Commendation struct {
	Name      slides.Text      `json:"name" label:"Tập thể, cá nhân|Person or group" max:"100" required:"true"`
	Unit      slides.Text      `json:"unit" label:"Đơn vị công tác|Their unit" max:"160" required:"true"`
	Deed      slides.Text      `json:"deed" label:"Thành tích, việc làm tốt|What they did" max:"400" required:"true" role:"text"`
	Picture   string           `json:"picture,omitempty" label:"Ảnh|Picture" role:"sha"`
	Shape     string           `json:"shape,omitempty" label:"Khổ ảnh|Shape of the picture" max:"10" enum:"tall=Dọc (chân dung)|Upright (one person);wide=Ngang (tập thể)|Wide (a group)"`
	Consent   bool             `json:"consent,omitempty" label:"Đã có sự đồng ý của người trong ảnh|The people in the picture have agreed"`
	Consented slides.LocalDate `json:"consented,omitempty" label:"Ngày đồng ý|Date of their consent" role:"date"`
}

var commendation = Kind{
	Name: "commendation", Label: slides.Text{"vi": "Biểu dương", "en": "Commendation"}, New: func() Body { return &Commendation{} },
	Sample: func() slides.Slide {
		s := sample("commendation", "T10", slides.Text{"vi": "Gương tốt trong cải cách hành chính", "en": "Good examples of reform"}, &Commendation{
			Name:    slides.Text{"vi": "Họ và tên cán bộ (mẫu)", "en": "Name of an officer (sample)"},
			Unit:    slides.Text{"vi": "Tên phòng, đơn vị (mẫu)", "en": "Name of the unit (sample)"},
			Deed:    slides.Text{"vi": "Viết ngắn gọn việc đã làm tốt. Ví dụ: hướng dẫn tận tình để người dân hoàn thiện hồ sơ sau một lần đến, trả kết quả sớm hơn hẹn.", "en": "Say in short what was done well. For example: explained so well that citizens completed their papers in one visit, and gave results before they were due."},
			Picture: samplePicture, Consent: true, Consented: "2023-03-20",
		})
		s.Document = &slides.DocumentRef{Number: "00/QĐ-MẪU", Issuer: "Cơ quan khen thưởng (mẫu)"}
		return s
	},
}

// Check refuses a picture without consent, and consent that does not say when.
func (b *Commendation) Check(p *slides.Problems) {
	if b.Picture != "" && !b.Consent {
		p.Add("body.consent", "Chỉ được dùng ảnh khi đã có sự đồng ý của người trong ảnh; hãy xác nhận hoặc bỏ ảnh.", "A picture may be used only when the people in it have agreed; confirm it or take the picture out.")
	}
	if b.Consent && b.Consented == "" {
		p.Add("body.consented", "Hãy ghi ngày người trong ảnh đồng ý.", "Enter the day on which the people in the picture agreed.")
	}
	if !b.Consent && b.Consented != "" {
		p.Add("body.consent", "Đã ghi ngày đồng ý nhưng chưa xác nhận có sự đồng ý.", "There is a date of consent, but consent is not confirmed.")
	}
}

// Layout sets the picture beside name, unit and deed. In portrait an upright
// picture stands beside the name, a wide one above it, the deed below.
func (b *Commendation) Layout(c *scene.Canvas, s *slides.Slide) {
	own := *s // the decision stands under the deed: not repeated at the foot
	own.Document = nil
	consent := ""
	if b.Picture != "" && b.Consent {
		consent = c.Say("Ảnh đăng với sự đồng ý của người trong ảnh", "Picture shown with consent")
	}
	r := footnote(c, &own, consent)
	set := func(air float32) func(*scene.Canvas) {
		return func(c *scene.Canvas) { b.body(c, s.Document, r.Below(r.Y+air)) }
	}
	k, air := factor(c, 1.3, set(0)), float32(0)
	if consent == "" { // a few words alone hang better a little below the top edge
		air = max(0, r.Bottom()-c.Try(k, set(0)).Bottom) * 0.3
	}
	c.Enlarged(k, set(air))
}

func (b *Commendation) body(c *scene.Canvas, decision *slides.DocumentRef, r scene.Rect) {
	text, deed := r, scene.Rect{}
	if b.Picture != "" && b.Consent {
		text, deed = b.picture(c, r)
	}
	y := b.who(c, text)
	if deed.W == 0 {
		deed = text.Below(y)
	}
	b.what(c, decision, deed)
}

// picture draws the picture and returns where name and unit go, and where the
// deed goes if that is not below them.
func (b *Commendation) picture(c *scene.Canvas, r scene.Rect) (text, deed scene.Rect) {
	k := (1 + 1/c.Grown) / 2 // grows half as much as text, which needs the width
	frame, gap := r, c.Px(52)
	switch {
	case c.Portrait && b.Shape == "wide":
		frame.H = min(r.W*0.62, r.H*0.45)
		text = r.Below(frame.Bottom() + c.Px(36))
	case c.Portrait:
		frame.W = min(c.Px(450)*k, r.W*0.46)
		frame.H = min(frame.W*4/3, r.H*0.5)
		_, text = r.Left(frame.W, gap)
		text.H = frame.H
		deed = r.Below(frame.Bottom() + c.Px(44))
	case b.Shape == "wide":
		frame.W = min(c.Px(860)*k, r.W*0.46)
		frame.H = min(frame.W*0.75, r.H)
		_, text = r.Left(frame.W, gap)
	default:
		frame.H = min(r.H, c.Px(760))
		frame.W = min(frame.H*0.75, r.W*0.34)
		frame.H = min(frame.H, frame.W*4/3)
		_, text = r.Left(frame.W, gap)
	}
	radius := c.Px(32)
	c.Fill(frame, radius, c.Colors().Rule) // shows while there is no picture
	c.Picture(b.Picture, frame, radius, true)
	return text, deed
}

// who says that this is praise, and of whom; it returns where its text ends.
func (b *Commendation) who(c *scene.Canvas, r scene.Rect) float32 {
	p := c.Colors()
	over := c.Text("body.over", c.Say("Biểu dương", "Commended"), scene.Style{Weight: scene.Bold, Max: 34, Min: 26, Color: p.Over, MaxLines: 1}, scene.Rect{X: r.X, Y: r.Y - c.Px(10), W: r.W, H: c.Px(80)})
	st := scene.Style{Weight: scene.ExtraBold, Max: 72, Min: 38, Color: p.Title, Line: 1.25, Fixed: true}
	r = r.Below(over.Bottom() + c.Px(6))
	got := title(c, "body.name", c.T(b.Name), st, scene.Rect{X: r.X, Y: r.Y, W: r.W, H: r.H * 0.5})
	r = r.Below(got.Bottom() + c.Px(10))
	got = c.Text("body.unit", c.T(b.Unit), scene.Style{Weight: scene.SemiBold, Max: 40, Color: p.Sub, Line: 1.36}, scene.Rect{X: r.X, Y: r.Y, W: r.W, H: r.H * 0.5})
	return got.Bottom() + c.Px(30)
}

// what says for what, and by which decision.
func (b *Commendation) what(c *scene.Canvas, decision *slides.DocumentRef, r scene.Rect) {
	p := c.Colors()
	c.Fill(scene.Rect{X: r.X, Y: r.Y, W: c.Px(120), H: c.Px(6)}, c.Px(3), c.Theme.Gold.NRGBA())
	r = r.Below(r.Y + c.Px(30))
	var foot scene.Block
	by := reference(c, decision)
	if by != "" {
		by = c.Say("Theo văn bản ", "By document ") + by
		foot = c.Fit(by, scene.Style{Weight: scene.Medium, Max: 30, Color: p.Sub, MaxLines: 3, Line: 1.4}, r.W, r.H*0.3)
		c.Report("document", by, foot)
	}
	room := max(1, r.H-foot.H-c.Px(24))
	got := c.Text("body.deed", c.T(b.Deed), scene.Style{Weight: scene.Regular, Max: 44, Color: p.Text, Line: 1.42}, scene.Rect{X: r.X, Y: r.Y, W: r.W, H: room})
	c.Put(foot, scene.Rect{X: r.X, Y: got.Bottom() + c.Px(24), W: r.W, H: foot.H})
}
