package citizen

import (
	"net/http"

	"motcua/slides"
	"motcua/slides/letter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// writePage is a letter in the making.
type writePage struct {
	Categories []letter.Category
	Category   string
	Text       string
	Contact    letter.Contact
	MaxText    int
	MaxContact int
}

// receiptPage tells a letter's receipt.
type receiptPage struct{ Code, Spelt string }

// write answers the QR of a kiosk's page for letters.
func (p *Pages) write(v *visit) error {
	g, err := v.enter(wire.ToWrite)
	if err != nil {
		return err
	}
	if g.used {
		return v.render(http.StatusOK, "receipt", g.offer.head(g.kiosk, &page{Page: receiptPage{g.receipt, letter.Spell(g.receipt)}}))
	}
	return v.render(http.StatusOK, "write", g.offer.head(g.kiosk, &page{Page: newLetter()}))
}

func newLetter() *writePage {
	return &writePage{Categories: letter.Categories, MaxText: letter.MaxText, MaxContact: letter.MaxContact}
}

// written takes a letter.
func (p *Pages) written(v *visit) error {
	g, err := v.enter(wire.ToWrite)
	if err != nil {
		return err
	}
	if g.used {
		return v.again()
	}
	o := g.offer
	f, pg := v.r.PostForm, newLetter()
	pg.Category, pg.Text = f.Get("category"), f.Get("text")
	pg.Contact = letter.Contact{Name: f.Get("name"), Phone: f.Get("phone"), Mail: f.Get("mail")}
	again := func(kind slides.ErrKind, problem string) error {
		return v.render(kind.Status(), "write", o.head(g.kiosk, &page{Problem: problem, Page: pg}))
	}
	if _, ok := letter.CategoryOf(pg.Category); !ok {
		return again(slides.Invalid, v.say("Xin chọn loại ý kiến.", "Please choose what kind it is."))
	}
	l := letter.Letter{
		Code: letter.NewCode(), Category: pg.Category, Unit: o.manifest.UnitID, Kiosk: g.kiosk.ID,
		Channel: survey.OnPhone, Lang: v.lang, Hour: survey.HourOf(v.now, o.zone), Clock: survey.Synced,
	}
	if slides.ValidID(g.kiosk.Counter) {
		l.Counter = g.kiosk.Counter
	}
	if _, _, err := p.store.TakePhoneLetter(v.r.Context(), g.pass, l, pg.Text, pg.Contact); err != nil {
		kind := slides.KindOf(err)
		if kind != slides.Invalid {
			v.log.Error("a letter from a phone", "err", err)
		}
		return again(kind, v.sentence(err))
	}
	return v.again()
}
