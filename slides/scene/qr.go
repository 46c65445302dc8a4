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
	dark, err := QRMatrix(q.URL)
	if err != nil || q.URL == "" {
		c.Overflow(q.Path+".url", q.URL)
		return Rect{X: box.X, Y: box.Y}
	}
	w := box.W
	if q.Max > 0 {
		w = min(w, c.Px(q.Max))
	}
	pad := c.Px(14)
	inner := max(0, w-2*pad)
	capStyle := Style{Weight: Bold, Max: 32, MaxLines: 2, Color: c.Theme.IndigoDark.NRGBA(), Align: Middle, Line: 1.3}
	addrStyle := Style{Weight: Medium, Max: 26, Color: c.Theme.Grey.NRGBA(), Align: Middle, Line: 1.3, Fixed: true}
	textW := max(0, w-2*c.Px(24))
	var caption, address Block
	if q.Caption != "" {
		caption = c.Fit(q.Caption, capStyle, textW, 0)
	}
	letters := q.Address
	if letters == "" {
		letters = Letters(q.URL)
	}
	addrStyle.MaxLines = 2
	address = c.Fit(letters, addrStyle, textW, 0)
	if !address.Fits || len(address.Lines) > 1 && q.Address == "" {
		address = c.Fit(host(letters), addrStyle, textW, 0)
	}
	textH := address.H
	if caption.H > 0 {
		textH += caption.H + c.Px(2)
	}
	n := float32(len(dark))
	room := min(inner, box.H-textH-pad-c.Px(24))
	module := float32(int(room / (n + 2*quiet)))
	if module < max(2, whole(leastModule*c.U)) {
		c.Overflow(q.Path+".url", q.URL)
		if module < 1 {
			return Rect{X: box.X, Y: box.Y}
		}
	}
	side := module * (n + 2*quiet)
	h := pad + side + textH + c.Px(24)
	card := Rect{X: whole(box.X), Y: whole(box.Y), W: whole(w), H: whole(h)}
	white := color.NRGBA{255, 255, 255, 255}
	c.Fill(card, c.Px(28), white)
	c.Border(card, c.Px(28), c.Px(2), c.Theme.Line.NRGBA())
	field := Rect{X: card.X + whole((card.W-side)/2), Y: card.Y + whole(pad), W: side, H: side}
	c.Fill(field, 0, white)
	c.Add(Modules{Rect: Rect{field.X + quiet*module, field.Y + quiet*module, n * module, n * module}, Module: module, Dark: dark, URL: q.URL})
	y := field.Bottom()
	line := Rect{X: card.X + c.Px(24), Y: y, W: textW, H: textH}
	if caption.H > 0 {
		c.Report(q.Path+".caption", q.Caption, caption)
		c.Put(caption, line)
		line.Y += caption.H + c.Px(2)
	}
	c.Report(q.Path+".address", letters, address)
	c.Put(address, line)
	return card
}

func whole(v float32) float32 { return float32(int(v + 0.5)) }
