package studio

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/slides"
)

// request is one call being answered; owned by its goroutine.
type request struct {
	*server
	w       http.ResponseWriter
	r       *http.Request
	session *auth.Session // nil without
	lang    string        // "vi" or "en"
	wrote   bool
	titles  map[string]string // slideTitle's
	tree    map[string]string // unit to the one above; nil until asked for
	about   *string           // the unit that the call is about; nil where that does not matter
}

// policy lets a page load only what this server serves. There is no inline
// script or style; data: pictures are the previews of drafts.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: with it browsers send "Origin: null" with a form, and
	// over plain HTTP the check of the origin has nothing else to go by.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cache-Control", "no-store")
	q := &request{server: s, w: w, r: r, lang: language(r)}
	defer func() {
		if x := recover(); x != nil {
			if x == http.ErrAbortHandler {
				panic(x)
			}
			s.Log.Error("a page panicked", "path", r.URL.Path, "panic", x, "stack", string(debug.Stack()))
			q.fail(slides.E(slides.Broken, "studio.serve", slides.Sentence(nil, "vi"), slides.Sentence(nil, "en"), nil))
		}
	}()
	if err := s.cross.Check(r); err != nil {
		q.fail(slides.E(slides.Denied, "studio.serve",
			"Yêu cầu đến từ một trang khác nên bị từ chối. Hãy mở trang quản trị và thao tác lại ở đó.",
			"The request came from another site and was refused. Open the studio and do it there.", err))
		return
	}
	handler, pattern := s.mux.Handler(r)
	if pattern == "" {
		q.nowhere(handler)
		return
	}
	_ = handler
	s.mux.ServeHTTP(w, r)
}

// nowhere answers what no route serves: the mux's own verdict, in words.
func (q *request) nowhere(verdict http.Handler) {
	rec := &verdictWriter{header: http.Header{}}
	verdict.ServeHTTP(rec, q.r)
	switch {
	case rec.status == http.StatusMethodNotAllowed:
		q.w.Header().Set("Allow", rec.header.Get("Allow"))
		q.problem(http.StatusMethodNotAllowed, q.words.say(q.lang, "error.method"))
	case rec.status >= 300 && rec.status < 400:
		http.Redirect(q.w, q.r, rec.header.Get("Location"), rec.status)
	default:
		q.problem(http.StatusNotFound, q.words.say(q.lang, "error.notfound"))
	}
}

type verdictWriter struct {
	header http.Header
	status int
}

func (v *verdictWriter) Header() http.Header         { return v.header }
func (v *verdictWriter) Write(b []byte) (int, error) { return len(b), nil }
func (v *verdictWriter) WriteHeader(code int)        { v.status = code }

// handler checks session and right, limits the body, and turns errors into pages.
func (s *server) handler(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{server: s, w: w, r: r, lang: language(r)}
		if err := q.who(); err != nil {
			q.fail(err)
			return
		}
		if ok, err := q.permit(rt); err != nil {
			q.fail(err)
			return
		} else if !ok {
			q.refuseEntry()
			return
		}
		if r.Method == http.MethodPost {
			limit := rt.body
			if limit == 0 {
				limit = formBody
			}
			if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
				limit = min(limit, pictureBody) // held in memory, where a file is not
			}
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			if err := q.readForm(); err != nil {
				q.fail(err)
				return
			}
		}
		if err := rt.serve(q); err != nil {
			q.fail(err)
		}
	})
}

// who finds the session of the cookie, if any.
func (q *request) who() error {
	c, err := q.r.Cookie(q.cookie(sessionCookie))
	if err != nil {
		return nil
	}
	q.session, err = q.Guard.Session(q.r.Context(), c.Value)
	if slides.KindOf(err) == slides.Denied {
		return nil
	}
	return err
}

// refuseEntry answers who has not signed in, or has no right.
func (q *request) refuseEntry() {
	switch {
	case q.session != nil:
		q.problem(http.StatusForbidden, q.words.say(q.lang, "error.right"))
	case q.r.Method == http.MethodGet || q.r.Method == http.MethodHead:
		http.Redirect(q.w, q.r, "/studio/sign-in?"+url.Values{"next": {q.r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
	default:
		q.problem(http.StatusUnauthorized, q.words.say(q.lang, "error.session"))
	}
}

// readForm parses the body; a body over the limit is TooLarge, one that is no
// form Invalid.
func (q *request) readForm() error {
	const op = "studio.readForm"
	var err error
	if strings.HasPrefix(q.r.Header.Get("Content-Type"), "multipart/") {
		err = q.r.ParseMultipartForm(1 << 20)
	} else {
		err = q.r.ParseForm()
	}
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		mib := (e.Limit + 1<<20 - 1) >> 20
		return slides.E(slides.TooLarge, op, q.words.say("vi", "error.large", mib), q.words.say("en", "error.large", mib), err)
	}
	return slides.E(slides.Invalid, op, q.words.say("vi", "error.form"), q.words.say("en", "error.form"), err)
}

// fail turns an error into a page, and logs what is our own fault.
func (q *request) fail(err error) {
	kind := slides.KindOf(err)
	status := kind.Status()
	if status >= 500 {
		q.Log.Error("page", "path", q.r.URL.Path, "err", err)
	}
	if q.wrote {
		return // half a download is out: the log has said why
	}
	q.problem(status, slides.Sentence(err, q.lang))
}

// problem renders the page of an error.
func (q *request) problem(status int, sentence string) {
	if err := q.render(status, "error", errorPage{Status: status, Sentence: sentence}); err != nil {
		q.Log.Error("error page", "err", err)
	}
}

type errorPage struct {
	Status   int
	Sentence string
}

// render writes a page. It is rendered whole first: a failing template gives a
// clean 500, never half a page.
func (q *request) render(status int, page string, data any) error {
	var b bytes.Buffer
	if err := q.pages.render(&b, page, q.view(page, data)); err != nil {
		if page != "error" {
			return slides.E(slides.Broken, "studio.render", slides.Sentence(nil, "vi"), slides.Sentence(nil, "en"), err)
		}
		http.Error(q.w, slides.Sentence(nil, q.lang), http.StatusInternalServerError)
		return err
	}
	q.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	q.w.WriteHeader(status)
	q.wrote = true
	_, err := q.w.Write(b.Bytes())
	if err != nil {
		q.Log.Debug("page not delivered", "err", err)
	}
	return nil
}

// to redirects after a POST; done names a sentence ("done.…") to show there.
func (q *request) to(path, done string) error {
	http.Redirect(q.w, q.r, saying(path, done), http.StatusSeeOther)
	return nil
}

// saying is the address of a page that shows a sentence, "" for none.
func saying(path, done string) string {
	if done == "" {
		return path
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + "done=" + done
}

const (
	sessionCookie  = "motcua_session"
	deviceCookie   = "motcua_device"
	languageCookie = "motcua_language"
)

func (q *request) secure() bool { return q.Secure || q.r.TLS != nil }

// cookie is a cookie's name: __Host- binds it to this host where TLS lets us.
func (q *request) cookie(name string) string {
	if q.secure() {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a cookie for life (0: this browser's session; below 0: gone).
// SameSite is Lax: a link to the approval page in a phone's camera must find
// the session; posts from elsewhere are refused by origin.
func (q *request) setCookie(name, value string, life time.Duration) {
	c := &http.Cookie{Name: q.cookie(name), Value: value, Path: "/", HttpOnly: true, Secure: q.secure(), SameSite: http.SameSiteLaxMode, MaxAge: int(life.Seconds())}
	http.SetCookie(q.w, c)
}

// language is the cookie's, else the browser's first of ours, else Vietnamese.
func language(r *http.Request) string {
	for _, name := range []string{"__Host-" + languageCookie, languageCookie} {
		if c, err := r.Cookie(name); err == nil && slices.Contains(languages, c.Value) {
			return c.Value
		}
	}
	return languages[0]
}

// addr is from where the call comes.
func (q *request) addr() string { return q.ClientAddr(q.r) }
