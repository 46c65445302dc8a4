package kinds

import (
	"fmt"

	"motcua/slides"
	"motcua/slides/scene"
)

// MaxFilm bounds a film: a minute of 1080p as phones record it. A kiosk keeps
// what two manifests name and has 4 GiB for it.
const MaxFilm = 100 << 20

// Video is a silent film with its captions. Until it runs, and wherever it
// can't (print, preview, a kiosk without a decoder, reduced motion), its poster
// stands in its place.
type Video struct {
	Film    string      `json:"film" label:"Video|Video" required:"true" role:"film"`
	Poster  string      `json:"poster" label:"Ảnh bìa|Poster" required:"true" role:"sha"`
	Caption slides.Text `json:"caption" label:"Chú thích|Caption" max:"160" required:"true"`
	Shape   string      `json:"shape" label:"Khung hình|Shape" required:"true" enum:"wide=Ngang 16:9|Wide 16:9;tall=Dọc 9:16|Upright 9:16;old=Ngang 4:3|Wide 4:3"`
	Lines   []VideoLine `json:"lines,omitempty" label:"Phụ đề|Subtitles" max:"60"`
	Credit  slides.Text `json:"credit,omitempty" label:"Nguồn video|Credit" max:"80"`
}

// VideoLine is one subtitle. It stands until the next, LineStays at most.
type VideoLine struct {
	At   float64     `json:"at" label:"Từ giây thứ|From second"`
	Text slides.Text `json:"text" label:"Lời|Text" max:"110" required:"true" role:"text"`
}

// LineStays is how long, in seconds, a subtitle without a next one stays.
const LineStays = 7

var video = Kind{
	Name: "video", Label: slides.Text{"vi": "Video", "en": "Video"}, New: func() Body { return &Video{} },
	Sample: func() slides.Slide {
		return sample("video", "T08", slides.Vi("Nộp hồ sơ trực tuyến trong ba phút"), &Video{
			Film: samplePicture, Poster: samplePicture, Shape: "wide",
			Caption: slides.Text{"vi": "Nộp hồ sơ trực tuyến trong ba phút", "en": "Apply online in three minutes"},
			Lines: []VideoLine{
				{0, slides.Text{"vi": "Mở Cổng Dịch vụ công quốc gia và đăng nhập bằng tài khoản định danh VNeID.", "en": "Open the national portal of public services and sign in with VNeID."}},
				{6, slides.Text{"vi": "Chọn thủ tục, điền tờ khai, đính kèm ảnh chụp giấy tờ.", "en": "Choose the procedure, fill in the form, attach photos of your papers."}},
			},
		})
	},
}

// Check wants subtitles in order of time.
func (b *Video) Check(p *slides.Problems) {
	for i, l := range b.Lines {
		if l.At < 0 || l.At > 3600 || i > 0 && l.At <= b.Lines[i-1].At {
			p.Add(fmt.Sprintf("body.lines.%d.at", i), "Thời điểm phải từ 0 đến 3600 giây và sau phụ đề đứng trước.", "The second must be 0 to 3600 and come after the subtitle before.")
		}
	}
}

// shape is width to height.
func (b *Video) shape() float32 {
	switch b.Shape {
	case "tall":
		return 9.0 / 16
	case "old":
		return 4.0 / 3
	}
	return 16.0 / 9
}

// Layout gives the film the largest frame of its shape and sets the subtitles,
// or the caption while there is none, below it; beside it where the film is
// upright and the screen is not.
func (b *Video) Layout(c *scene.Canvas, s *slides.Slide) {
	credit := ""
	if t := c.T(b.Credit); t != "" {
		credit = c.Say("Video: ", "Video: ") + t
	}
	r := footnote(c, s, credit)
	r.Y -= c.Px(14)
	r.H += c.Px(14)
	st := scene.Style{Weight: scene.Bold, Max: 44, Min: 30, Color: c.Colors().Title, Line: 1.3, Fixed: true, MaxLines: 3, Align: scene.Middle, VAlign: scene.Middle}
	shape := b.shape()
	gap := c.Px(20)
	var frame, words scene.Rect
	if beside := r.H * shape; shape < 1 && !c.Portrait && beside < r.W*0.6 {
		frame = scene.Rect{X: r.Right() - beside, Y: r.Y, W: beside, H: r.H}
		words = scene.Rect{X: r.X, Y: r.Y, W: r.W - beside - 3*gap, H: r.H}
		st.Max, st.MaxLines, st.Align = 64, 7, scene.Start
	} else {
		band := c.Px(128)
		if c.Portrait {
			band, st.Max, st.MaxLines = c.Px(260), 54, 4
		}
		w := min(r.W, (r.H-band-gap)*shape)
		h := w / shape
		y := r.Y + max(0, (r.H-band-gap-h)/2)
		frame = scene.Rect{X: r.X + (r.W-w)/2, Y: y, W: w, H: h}
		words = scene.Rect{X: r.X, Y: frame.Bottom() + gap, W: r.W, H: band}
	}
	caption := c.T(b.Caption)
	c.Text("body.caption", caption, st, words)
	for i, l := range b.Lines {
		text := c.T(l.Text)
		c.Report(fmt.Sprintf("body.lines.%d.text", i), text, c.Fit(text, st, words.W, words.H))
	}
	c.Film(b.Poster, frame, c.Px(24))
	c.Slot(scene.Slot{Name: scene.SlotLine, Rect: words, Style: st, Color: scene.Colour(c.Colors().Ground)})
}
