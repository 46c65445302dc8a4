package scene

import (
	"image/color"
	"net/netip"
	"net/url"
	"strings"

	"github.com/skip2/go-qrcode"

	"motcua/slides"
)

// QRSpec is a QR to draw. Address empty: it is drawn from URL.
type QRSpec struct {
	URL     string
	Caption string
	Address string
	Path    string  // of the field, for reports
	Max     float32 // the widest card wished for, design pixels; 0: as the box
}

// quiet is the quiet zone in modules (ISO/IEC 18004).
const quiet = 4

// leastModule is the smallest module in design pixels: 0.8 mm on a 24-inch
// screen, which a phone still reads at arm's length.
const leastModule = 3

// AllowedURL reports whether a QR may lead to address: http or https, no user
// part, no bare IP address, and a host that is one of hosts or below one. An
// empty list allows every host. The error is of kind Invalid.
func AllowedURL(address string, hosts []string) error {
	const op = "scene.AllowedURL"
	u, err := url.Parse(address)
	bad := func(vi, en string) error { return slides.E(slides.Invalid, op, vi, en, err) }
	if err != nil || u.Host == "" || u.Opaque != "" || strings.ContainsAny(address, " \t\r\n\\") {
		return bad("Địa chỉ không hợp lệ; viết đầy đủ, ví dụ https://dichvucong.gov.vn.", "The address is not valid; write it in full, as in https://dichvucong.gov.vn.")
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return bad("Địa chỉ phải bắt đầu bằng https:// hoặc http://.", "The address must begin with https:// or http://.")
	}
	if u.User != nil {
		return bad("Địa chỉ không được chứa tên đăng nhập (phần trước dấu @).", "The address must not hold a user name (the part before @).")
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if _, e := netip.ParseAddr(host); e == nil || !strings.Contains(host, ".") || !validHost(host) {
		return bad("Địa chỉ phải dùng tên miền, không dùng số IP hay tên máy nội bộ.", "The address must use a domain name, not an IP number or an internal name.")
	}
	if len(hosts) == 0 {
		return nil
	}
	for _, h := range hosts {
		h = strings.ToLower(strings.TrimPrefix(h, "."))
		if h != "" && (host == h || strings.HasSuffix(host, "."+h)) {
			return nil
		}
	}
	return bad("Tên miền "+host+" không có trong danh sách được phép: "+strings.Join(hosts, ", ")+".",
		"The domain "+host+" is not on the list of allowed ones: "+strings.Join(hosts, ", ")+".")
}

func validHost(h string) bool {
	if len(h) > 253 {
		return false
	}
	for label := range strings.SplitSeq(h, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := 0; i < len(label); i++ {
			if c := label[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
				return false
			}
		}
	}
	return true
}

// Letters is an address as people type it: without scheme, "www." and the
// last slash.
func Letters(address string) string {
	for _, p := range []string{"https://", "http://", "www."} {
		address = strings.TrimPrefix(address, p)
	}
	return strings.TrimSuffix(address, "/")
}

// host is the domain of an address in letters.
func host(letters string) string {
	h, _, _ := strings.Cut(letters, "/")
	h, _, _ = strings.Cut(h, "?")
	return h
}

// QRMatrix is the code of a text at level Q, without quiet zone: rows of dark
// modules. An error of kind TooLarge says that it does not fit a QR.
func QRMatrix(text string) ([][]bool, error) {
	q, err := qrcode.New(text, qrcode.High) // the library's High is level Q
	if err != nil {
		return nil, slides.E(slides.TooLarge, "scene.QRMatrix", "Địa chỉ quá dài để in thành mã QR.", "The address is too long for a QR code.", err)
	}
	q.DisableBorder = true
	return q.Bitmap(), nil
}

// QR draws a white card with the code, its caption and its address in letters
// into the top of box, as wide as box or Max, and returns the card. A module
// is a whole number of pixels and starts on one, so that cameras read it.
func (c *Canvas) QR(q QRSpec, box Rect) Rect {
	m, ok := c.measureQR(q, box)
	if !ok {
		return Rect{X: box.X, Y: box.Y}
	}
	return c.putQR(m, box, m.side, m.textH)
}

// QRs draws several cards, each into the top of its box as QR does, all as high
// as the highest: codes of one size stand on one line, captions on another. It
// returns the cards.
func (c *Canvas) QRs(specs []QRSpec, boxes []Rect) []Rect {
	cards := make([]Rect, len(specs))
	measured := make([]qrCard, len(specs))
	var side, textH float32
	for i, q := range specs {
		m, ok := c.measureQR(q, boxes[i])
		if ok {
			side, textH = max(side, m.side), max(textH, m.textH)
		}
		measured[i] = m
	}
	for i, m := range measured {
		cards[i] = Rect{X: boxes[i].X, Y: boxes[i].Y}
		if m.dark != nil {
			cards[i] = c.putQR(m, boxes[i], side, textH)
		}
	}
	return cards
}

// qrCard is a card measured: its code with quiet zone is side wide.
type qrCard struct {
	spec             QRSpec
	dark             [][]bool // nil: nothing can be drawn
	letters          string
	caption, address Block
	w, textH         float32
	module, side     float32
}

const qrPad, qrSide, qrFoot = 14, 24, 24 // around the code, beside the texts, below them; design pixels

// measureQR lays a card out for box and reports a code that is too small or
// can't be made; ok says whether there is something to draw.
func (c *Canvas) measureQR(q QRSpec, box Rect) (m qrCard, ok bool) {
	dark, err := QRMatrix(q.URL)
	if err != nil || q.URL == "" {
		c.Overflow(q.Path+".url", q.URL)
		return m, false
	}
	m.spec, m.w = q, box.W
	if q.Max > 0 {
		m.w = min(m.w, c.Px(q.Max))
	}
	capStyle := Style{Weight: Bold, Max: 32, MaxLines: 2, Color: c.Theme.IndigoDark.NRGBA(), Align: Middle, Line: 1.3}
	addrStyle := Style{Weight: Medium, Max: 26, MaxLines: 2, Color: c.Theme.Grey.NRGBA(), Align: Middle, Line: 1.3, Fixed: true}
	textW := max(0, m.w-2*c.Px(qrSide))
	if q.Caption != "" {
		m.caption = c.Fit(q.Caption, capStyle, textW, 0)
	}
	m.letters = q.Address
	if m.letters == "" {
		m.letters = Letters(q.URL)
	}
	m.address = c.Fit(m.letters, addrStyle, textW, 0)
	if !m.address.Fits || len(m.address.Lines) > 1 && q.Address == "" {
		m.address = c.Fit(host(m.letters), addrStyle, textW, 0)
	}
	m.textH = m.address.H
	if m.caption.H > 0 {
		m.textH += m.caption.H + c.Px(2)
	}
	n := float32(len(dark))
	room := min(max(0, m.w-2*c.Px(qrPad)), box.H-m.textH-c.Px(qrPad)-c.Px(qrFoot))
	m.module = float32(int(room / (n + 2*quiet)))
	if m.module < max(2, whole(leastModule*c.U)) {
		c.Overflow(q.Path+".url", q.URL)
		if m.module < 1 {
			return m, false
		}
	}
	m.dark, m.side = dark, m.module*(n+2*quiet)
	return m, true
}

// putQR draws a card with its code in the middle of a field of side, above
// texts textH high at most.
func (c *Canvas) putQR(m qrCard, box Rect, side, textH float32) Rect {
	card := Rect{X: whole(box.X), Y: whole(box.Y), W: whole(m.w), H: whole(c.Px(qrPad) + side + textH + c.Px(qrFoot))}
	white := color.NRGBA{255, 255, 255, 255}
	c.Fill(card, c.Px(28), white)
	c.Border(card, c.Px(28), c.Px(2), c.Theme.Line.NRGBA())
	field := Rect{X: card.X + whole((card.W-m.side)/2), Y: card.Y + whole(c.Px(qrPad)+(side-m.side)/2), W: m.side, H: m.side}
	c.Fill(field, 0, white)
	n, gap := float32(len(m.dark)), quiet*m.module
	c.Add(Modules{Rect: Rect{field.X + gap, field.Y + gap, n * m.module, n * m.module}, Module: m.module, Dark: m.dark, URL: m.spec.URL})
	line := Rect{X: card.X + c.Px(qrSide), Y: card.Y + whole(c.Px(qrPad)) + side, W: max(0, m.w-2*c.Px(qrSide)), H: textH}
	if m.caption.H > 0 {
		c.Report(m.spec.Path+".caption", m.spec.Caption, m.caption)
		c.Put(m.caption, line)
		line.Y += m.caption.H + c.Px(2)
	}
	c.Report(m.spec.Path+".address", m.letters, m.address)
	c.Put(m.address, line)
	if strings.HasPrefix(m.spec.Path, "body.") { // a slide's: a touch enlarges it
		c.Touch("qr:"+m.spec.Path, m.letters, card, c.Px(28))
	}
	return card
}

func whole(v float32) float32 { return float32(int(v + 0.5)) }
