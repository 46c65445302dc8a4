package player

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/letter"
	"motcua/slides/scene"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// Views of a letter: what kind it is, its text, a last look with how to reach
// the writer, and the receipt.
const (
	ViewLetter     View = "letter"
	ViewLetterText View = "letter-text"
	ViewLetterSend View = "letter-send"
	ViewContact    View = "letter-contact"
	ViewReceipt    View = "receipt" // only after Saved
)

// ReceiptFor is time to photograph a receipt, or to write it down.
const ReceiptFor = time.Minute

// maxLetter is how many characters fit one's patience at a kiosk; the format
// takes more.
const maxLetter = 500

var (
	_ holder = letterText{}
	_ holder = letterContact{}
)

// note is a letter in the making, which its pages hand on to one another. It is
// a value. Nothing of it is kept when the citizen walks away.
type note struct {
	content  *Content
	category string
	text     field
	contact  letter.Contact
}

// patience: whoever seeks words, or a pair of glasses, needs longer than one touch.
func (note) patience() time.Duration { return time.Minute }

// letterTile says whether letters are taken here.
func letterTile(s *State) bool { return s.Place.Kiosk != "" && s.Content != nil }

func (s *State) newNote() note {
	return note{content: s.Content, text: s.newField(maxLetter, false)}
}

// which asks what kind of letter it is to be.
type which struct{ note }

func (which) view() View { return ViewLetter }

func (p which) touch(n *step, name, arg string) {
	switch name {
	case "kind":
		if _, ok := letter.CategoryOf(arg); ok {
			p.category = arg
			n.replace(which{p.note})
			n.open(letterText(p))
		}
	case "phone":
		n.openPhone(wire.ToWrite)
	}
}

func (p which) likely(s State) []Still {
	p.category = letter.Categories[0].ID
	return []Still{letterText(p).still(s), home{}.still(s)}
}

func (p which) still(s State) Still {
	s.View = ViewLetter
	phone := s.phones()
	return s.screen(p.content, fmt.Sprint("letter\x00", phone), func(c *scene.Canvas) {
		c.Title("letter", c.Say("Ông/Bà muốn gửi điều gì?", "What would you like to tell us?"), "")
		if phone {
			foot := footOf(&c.Body, c.Px(scene.ButtonH), c.Px(28))
			b := scene.Button{Name: "phone", Label: c.Say("Viết bằng điện thoại của Ông/Bà", "Write on your own phone"), Icon: scene.IconPhone}
			foot.W = min(foot.W, c.ButtonWidth(b))
			c.Button(b, foot)
		}
		icons := map[string]scene.Icon{"gop-y": scene.IconTalk, "phan-anh": scene.IconAlert, "khen": scene.IconSmile, "hoi": scene.IconSearch}
		cells := grille(c.Body, len(letter.Categories), c.Portrait, c.Px(32), c.Px(420))
		for i, k := range letter.Categories {
			c.Tile(scene.Tile{
				Name: "kind:" + k.ID, Title: c.T(k.Name), Text: c.T(k.Help), Icon: icons[k.ID],
				Ground: c.Theme.Gold.NRGBA(), Ink: c.Theme.OnGold.NRGBA(),
			}, cells[i])
		}
	})
}

// letterText is where it is written.
type letterText struct{ note }

func (letterText) view() View { return ViewLetterText }

func (p letterText) writing() field { return p.text }

func (p letterText) empty() bool { return strings.TrimSpace(p.text.String()) == "" }

func (p letterText) touch(n *step, name, arg string) {
	if line, ok := p.text.touched(name, arg); ok {
		p.text = line
		n.replace(p)
		return
	}
	if name == "done" && !p.empty() {
		n.turn(letterSend(p))
	}
}

func (p letterText) held(n *step, name, arg string) bool {
	line, ok := p.text.held(name, arg)
	if ok {
		p.text = line
		n.replace(p)
	}
	return ok
}

func (p letterText) typed(n *step, k Key) {
	if k.Enter {
		if !p.empty() {
			n.turn(letterSend(p))
		}
		return
	}
	p.text = p.text.typed(k)
	n.replace(p)
}

// back keeps what is written for whoever comes on again.
func (p letterText) back(n *step) {
	n.leave()
	if _, ok := n.page().(which); ok {
		n.replace(which(p))
	}
}

func (p letterText) likely(State) []Still { return nil }

func (p letterText) still(s State) Still {
	s.View = ViewLetterText
	k, _ := letter.CategoryOf(p.category)
	key := fmt.Sprintf("letter-text\x00%s\x00%v\x00%s", p.category, p.empty(), p.text.board())
	return s.screen(p.content, key, func(c *scene.Canvas) {
		done := scene.Button{Name: "done", Label: c.Say("Tiếp tục", "Continue"), Icon: scene.IconNext, Kind: scene.Primary, Disabled: p.empty()}
		typing(c, p.text, c.T(k.Name)+": "+c.Say("Ông/Bà viết vào đây", "write here"),
			c.Say("Số giấy tờ và số điện thoại trong nội dung được che trước khi lưu.", "Identity and phone numbers in the text are masked before it is stored."),
			c.Say("Viết ở đây", "Write here"), done)
	})
}

// letterSend shows all of it once more, and asks how the writer may be reached.
type letterSend struct{ note }

// The parts of a contact, by the names of their targets.
var contactParts = []struct {
	id     string
	vi, en string
	of     func(*letter.Contact) *string
}{
	{"name", "Họ tên", "Name", func(c *letter.Contact) *string { return &c.Name }},
	{"phone", "Điện thoại", "Phone", func(c *letter.Contact) *string { return &c.Phone }},
	{"mail", "Thư điện tử", "E-mail", func(c *letter.Contact) *string { return &c.Mail }},
}

func (letterSend) view() View { return ViewLetterSend }

func (p letterSend) touch(n *step, name, arg string) {
	switch name {
	case "edit":
		n.turn(letterText(p))
	case "reach":
		for i := range contactParts {
			if contactParts[i].id == arg && n.seals() {
				n.turn(n.asksContact(p.note, i))
			}
		}
	case "send":
		for i := range contactParts {
			if n.seals() && p.wrong(i) != nil { // left there by "back"
				q := n.asksContact(p.note, i)
				q.told = true
				n.turn(q)
				return
			}
		}
		n.send(p.note)
	}
}

func (p letterSend) back(n *step) { n.turn(letterText(p)) }

func (p letterSend) likely(s State) []Still {
	return []Still{receipt{content: p.content}.still(s), letterText(p).still(s)}
}

// seals says whether a contact can be sealed to the server's key. A kiosk that
// has never heard from its server asks for none.
func (s *State) seals() bool { return len(s.Place.Terminal.Seal) > 0 }

func (p letterSend) still(s State) Still {
	s.View = ViewLetterSend
	k, _ := letter.CategoryOf(p.category)
	seals := s.seals()
	text := survey.Written(p.text.String()) // what will be kept, so that nobody is surprised
	key := fmt.Sprintf("letter-send\x00%s\x00%s\x00%v\x00%v", p.category, text, p.contact, seals)
	return s.screen(p.content, key, func(c *scene.Canvas) {
		sub := ""
		if seals && (c.Portrait || c.W > 1.5*c.H) { // on a 4:3 screen the text needs the place
			sub = c.Say("Muốn được trả lời riêng, xin để lại liên hệ. Không bắt buộc; chỉ người trả lời xem được.",
				"To be answered in person, leave a way to reach you. It is optional; only those who answer can see it.")
		}
		c.Title("letter-send", c.Say("Xem lại rồi gửi", "Look once more, then send"), sub)
		b, gap, h := c.Body, c.Px(24), c.Px(scene.ButtonH)
		send := scene.Button{Name: "send", Label: c.Say("Gửi", "Send"), Icon: scene.IconNext, Kind: scene.Primary}
		edit := scene.Button{Name: "edit", Label: c.Say("Sửa nội dung", "Change the text")}
		sw, ew := max(c.ButtonWidth(send), c.Px(320)), c.ButtonWidth(edit)
		foot := footOf(&b, h, gap)
		c.Button(edit, scene.Rect{X: foot.X, Y: foot.Y, W: ew, H: h})
		c.Button(send, scene.Rect{X: foot.Right() - sw, Y: foot.Y, W: min(sw, foot.W-ew-gap), H: h})
		said := b
		if seals {
			p.reach(c, &said, gap)
		}
		c.Card(said)
		in := said.Inset(c.Px(30))
		pal := c.Colors()
		t := c.Text("letter.kind", c.T(k.Name), scene.Style{Weight: scene.Bold, Max: 32, Min: 26, Color: pal.Accent, MaxLines: 1, Line: 1.3}, scene.Rect{X: in.X, Y: in.Y, W: in.W, H: in.H * 0.3})
		clipped(c, text, scene.Style{Weight: scene.Medium, Max: 36, Min: 28, Color: pal.Text, Line: 1.4}, in.Below(t.Bottom()+c.Px(8)))
	})
}

// reach draws the ways to be reached, with what was given, at the foot of box:
// in a row where the screen is wide, one below the other where it is upright.
func (p note) reach(c *scene.Canvas, box *scene.Rect, gap float32) {
	defer held(c)()
	n, h := len(contactParts), c.Px(scene.ButtonH)
	foot := footOf(box, h, gap)
	w := (foot.W - gap*float32(n-1)) / float32(n)
	if c.Portrait {
		w = foot.W
		for range n - 1 {
			foot = foot.Union(footOf(box, h, gap))
		}
	}
	for i, x := range contactParts {
		label := c.Say(x.vi, x.en)
		given := *x.of(&p.contact)
		if r := []rune(given); len(r) > 22 {
			label = strings.TrimSpace(string(r[:21])) + "…"
		} else if given != "" {
			label = given
		}
		at := scene.Rect{X: foot.X + float32(i)*(w+gap), Y: foot.Y, W: w, H: h}
		if c.Portrait {
			at = scene.Rect{X: foot.X, Y: foot.Y + float32(i)*(h+gap), W: w, H: h}
		}
		c.Button(scene.Button{Name: "reach:" + x.id, Label: label, Icon: scene.IconPlus, Chosen: given != ""}, at)
	}
}

// clipped puts a text into box, shortened with an ellipsis where even the
// smallest size is too long: the page before has all of it.
func clipped(c *scene.Canvas, text string, st scene.Style, box scene.Rect) {
	runes := []rune(strings.ReplaceAll(text, "\n", " "))
	for cut := ""; ; cut = "…" {
		b := c.Fit(string(runes)+cut, st, box.W, box.H)
		if b.Fits || len(runes) < 8 {
			c.Put(b, box)
			return
		}
		runes = runes[:len(runes)-max(1, len(runes)/12)]
	}
}

// asksContact is the page for part i of the contact.
func (s *State) asksContact(d note, i int) letterContact {
	line := s.newField(letter.MaxContact, contactParts[i].id == "phone")
	if contactParts[i].id == "mail" {
		line = line.codes()
	}
	return letterContact{note: d, part: i, line: line.put(*contactParts[i].of(&d.contact))}
}

// letterContact takes one part of the contact.
type letterContact struct {
	note
	part int
	line field
	told bool // what is wrong with it
}

// wrong is what is wrong with part i of the contact; nil: nothing. Who stores the
// letter would refuse it, and all that was written with it.
func (p note) wrong(i int) slides.Text {
	c := p.contact
	e, ok := errors.AsType[*slides.Error](c.Clean())
	if !ok {
		return nil
	}
	for _, x := range e.Problems {
		if x.Path == contactParts[i].id {
			return slides.Text{"vi": x.Vi, "en": x.En}
		}
	}
	return nil
}

// done goes back to the whole letter, unless something is wrong with this part.
func (p letterContact) done(n *step) {
	if d := p.kept(); d.wrong(p.part) == nil {
		n.turn(letterSend{d})
		return
	}
	p.told = true
	n.replace(p)
}

func (letterContact) view() View { return ViewContact }

func (p letterContact) writing() field { return p.line }

func (p letterContact) kept() note {
	*contactParts[p.part].of(&p.contact) = strings.TrimSpace(p.line.String())
	return p.note
}

func (p letterContact) touch(n *step, name, arg string) {
	if line, ok := p.line.touched(name, arg); ok {
		p.line, p.told = line, false
		n.replace(p)
		return
	}
	if name == "done" {
		p.done(n)
	}
}

func (p letterContact) held(n *step, name, arg string) bool {
	line, ok := p.line.held(name, arg)
	if ok {
		p.line = line
		n.replace(p)
	}
	return ok
}

func (p letterContact) typed(n *step, k Key) {
	if k.Enter {
		p.done(n)
		return
	}
	p.line, p.told = p.line.typed(k), false
	n.replace(p)
}

func (p letterContact) back(n *step) { n.turn(letterSend{p.kept()}) }

func (p letterContact) likely(State) []Still { return nil }

func (p letterContact) still(s State) Still {
	s.View = ViewContact
	x := contactParts[p.part]
	var wrong slides.Text
	if p.told {
		wrong = p.kept().wrong(p.part)
	}
	return s.screen(p.content, fmt.Sprintf("letter-contact\x00%d\x00%v\x00%s", p.part, wrong != nil, p.line.board()), func(c *scene.Canvas) {
		title, sub := c.Say(x.vi+" (không bắt buộc)", x.en+" (optional)"), c.Say("Lưu riêng và được niêm phong.", "Kept apart and sealed.")
		if !c.Portrait && c.W < 1.5*c.H {
			sub = "" // the keys need the place
			if wrong != nil {
				title = c.T(wrong)
			}
		} else if wrong != nil {
			sub = c.T(wrong)
		}
		typing(c, p.line, title, sub,
			c.Say("Viết ở đây", "Write here"), scene.Button{Name: "done", Label: c.Say("Xong", "Done"), Icon: scene.IconCheck, Kind: scene.Primary})
	})
}

// send asks for the letter to be stored, and waits for the outcome.
func (n *step) send(d note) {
	l := letter.Letter{
		Category: d.category, Unit: d.content.Manifest.UnitID, Kiosk: n.Place.Kiosk, Counter: n.Place.Counter,
		Channel: survey.AtKiosk, Lang: n.Lang, Hour: survey.HourOf(n.Clock.Now(), d.content.Zone), Clock: n.Clock.Quality(),
	}
	contact := d.contact
	if !n.seals() {
		contact = letter.Contact{}
	}
	n.lastSave++
	n.do(SaveLetter{ID: n.lastSave, Letter: l, Text: d.text.String(), Contact: contact, Seal: n.Place.Terminal.Seal})
	n.Saving, n.saveBegun, n.saved, n.savedLetter = n.lastSave, n.now, d.content, true
}

// receipt says that a letter is on the disk, and its receipt.
type receipt struct {
	content *Content
	code    string
}

func (receipt) view() View { return ViewReceipt }

func (receipt) touch(n *step, name, _ string) {
	if name == "done" {
		n.home()
	}
}

func (receipt) back(n *step)           { n.home() }
func (receipt) likely(s State) []Still { return []Still{s.slide(s.Content, s.Showing.Slide)} }
func (receipt) closing()               {}

func (p receipt) still(s State) Still {
	s.View = ViewReceipt
	phone := s.Place.Terminal.Phone
	return s.screen(p.content, "receipt\x00"+p.code+"\x00"+phone, func(c *scene.Canvas) {
		b := c.Body
		done := scene.Button{Name: "done", Label: c.Say("Xong", "Done"), Icon: scene.IconCheck, Kind: scene.Primary}
		side := b
		if phone != "" && p.code != "" {
			spec := scene.QRSpec{URL: phone + wire.PathStatus + p.code, Caption: c.Say("Quét để xem việc xử lý", "Scan to see how far it is"), Address: scene.Letters(phone) + wire.PathStatus + "…", Path: "receipt"}
			if c.Portrait {
				w := min(b.W*0.7, b.H*0.46)
				card := c.QR(spec, scene.Rect{X: b.X + (b.W-w)/2, Y: b.Y, W: w, H: b.H * 0.5})
				side = b.Below(card.Bottom() + c.Px(24))
			} else {
				w := min(b.H*0.86, b.W*0.38)
				card := c.QR(spec, scene.Rect{X: b.Right() - w, Y: b.Y, W: w, H: b.H})
				side.W = card.X - b.X - c.Px(64)
			}
		}
		foot := footOf(&side, c.Px(scene.ButtonH), c.Px(24))
		foot.W = min(foot.W, max(c.ButtonWidth(done), c.Px(360)))
		if c.Portrait {
			foot.X = b.X + (b.W-foot.W)/2
		}
		c.Button(done, foot)
		receiptWords(c, side, p.code)
	})
}

// receiptWords are the thanks and the receipt in large letters, in the middle of box.
func receiptWords(c *scene.Canvas, box scene.Rect, code string) {
	p, align := c.Colors(), scene.Start
	if c.Portrait {
		align = scene.Middle
	}
	parts := []struct {
		path, text string
		st         scene.Style
		gap        float32
	}{
		{"receipt.title", c.Say("Đã nhận. Cảm ơn Ông/Bà!", "Received. Thank you!"), scene.Style{Weight: scene.ExtraBold, Max: 72, Min: 40, Color: p.Title, Align: align, MaxLines: 2, Line: 1.25}, 0},
		{"receipt.label", c.Say("Mã biên nhận của Ông/Bà", "Your receipt"), scene.Style{Weight: scene.Medium, Max: 36, Min: 28, Color: p.Sub, Align: align, MaxLines: 1, Line: 1.35}, 20},
		{"receipt.code", letter.Spell(code), scene.Style{Weight: scene.ExtraBold, Max: 92, Min: 48, Color: p.Accent, Align: align, MaxLines: 1, Line: 1.25}, 0},
		{"receipt.keep", c.Say("Xin chụp lại hoặc ghi lại mã này để xem việc xử lý.", "Please photograph it or write it down: with it you can see how far we are."), scene.Style{Weight: scene.Medium, Max: 36, Min: 28, Color: p.Sub, Align: align, MaxLines: 3, Line: 1.4}, 12},
	}
	blocks := make([]scene.Block, len(parts))
	total := float32(0)
	for i, x := range parts {
		blocks[i] = c.Fit(x.text, x.st, box.W, box.H*0.34)
		c.Report(x.path, x.text, blocks[i])
		total += blocks[i].H + c.Px(x.gap)
	}
	y := box.Y + max(0, (box.H-total)/2)
	for i, x := range parts {
		y += c.Px(x.gap)
		c.Put(blocks[i], scene.Rect{X: box.X, Y: y, W: box.W, H: blocks[i].H})
		y += blocks[i].H
	}
}
