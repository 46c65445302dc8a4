// Package citizen is what citizens' own phones open: a rating, a letter, and
// how far a letter is.
//
// # What these pages ask of a phone
//
// Nothing but HTML and one style sheet of this server: no script, no cookie, no
// font, no picture, no address elsewhere. Everything that a page weighs stays
// below 60 KB, and an Android of ten years ago shows it. What a form has learnt
// so far travels in the form itself, so that no server needs to remember a
// visitor and any of several may answer.
//
// # Who may send
//
// Whoever has a pass that a kiosk has just signed (wire.NewPass): once. The pass
// is the address, so that the page that thanks is the page that was opened: a
// double tap, the back button, a lost answer or a reload all end there, and
// nothing counts twice. The receipt of a letter is told again in the same way.
package citizen

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"motcua/server/limits"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

//go:embed pages/*.html citizen.css
var files embed.FS

// Limits of what strangers may send. A form with 40 answers and a full text in
// Vietnamese, percent-encoded, stays below 20 KiB.
const (
	maxBody = 64 << 10
	// A carrier's whole city may come from one address.
	perSecond = 20
	burst     = 200
	// Receipts are looked up by hand; who tries many of them is guessing.
	lookPerSecond = 0.5
	lookBurst     = 60
)

// policy lets a page load this server's style sheet and send its form back, and
// nothing else; the empty icon, which saves a request, is a data: address.
const policy = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const stylePath = "/citizen.css"

// Pages serve the public pages. They are safe for concurrent use.
type Pages struct {
	store  *store.Store
	log    *slog.Logger
	pages  map[string]*template.Template
	style  []byte
	build  string // names the style sheet's bytes
	asked  *limits.ByAddress
	looked *limits.ByAddress
	offers offers
}

// New makes the pages over st; a nil log discards.
func New(st *store.Store, log *slog.Logger) (*Pages, error) {
	const op = "citizen.New"
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p := &Pages{store: st, log: log, pages: map[string]*template.Template{}, asked: limits.New(perSecond, burst), looked: limits.New(lookPerSecond, lookBurst)}
	broken := func(err error) (*Pages, error) {
		return nil, slides.E(slides.Broken, op, "Không đọc được mẫu trang cho người dân.", "The citizens' pages can't be read.", err)
	}
	var err error
	if p.style, err = files.ReadFile("citizen.css"); err != nil {
		return broken(err)
	}
	sum := sha256.Sum256(p.style)
	p.build = hex.EncodeToString(sum[:4])
	layout, err := template.New("").Funcs(template.FuncMap{"inc": func(n int) int { return n + 1 }}).ParseFS(files, "pages/_*.html")
	if err != nil {
		return broken(err)
	}
	names, err := fs.Glob(files, "pages/[a-z]*.html")
	if err != nil {
		return broken(err)
	}
	for _, n := range names {
		t, err := layout.Clone()
		if err == nil {
			t, err = t.ParseFS(files, n)
		}
		if err != nil {
			return broken(err)
		}
		p.pages[strings.TrimSuffix(path.Base(n), ".html")] = t
	}
	return p, nil
}

// Register adds the public paths.
func (p *Pages) Register(mux *http.ServeMux) {
	for pattern, serve := range map[string]func(*visit) error{
		"GET " + wire.PathRate + "{pass}":     p.rate,
		"POST " + wire.PathRate + "{pass}":    p.rated,
		"GET " + wire.PathWrite + "{pass}":    p.write,
		"POST " + wire.PathWrite + "{pass}":   p.written,
		"GET " + wire.PathStatus + "{code}":   p.status,
		"GET " + wire.PathStatus + "{$}":      p.status,
		"GET " + wire.PathRate + "{rest...}":  nowhere,
		"GET " + wire.PathWrite + "{rest...}": nowhere,
	} {
		mux.Handle(pattern, p.handler(serve))
	}
	mux.HandleFunc("GET "+stylePath, func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/css; charset=utf-8")
		h.Set("Cache-Control", "public, max-age=31536000, immutable") // its address names its bytes
		h.Set("X-Content-Type-Options", "nosniff")
		w.Write(p.style)
	})
}

// visit is one request being answered; owned by its goroutine.
type visit struct {
	*Pages
	w    http.ResponseWriter
	r    *http.Request
	lang string // "vi" or "en"
	now  slides.Millis
}

func (p *Pages) handler(serve func(*visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // the address is the pass
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cache-Control", "no-store")
		if r.Method == http.MethodPost {
			h.Set("Cache-Control", "private, no-cache") // else "back" to a second step ends in an error of the browser's
		}
		v := &visit{Pages: p, w: w, r: r, lang: "vi", now: p.store.Now()}
		defer func() {
			if x := recover(); x != nil {
				if x == http.ErrAbortHandler {
					panic(x)
				}
				p.log.Error("a page panicked", "path", r.URL.Path, "panic", x, "stack", string(debug.Stack()))
				v.fail(slides.E(slides.Broken, "citizen", "Máy chủ gặp lỗi; xin thử lại sau.", "The server met a fault; please try again later.", nil))
			}
		}()
		if r.URL.Query().Get("l") == "en" {
			v.lang = "en"
		}
		if !p.asked.Allow(r) {
			h.Set("Retry-After", "5")
			v.fail(slides.E(slides.Throttled, "citizen", "Đang có quá nhiều yêu cầu; xin thử lại sau vài giây.", "There are too many requests; please try again in a few seconds.", nil))
			return
		}
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			if err := r.ParseForm(); err != nil {
				kind, vi, en := slides.Invalid, "Không đọc được nội dung gửi lên; xin quét lại mã QR.", "What was sent can't be read; please scan the QR again."
				if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
					kind, vi, en = slides.TooLarge, "Nội dung gửi lên quá dài.", "What was sent is too long."
				}
				v.fail(slides.E(kind, "citizen", vi, en, err))
				return
			}
		}
		if err := serve(v); err != nil {
			v.fail(err)
		}
	})
}

// page is what a template sees.
type page struct {
	Lang    string
	Style   string
	Other   string // address of the page in the other language; "" where a form would be lost
	Here    string // address to send the form to
	Unit    slides.Text
	Office  slides.Text
	Desk    slides.Text
	Problem string // what is to be put right, in words
	Page    any
}

// Say picks the page's language of two.
func (p *page) Say(vi, en string) string {
	if p.Lang == "en" {
		return en
	}
	return vi
}

// T is a text in the page's language.
func (p *page) T(t slides.Text) string { return t.In(p.Lang) }

// address is where this page is in a language.
func (v *visit) address(lang string) string {
	u := url.URL{Path: v.r.URL.Path}
	if lang == "en" {
		u.RawQuery = "l=en"
	}
	return u.String()
}

func (v *visit) render(status int, name string, pg *page) error {
	pg.Lang, pg.Style, pg.Here = v.lang, stylePath+"?v="+v.build, v.address(v.lang)
	if v.r.Method == http.MethodGet {
		pg.Other = v.address(map[string]string{"vi": "en", "en": "vi"}[v.lang])
	}
	var b bytes.Buffer
	if err := v.pages[name].ExecuteTemplate(&b, "layout", pg); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, err := v.w.Write(b.Bytes())
	if err != nil {
		v.log.Debug("a phone went away", "err", err)
	}
	return nil
}

// fail tells an error in words.
func (v *visit) fail(err error) {
	kind := slides.KindOf(err)
	if kind == slides.Broken || kind == slides.Corrupt || kind == slides.Full || kind == "" {
		v.log.Error("a citizen's page", "path", v.r.Pattern, "err", err) // never the pass or receipt itself
	}
	status := kind.Status()
	if err := v.render(status, "problem", &page{Page: v.sentence(err)}); err != nil {
		v.log.Error("telling a problem", "err", err)
		http.Error(v.w, "500", http.StatusInternalServerError)
	}
}

// sentence is what a citizen may read of err: each sentence once, and not where
// in the data the problem is.
func (v *visit) sentence(err error) string {
	e, ok := errors.AsType[*slides.Error](err)
	if !ok || len(e.Problems) == 0 {
		return slides.Sentence(err, v.lang)
	}
	var out []string
	for _, p := range e.Problems {
		if s := v.say(p.Vi, p.En); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

// again sends the browser to the same address: what it shows there says what
// has become of the form.
func (v *visit) again() error {
	http.Redirect(v.w, v.r, v.address(v.lang), http.StatusSeeOther)
	return nil
}

func nowhere(*visit) error {
	return slides.E(slides.NotFound, "citizen", "Địa chỉ này không đúng; xin quét lại mã QR trên màn hình.", "This address is not valid; please scan the QR on the screen again.", nil)
}

// guest is who has come with a pass: whose it is, what it has served for, and
// what its kiosk offers.
type guest struct {
	pass    wire.Pass
	kiosk   *store.Kiosk
	used    bool
	receipt string // of the letter that it served for
	offer   *offer
}

// enter reads the pass of the address. A pass that has served enters at any
// time, to be told so again; another one as long as it opens pages or, with a
// form in hand, as long as it sends.
func (v *visit) enter(purpose wire.Purpose) (*guest, error) {
	p, err := wire.ParsePass(v.r.PathValue("pass"))
	if err == nil && p.For != purpose {
		err = nowhere(v)
	}
	if err != nil {
		return nil, err
	}
	h, err := v.store.Pass(v.r.Context(), p)
	if err != nil {
		return nil, err
	}
	fresh := p.Opens
	if v.r.Method == http.MethodPost {
		fresh = p.Sends
	}
	if !h.Used && !fresh(v.now) {
		return nil, expired()
	}
	o, err := v.offer(v.r.Context(), &h.Kiosk)
	return &guest{p, &h.Kiosk, h.Used, h.Receipt, o}, err
}

func expired() error {
	return slides.E(slides.Invalid, "citizen", "Mã này đã hết hạn. Xin quét mã mới trên màn hình ki-ốt.", "This code has expired. Please scan a new one on the kiosk's screen.", nil)
}
