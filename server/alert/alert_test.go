package alert

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"motcua/server/store"
	"motcua/slides"
)

// post is a real mail server in this process. It demands a sign-in.
type post struct {
	addr string
	tls  *tls.Config // for its clients

	mu     sync.Mutex
	got    []letter // guarded by mu
	refuse int      // guarded by mu; so many mails are refused
}

type letter struct {
	from string
	to   []string
	head netmail.Header
	body string
}

const (
	postUser     = "motcua"
	postPassword = "mật khẩu thư"
)

// newPost starts one; tlsFirst speaks TLS from the first byte.
func newPost(t *testing.T, tlsFirst bool) *post {
	t.Helper()
	web := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	t.Cleanup(web.Close)
	p := &post{tls: &tls.Config{ServerName: "127.0.0.1", RootCAs: web.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{post: p}, nil }))
	s.TLSConfig = &tls.Config{Certificates: web.TLS.Certificates}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if p.addr = lis.Addr().String(); tlsFirst {
		lis = tls.NewListener(lis, s.TLSConfig)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Serve(lis) // ends with Close
	}()
	t.Cleanup(func() {
		s.Close()
		<-done
	})
	return p
}

type session struct {
	*post
	in     bool
	letter letter
}

func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != postUser || password != postPassword {
			return smtp.ErrAuthFailed
		}
		s.in = true
		return nil
	}), nil
}

func (s *session) Reset()        { s.letter = letter{} }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.in {
		return smtp.ErrAuthRequired
	}
	s.letter.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.letter.to = append(s.letter.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		return err
	}
	s.letter.head, s.letter.body = m.Header, strings.ReplaceAll(string(b), "\r\n", "\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse > 0 {
		s.refuse--
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}
	}
	s.got = append(s.got, s.letter)
	return nil
}

// take returns what has come since the last time.
func (p *post) take() []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.got
	p.got = nil
	return out
}

func (p *post) mailer(t *testing.T, change ...func(*SMTP)) *Mailer {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(postPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := SMTP{Addr: p.addr, User: postUser, PasswordFile: file, From: "Một Cửa <motcua@example.vn>", TLS: p.tls}
	for _, f := range change {
		f(&s)
	}
	m, err := NewMailer(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func subject(t *testing.T, l letter) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(l.head.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMailer(t *testing.T) {
	ctx := context.Background()
	x := store.Mail{ID: "m-1", To: []string{"a@example.vn", "b@example.vn"}, Subject: "[Một Cửa] Sảnh tầng 1 mất kết nối", Body: "Thấy lần cuối 8:12\n– Ki-ốt 1\n", Queued: 1_790_000_000_000}
	for _, first := range []bool{false, true} {
		p := newPost(t, first)
		m := p.mailer(t, func(s *SMTP) {
			if first {
				s.Security = "tls"
			}
		})
		for range 2 {
			if err := m.Send(ctx, x); err != nil {
				t.Fatal(err)
			}
		}
		got := p.take()
		if len(got) != 2 || got[0].from != "motcua@example.vn" || fmt.Sprint(got[0].to) != "[a@example.vn b@example.vn]" || subject(t, got[0]) != x.Subject || !strings.HasPrefix(got[0].body, x.Body) {
			t.Fatalf("%+v", got)
		}
		if id := got[0].head.Get("Message-ID"); id != "<m-1@example.vn>" || got[1].head.Get("Message-ID") != id || got[0].head.Get("Auto-Submitted") == "" {
			t.Errorf("%v", got[0].head)
		}
	}
	p := newPost(t, false)
	for name, m := range map[string]*Mailer{
		"wrong password": p.mailer(t, func(s *SMTP) { s.User = "somebody" }),
		"nobody":         p.mailer(t, func(s *SMTP) { s.User = "" }),
		"unknown issuer": p.mailer(t, func(s *SMTP) { s.TLS = nil }),
		"not there":      p.mailer(t, func(s *SMTP) { s.Addr = "127.0.0.1:1" }),
	} {
		err := m.Send(ctx, x)
		if slides.KindOf(err) != slides.Broken || slides.Sentence(err, "vi") == "" || strings.Contains(slides.Sentence(err, "en"), postPassword) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(p.take()) != 0 {
		t.Error("a mail went out all the same")
	}
	for flag, s := range map[string]SMTP{
		"-smtp:":               {Addr: "mail.example.vn:x", From: "a@b.vn"},
		"-smtp-from":           {Addr: "mail.example.vn", From: "me"},
		"-smtp-security":       {Addr: "mail.example.vn", From: "a@b.vn", Security: "ssl3"},
		"-smtp-password-file:": {Addr: "mail.example.vn", From: "a@b.vn", User: "x", PasswordFile: filepath.Join(t.TempDir(), "none")},
	} {
		if _, err := NewMailer(s); slides.KindOf(err) != slides.Invalid || !strings.Contains(slides.Sentence(err, "en"), flag) {
			t.Errorf("%s: %v", flag, err)
		}
	}
	if m, err := NewMailer(SMTP{}); m != nil || err != nil {
		t.Error("no settings are no mailer", m, err)
	}
}

// house is a store with kiosks on a clock that stands.
type house struct {
	t     *testing.T
	store *store.Store
	clock *atomic.Int64
	who   []string
}

var actor = store.Actor{User: "u"}

func newHouse(t *testing.T, kiosks int) *house {
	t.Helper()
	h := &house{t: t, clock: new(atomic.Int64)}
	h.clock.Store(time.Date(2026, 3, 20, 9, 0, 0, 0, time.FixedZone("+07", 7*3600)).UnixMilli()) // a Friday
	st, err := store.Open(t.TempDir(), store.Options{Now: func() time.Time { return time.UnixMilli(h.clock.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- st.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, st.Close()); err != nil {
			t.Error(err)
		}
	})
	h.store = st
	h.ok(st.SaveUnit(ctx, actor, store.Unit{ID: "so", Name: slides.Vi("Sở thử")}))
	for i := range kiosks {
		pub, _, err := ed25519.GenerateKey(rand.Reader)
		h.ok(err)
		p, err := st.CreatePairing(ctx, store.PairingRequest{Key: pub, Nonce: make([]byte, 32), Addr: fmt.Sprintf("10.0.0.%d:1", i+1)})
		h.ok(err)
		e := store.KioskEdit{Name: fmt.Sprintf("Máy %03d", i+1), Unit: "so"}
		e.Terminal.Hours = []slides.Span{{Days: []int{1, 2, 3, 4, 5}, From: "07:30", Until: "17:00"}}
		k, err := st.ApprovePairing(ctx, actor, store.Approval{Pairing: p.ID, KioskEdit: e})
		h.ok(err)
		h.who = append(h.who, k.ID)
		h.back(i)
	}
	h.ok(st.SaveAlertSettings(ctx, actor, store.AlertSettings{On: true, After: 10, To: []string{"it@example.vn"}, Lang: "vi"}))
	return h
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) pass(d time.Duration) { h.clock.Add(d.Milliseconds()) }

func (h *house) back(i int) {
	h.t.Helper()
	_, err := h.store.TakeLease(context.Background(), h.who[i], "c", store.Hello{}, 1000*time.Hour)
	h.ok(err)
}

func (h *house) gone(i int) {
	h.t.Helper()
	h.ok(h.store.DropLease(context.Background(), h.who[i], "c"))
}

// settle lets watches look and deliver, all at once, as servers do.
func (h *house) settle(ws ...*Watch) {
	h.t.Helper()
	for _, step := range []func(*Watch, context.Context) error{(*Watch).look, (*Watch).deliver} {
		var wg sync.WaitGroup
		errs := make([]error, len(ws))
		for i, w := range ws {
			wg.Go(func() { errs[i] = step(w, context.Background()) })
		}
		wg.Wait()
		h.ok(errors.Join(errs...))
	}
}

// One mail tells of a silence and one of its end, however many servers look and
// however often.
func TestOneMailForASilence(t *testing.T) {
	p := newPost(t, false)
	h := newHouse(t, 3)
	o := Options{Mail: p.mailer(t), Public: "https://motcua.example.vn"}
	a, b := New(h.store, o), New(h.store, o)
	nothing := func(why string) {
		t.Helper()
		h.settle(a, b)
		if got := p.take(); len(got) != 0 {
			t.Fatalf("%s: %d mails: %s", why, len(got), got[0].body)
		}
	}
	one := func(why string, says ...string) letter {
		t.Helper()
		h.settle(a, b)
		h.settle(a, b)
		got := p.take()
		if len(got) != 1 {
			t.Fatalf("%s: %d mails", why, len(got))
		}
		for _, s := range says {
			if !strings.Contains(subject(t, got[0])+"\n"+got[0].body, s) {
				t.Errorf("%s: %q is not in\n%s\n%s", why, s, subject(t, got[0]), got[0].body)
			}
		}
		return got[0]
	}
	nothing("all are here")
	h.gone(0)
	nothing("gone just now")
	h.pass(9 * time.Minute)
	nothing("nine minutes")
	h.pass(time.Minute)
	one("ten minutes", "[Một Cửa] Máy 001 mất kết nối", "hơn 10 phút", "– Máy 001 (Sở thử): thấy lần cuối 09:00 ngày 20/3/2026", "https://motcua.example.vn/studio/kiosks")
	h.pass(time.Hour)
	nothing("it was told")
	h.pass(8 * time.Hour) // after hours, and it stays away
	nothing("closed")
	h.pass(15 * time.Hour) // Saturday: closed
	nothing("a closed day")
	h.back(0)
	one("back", "[Một Cửa] Máy 001 đã kết nối lại", "báo mất lúc 09:10")
	h.gone(0)
	h.pass(50 * time.Hour) // Monday
	one("again", "Máy 001 mất kết nối")
	h.back(0)
	h.gone(1)
	h.gone(2)
	h.pass(time.Hour)
	one("several", "[Một Cửa] 2 ki-ốt mất kết nối, Máy 001 đã kết nối lại", "– Máy 002 (Sở thử)", "– Máy 003 (Sở thử)")
	h.ok(h.store.Unpair(context.Background(), actor, h.who[1]))
	nothing("taken out of use: no news")
	h.back(2)
	one("the last", "Máy 003 đã kết nối lại")
	list, err := h.store.Incidents(context.Background(), 10)
	h.ok(err)
	if len(list) != 4 {
		t.Fatalf("%+v", list)
	}
	for _, i := range list {
		if i.Closed == 0 || i.Back == (i.Kiosk == h.who[1]) {
			t.Errorf("%+v", i)
		}
	}
}

// A server that has just started has heard from nobody.
func TestAServerThatStartsWaits(t *testing.T) {
	p := newPost(t, false)
	h := newHouse(t, 2)
	h.gone(0)
	h.pass(30 * time.Minute) // the server was off
	w := New(h.store, Options{Mail: p.mailer(t)})
	h.settle(w)
	if got := p.take(); len(got) != 0 {
		t.Fatal("alarm before anybody could dial")
	}
	h.pass(10 * time.Minute)
	h.settle(w)
	if got := p.take(); len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	// Nobody is to be told by mail: it is noted all the same, for the page and for
	// webhooks; nor is a mail server needed for that.
	h.ok(h.store.SaveAlertSettings(context.Background(), actor, store.AlertSettings{After: 10, Lang: "vi"}))
	h.gone(1)
	h.pass(time.Hour)
	w.Mail = nil
	h.settle(w)
	if list, err := h.store.OpenIncidents(context.Background()); len(list) != 2 || err != nil {
		t.Fatalf("%+v, %v", list, err)
	}
	if got := p.take(); len(got) != 0 {
		t.Fatalf("%d mails", len(got))
	}
}

// Who is named at a unit hears of its kiosks and those below, in a mail of their
// own unless others hear of just the same; webhooks hear once of each.
func TestUnitsHearOfTheirOwn(t *testing.T) {
	ctx := context.Background()
	p := newPost(t, false)
	h := newHouse(t, 3)
	h.ok(h.store.SaveUnit(ctx, actor, store.Unit{ID: "mot-cua", Parent: "so", Name: slides.Vi("Một cửa")}))
	h.ok(h.store.SaveUnit(ctx, actor, store.Unit{ID: "khac", Name: slides.Vi("Sở khác")}))
	for i, unit := range []string{"mot-cua", "so", "khac"} {
		k, err := h.store.Kiosk(ctx, h.who[i])
		h.ok(err)
		e := store.KioskEdit{Name: k.Name, Unit: unit, Terminal: k.Terminal}
		_, err = h.store.UpdateKiosk(ctx, actor, k.ID, e)
		h.ok(err)
	}
	h.ok(h.store.SaveUnitAlertTo(ctx, actor, "so", []string{"so@example.vn", " so@example.vn "}))
	h.ok(h.store.SaveUnitAlertTo(ctx, actor, "mot-cua", []string{"motcua@example.vn", "it@example.vn"}))
	h.ok(h.store.SaveUnitAlertTo(ctx, actor, "khac", []string{"khac@example.vn"}))
	if err := h.store.SaveUnitAlertTo(ctx, actor, "khac", []string{"khác"}); slides.KindOf(err) != slides.Invalid {
		t.Fatal(err)
	}
	all, err := h.store.AddHook(ctx, actor, store.Hook{Name: "Tất cả", URL: "https://example.vn/a", Events: []store.Event{store.SilentEvent, store.BackEvent}}, store.NewSecret())
	h.ok(err)
	other, err := h.store.AddHook(ctx, actor, store.Hook{Name: "Sở khác", Unit: "khac", URL: "https://example.vn/b", Events: []store.Event{store.BackEvent}}, store.NewSecret())
	h.ok(err)
	w, w2 := New(h.store, Options{Mail: p.mailer(t)}), New(h.store, Options{Mail: p.mailer(t)})
	told := func(want ...string) {
		t.Helper()
		h.settle(w, w2)
		h.settle(w, w2)
		var got []string
		for _, l := range p.take() {
			got = append(got, strings.Join(l.to, "+")+": "+subject(t, l))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("mails\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	h.gone(0)
	h.gone(1)
	h.pass(time.Hour)
	told("it@example.vn+so@example.vn: [Một Cửa] 2 ki-ốt mất kết nối", "motcua@example.vn: [Một Cửa] Máy 001 mất kết nối")
	h.gone(2)
	h.back(0)
	h.pass(time.Hour)
	told("it@example.vn: [Một Cửa] Máy 003 mất kết nối, Máy 001 đã kết nối lại", "khac@example.vn: [Một Cửa] Máy 003 mất kết nối",
		"motcua@example.vn+so@example.vn: [Một Cửa] Máy 001 đã kết nối lại")
	h.ok(h.store.SaveUnitAlertTo(ctx, actor, "khac", nil))
	h.back(2)
	told("it@example.vn: [Một Cửa] Máy 003 đã kết nối lại")
	for hook, want := range map[string][]string{
		all.ID:   {"kiosk.back Máy 001 mot-cua", "kiosk.back Máy 003 khac", "kiosk.silent Máy 001 mot-cua", "kiosk.silent Máy 002 so", "kiosk.silent Máy 003 khac"},
		other.ID: {"kiosk.back Máy 003 khac"},
	} {
		list, err := h.store.HookDeliveries(ctx, hook, 20)
		h.ok(err)
		var got []string
		for _, d := range list {
			var e struct {
				Type, Unit string
				Data       struct{ Name string }
			}
			h.ok(json.Unmarshal(d.Body, &e))
			got = append(got, e.Type+" "+e.Data.Name+" "+e.Unit)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("webhook heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// A mail that is refused is tried again, later each time, and given up after a
// day; what went wrong is kept for staff.
func TestMailsAreTriedAgain(t *testing.T) {
	ctx := context.Background()
	p := newPost(t, false)
	h := newHouse(t, 1)
	w := New(h.store, Options{Mail: p.mailer(t)})
	h.ok(h.store.QueueTest(ctx, actor, "Thư thử", "Nội dung"))
	p.mu.Lock()
	p.refuse = 2
	p.mu.Unlock()
	for i, wait := range []time.Duration{0, time.Minute, 2 * time.Minute} {
		h.pass(wait - time.Second)
		if i > 0 {
			h.ok(w.deliver(ctx))
			if list, err := h.store.Mails(ctx, 1); err != nil || list[0].Tries != i {
				t.Fatalf("tried too soon: %+v, %v", list, err)
			}
		}
		h.pass(time.Second)
		h.ok(w.deliver(ctx))
		list, err := h.store.Mails(ctx, 1)
		h.ok(err)
		if m := list[0]; m.Tries != i+1 || m.Sent != (i == 2) || m.Sent == (m.Vi != "") {
			t.Fatalf("try %d: %+v", i+1, m)
		}
	}
	if got := p.take(); len(got) != 1 || subject(t, got[0]) != "Thư thử" {
		t.Fatalf("%+v", got)
	}
	p.mu.Lock()
	p.refuse = 1000
	p.mu.Unlock()
	h.ok(h.store.QueueTest(ctx, actor, "Thư thử", "Nội dung"))
	for range 100 {
		h.ok(w.deliver(ctx))
		h.pass(lastRetry)
	}
	list, err := h.store.Mails(ctx, 1)
	h.ok(err)
	if m := list[0]; m.Ended == 0 || m.Sent || m.Vi == "" || m.Tries < 40 || m.Tries > 60 {
		t.Errorf("%+v", m)
	}
	// A server that died with a mail in hand leaves it to another.
	p.mu.Lock()
	p.refuse = 0
	p.mu.Unlock()
	h.ok(h.store.QueueTest(ctx, actor, "Thư thử", "Nội dung"))
	if _, ok, err := h.store.ClaimMail(ctx, mailLease); !ok || err != nil {
		t.Fatal(ok, err)
	}
	h.ok(w.deliver(ctx))
	if got := p.take(); len(got) != 0 {
		t.Fatal("two servers send one mail")
	}
	h.pass(mailLease)
	h.ok(w.deliver(ctx))
	if got := p.take(); len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
}

// Many in one mail: some are named, the rest counted.
func TestDigestOfMany(t *testing.T) {
	var opened []store.Incident
	for i := range 100 {
		opened = append(opened, store.Incident{Kiosk: fmt.Sprintf("k%03d", i)})
	}
	for _, lang := range []string{"vi", "en"} {
		s, body := news{lang: lang, after: 10, kiosks: map[string]*store.KioskStatus{}}.compose(opened, nil)
		if !strings.Contains(s, "100") || bytes.Count([]byte(body), []byte("\n– ")) != mostNamed || !strings.Contains(body, "40") || strings.Contains(body, "%!") {
			t.Errorf("%s\n%s", s, body)
		}
	}
}
