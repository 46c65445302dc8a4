package alert

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"motcua/server/store"
	"motcua/slides"
)

// SMTP is how mails go out. Host "" is no mail at all.
type SMTP struct {
	Addr         string // host:port; port 587 without
	Security     string // "starttls", "tls" (from the first byte, often port 465) or "none" (only on the same machine or a trusted line)
	User         string // "" signs nobody in
	PasswordFile string
	From         string // address, or "Name <address>"

	TLS *tls.Config // nil: the system's authorities
}

// Mailer sends mails over SMTP. It is safe for concurrent use: each mail has a
// connection of its own.
type Mailer struct {
	host    string
	from    *netmail.Address
	options []mail.Option
}

func badSMTP(flag, vi, en string, err error) error {
	return slides.E(slides.Invalid, "alert.NewMailer", flag+": "+vi, flag+": "+en, err)
}

// NewMailer checks the settings and reads the password; nil where there is no
// address. Kind Invalid names the flag that is wrong.
func NewMailer(s SMTP) (*Mailer, error) {
	if s.Addr == "" {
		return nil, nil
	}
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		host, port = s.Addr, "587"
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 || host == "" || strings.ContainsAny(host, " /") {
		return nil, badSMTP("-smtp", fmt.Sprintf("%q phải viết như mail.example.gov.vn:587.", s.Addr), fmt.Sprintf("write %q like mail.example.gov.vn:587.", s.Addr), err)
	}
	m := &Mailer{host: net.JoinHostPort(host, port)}
	if m.from, err = netmail.ParseAddress(s.From); err != nil {
		return nil, badSMTP("-smtp-from", fmt.Sprintf("%q không phải địa chỉ thư.", s.From), fmt.Sprintf("%q is no mail address.", s.From), err)
	}
	m.options = []mail.Option{mail.WithPort(n), mail.WithTimeout(sendWithin / 3)}
	switch s.Security {
	case "", "starttls":
		m.options = append(m.options, mail.WithTLSPolicy(mail.TLSMandatory))
	case "tls":
		m.options = append(m.options, mail.WithSSL())
	case "none":
		m.options = append(m.options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, badSMTP("-smtp-security", fmt.Sprintf("%q không có; dùng starttls, tls hoặc none.", s.Security), fmt.Sprintf("there is no %q; use starttls, tls or none.", s.Security), nil)
	}
	if s.TLS != nil {
		m.options = append(m.options, mail.WithTLSConfig(s.TLS))
	}
	if s.User != "" {
		b, err := os.ReadFile(s.PasswordFile)
		if err != nil {
			return nil, badSMTP("-smtp-password-file", fmt.Sprintf("không đọc được tệp mật khẩu %q.", s.PasswordFile), fmt.Sprintf("the password file %q can't be read.", s.PasswordFile), err)
		}
		m.options = append(m.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(strings.TrimRight(string(b), "\r\n")))
	}
	return m, nil
}

// Send sends a mail to all that it names. The same mail has the same Message-ID
// each time.
func (m *Mailer) Send(ctx context.Context, x store.Mail) error {
	const op = "alert.Send"
	msg := mail.NewMsg()
	msg.FromMailAddress(m.from)
	if err := msg.To(x.To...); err != nil {
		return slides.E(slides.Invalid, op, "Địa chỉ nhận thư không hợp lệ.", "An address is not valid.", err)
	}
	msg.Subject(x.Subject)
	msg.SetDateWithValue(x.Queued.Time())
	_, domain, _ := strings.Cut(m.from.Address, "@")
	msg.SetMessageIDWithValue(x.ID + "@" + domain)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's "out of office" answers
	msg.SetBodyString(mail.TypeTextPlain, x.Body)
	host, _, err := net.SplitHostPort(m.host)
	if err != nil {
		return err
	}
	c, err := mail.NewClient(host, m.options...)
	if err != nil {
		return slides.E(slides.Invalid, op, "Cấu hình gửi thư không hợp lệ.", "The mail settings are not valid.", err)
	}
	if err := c.DialWithContext(ctx); err != nil {
		return slides.E(slides.Broken, op, "Không kết nối hoặc không đăng nhập được máy chủ thư "+m.host+"; hãy xem lại địa chỉ, cổng, TLS, tài khoản và mật khẩu.",
			"The mail server "+m.host+" can't be reached or refuses the sign-in; check address, port, TLS, account and password.", err)
	}
	defer c.Close() // the mail has been taken, or not: nothing can be done about a failing QUIT
	if err := c.Send(msg); err != nil {
		return slides.E(slides.Broken, op, "Máy chủ thư "+m.host+" từ chối thư; hãy xem lại địa chỉ gửi và nhận.", "The mail server "+m.host+" refused the mail; check the sender's and the receivers' addresses.", err)
	}
	return nil
}
