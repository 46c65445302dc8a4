package player

import (
	"fmt"

	"motcua/slides/dossier"
	"motcua/slides/scene"
)

// Views of the dossier's code.
const (
	ViewDossier View = "dossier"
	ViewRated   View = "rated" // this dossier has rated
)

const maxDossier = dossier.MaxCode

// whichDossier asks for the code of the dossier, typed or scanned, so that one dossier
// rates once. Nobody must tell it.
type whichDossier struct {
	draft
	line  field
	wrong bool // what stands there is no code
}

func (whichDossier) view() View { return ViewDossier }

func (p whichDossier) writing() field { return p.line }

func (p whichDossier) touch(n *step, target, arg string) {
	if line, ok := p.line.touched(target, arg); ok {
		n.replace(whichDossier{p.draft, line, false})
		return
	}
	switch target {
	case "done":
		p.done(n)
	case "skip":
		n.turn(ask{draft: p.draft})
	}
}

func (p whichDossier) typed(n *step, k Key) {
	if k.Enter {
		p.done(n)
		return
	}
	n.replace(whichDossier{p.draft, p.line.typed(k), false})
}

func (p whichDossier) done(n *step) {
	code, ok := dossier.Clean(p.line.String())
	switch d := p.draft; {
	case p.line.String() == "":
		n.turn(ask{draft: d})
	case !ok:
		n.replace(whichDossier{d, p.line, true})
	case n.Dossiers.Has(code):
		n.turn(rated{p.content, n.newField(maxDossier, false).codes(), d})
	default:
		d.dossier = code
		n.turn(ask{draft: d})
	}
}

func (p whichDossier) likely(s State) []Still { return []Still{ask{draft: p.draft}.still(s)} }

func (p whichDossier) still(s State) Still {
	s.View = ViewDossier
	key := fmt.Sprintf("dossier\x00%v\x00%v\x00%s", p.wrong, p.line.String() == "", p.line.board())
	return s.screen(p.content, key, func(cv *scene.Canvas) {
		sub := cv.Say("Quét mã vạch trên giấy hẹn, hoặc gõ mã. Mã chỉ dùng để mỗi hồ sơ đánh giá một lần, không lưu cùng đánh giá.",
			"Scan the barcode on your appointment slip, or type the code. It only makes sure that a dossier rates once; it is not kept with your rating.")
		if p.wrong {
			sub = cv.Say("Chưa đúng mã hồ sơ: mã gồm chữ, số, dấu chấm, gạch. Xin xem lại, hoặc bỏ qua.",
				"This is no dossier code: it has letters, digits, dots and hyphens. Please check it, or go on without it.")
		}
		ways := scene.Button{Name: "skip", Label: cv.Say("Bỏ qua", "Go on without it")}
		if p.line.String() != "" {
			ways = scene.Button{Name: "done", Label: cv.Say("Tiếp tục", "Continue"), Icon: scene.IconNext, Kind: scene.Primary}
		}
		typing(cv, p.line, cv.Say("Mã hồ sơ (không bắt buộc)", "Dossier code (optional)"), sub, cv.Say("Mã trên giấy hẹn", "The code on your slip"), ways)
	})
}

// rated tells kindly that a dossier has rated.
type rated struct {
	content *Content
	line    field
	draft   draft
}

func (rated) view() View { return ViewRated }

func (p rated) touch(n *step, target, _ string) {
	switch target {
	case "other":
		n.turn(whichDossier{draft: p.draft, line: p.line})
	case "done":
		n.home()
	}
}

func (p rated) back(n *step) { n.turn(whichDossier{draft: p.draft, line: p.line}) }

func (rated) likely(State) []Still { return nil }

func (p rated) still(s State) Still {
	s.View = ViewRated
	return s.screen(p.content, "rated", func(cv *scene.Canvas) {
		row := scene.Rect{X: cv.Body.X, Y: cv.Body.Bottom() - cv.Px(scene.ButtonH), W: cv.Body.W, H: cv.Px(scene.ButtonH)}
		cv.Body.H -= cv.Px(scene.ButtonH + 20)
		said(cv, scene.IconCheck, cv.Theme.Leaf, cv.Say("Hồ sơ này đã được đánh giá", "This dossier has been rated"),
			cv.Say("Mỗi hồ sơ đánh giá một lần. Xin cảm ơn Ông/Bà đã góp ý.", "Each dossier rates once. Thank you for your opinion."))
		gap := cv.Px(scene.ButtonGap)
		w := min((row.W-gap)/2, cv.Px(560))
		x := row.X + (row.W-2*w-gap)/2
		cv.Button(scene.Button{Name: "other", Label: cv.Say("Nhập mã khác", "Another code")}, scene.Rect{X: x, Y: row.Y, W: w, H: row.H})
		cv.Button(scene.Button{Name: "done", Label: cv.Say("Xong", "Done"), Kind: scene.Primary}, scene.Rect{X: x + w + gap, Y: row.Y, W: w, H: row.H})
	})
}
