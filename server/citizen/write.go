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
	pass, h, err := v.holder(wire.ToWrite)
	if err != nil {
		return err
	}
	if !h.Used && !pass.Opens(v.now) {
		return expired()
	}
	o, err := p.offer(v.r.Context(), &h.Kiosk)
	if err != nil {
		return err
	}
	if h.Used {
		return v.render(http.StatusOK, "receipt", o.head(&h.Kiosk, &page{Page: receiptPage{h.Receipt, letter.Spell(h.Receipt)}}))
	}
	return v.render(http.StatusOK, "write", o.head(&h.Kiosk, &page{Page: newLetter()}))
}

func newLetter() *writePage {
	return &writePage{Categories: letter.Categories, MaxText: letter.MaxText, MaxContact: letter.MaxContact}
}

// written takes a letter.
func (p *Pages) written(v *visit) error {
	pass, h, err := v.holder(wire.ToWrite)
	if err != nil {
		return err
	}
	if h.Used {
		return v.again()
	}
	if !pass.Sends(v.now) {
		return expired()
	}
	o, err := p.offer(v.r.Context(), &h.Kiosk)
	if err != nil {
		return err
	}
	f, pg := v.r.PostForm, newLetter()
	pg.Category, pg.Text = f.Get("category"), f.Get("text")
	pg.Contact = letter.Contact{Name: f.Get("name"), Phone: f.Get("phone"), Mail: f.Get("mail")}
	again := func(kind slides.ErrKind, problem string) error {
		return v.render(kind.Status(), "write", o.head(&h.Kiosk, &page{Problem: problem, Page: pg}))
	}
	if _, ok := letter.CategoryOf(pg.Category); !ok {
		return again(slides.Invalid, v.say("Xin chọn loại ý kiến.", "Please choose what kind it is."))
	}
	l := letter.Letter{
		Code: letter.NewCode(), Category: pg.Category, Unit: o.manifest.UnitID, Kiosk: h.Kiosk.ID,
		Channel: survey.OnPhone, Lang: v.lang, Hour: survey.HourOf(v.now, o.zone), Clock: survey.Synced,
	}
	if slides.ValidID(h.Kiosk.Counter) {
		l.Counter = h.Kiosk.Counter
	}
	if _, _, err := p.store.TakePhoneLetter(v.r.Context(), pass, l, pg.Text, pg.Contact); err != nil {
		kind := slides.KindOf(err)
		if kind != slides.Invalid {
			v.log.Error("a letter from a phone", "err", err)
		}
		return again(kind, v.sentence(err))
	}
	return v.again()
}
