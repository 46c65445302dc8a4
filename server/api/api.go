// Package api is the HTTP interface for the office's other systems: a queue that
// calls numbers to counters, a portal that writes slides, a report that reads
// figures. What there is stands in one table (routes.go), from which the
// handlers, the rights and the OpenAPI 3.1 document at /api/v1/openapi.json are
// made; the studio shows the same document as a page.
//
// A caller has a token with scopes, which holds in one unit and all below it,
// and sends it as "Authorization: Bearer …". There is no personal data here: no
// letters, no single ratings, no accounts.
//
// Bodies are JSON in UTF-8 and read strictly: a field that nobody knows, or a
// parameter, is an error that names it. Moments are milliseconds since 1970 UTC. What goes wrong
// is answered as RFC 9457 says (application/problem+json), with "kind" for
// programs, "vi" and "en" for people, and "problems" by path.
//
// Content has versions: a read gives one as ETag, and a change names in If-Match
// the one that it began from, so that nobody overwrites what they have not seen.
// A POST with an Idempotency-Key happens once, however often it is sent within
// 48 hours: what it answered is kept in the same transaction as what it did.
// Lists come by page; "next" of one is "cursor" of the one after it.
package api

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"motcua/server/auth"
	"motcua/server/reckon"
	"motcua/server/store"
	"motcua/slides"
)

// Bounds of one caller. A queue of forty counters calls a few numbers a second
// in the rush of a Monday morning.
const (
	perSecond = 10
	burst     = 40
	// Strangers together, who cost a look into the database each.
	strangersPerSecond = 50
)

type server struct {
	store     *store.Store
	log       *slog.Logger
	addr      func(*http.Request) string
	strangers *rate.Limiter
	review    Review
	programs  *reckon.Programs
	each      rate.Limit // calls a second of one token

	mu      sync.Mutex
	callers map[string]*rate.Limiter // guarded by mu; by the digest of a token that was good: as many as there are tokens
}

// New makes the handler of everything below /api/. addr says where a call comes
// from, for the audit; check looks through slides before they are published.
func New(st *store.Store, log *slog.Logger, addr func(*http.Request) string, check Review) http.Handler {
	return build(st, log, addr, check, perSecond)
}

func build(st *store.Store, log *slog.Logger, addr func(*http.Request) string, check Review, each rate.Limit) http.Handler {
	s := &server{review: check, programs: reckon.New(st), each: each, store: st, log: log, addr: addr, strangers: rate.NewLimiter(strangersPerSecond, strangersPerSecond), callers: map[string]*rate.Limiter{}}
	mux := http.NewServeMux()
	for _, rt := range routes() {
		mux.HandleFunc(rt.method+" "+rt.path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, &rt) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, pattern := mux.Handler(r); pattern == "" {
			s.nowhere(w, r, h)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// nowhere answers what no route serves: the mux's own verdict, as a problem.
func (s *server) nowhere(w http.ResponseWriter, r *http.Request, verdict http.Handler) {
	rec := &verdictWriter{header: http.Header{}}
	verdict.ServeHTTP(rec, r)
	if rec.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", rec.header.Get("Allow"))
		s.fail(w, r, &refusal{http.StatusMethodNotAllowed, slides.E(slides.Invalid, "api", "Địa chỉ này không nhận phương thức "+r.Method+".", "This address does not take "+r.Method+".", nil)})
		return
	}
	s.fail(w, r, slides.E(slides.NotFound, "api", "Không có địa chỉ này; xem /api/v1/openapi.json.", "There is no such address; see /api/v1/openapi.json.", nil))
}

// verdictWriter takes only what a handler decides.
type verdictWriter struct {
	header http.Header
	status int
}

func (v *verdictWriter) Header() http.Header         { return v.header }
func (v *verdictWriter) Write(b []byte) (int, error) { return len(b), nil }
func (v *verdictWriter) WriteHeader(status int)      { v.status = status }

// admit finds the token of a call and holds it against its brake.
func (s *server) admit(r *http.Request) (k store.APIToken, err error) {
	const op = "api"
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	digest := auth.Digest(strings.TrimLeft(token, " "))
	if !strings.EqualFold(scheme, "Bearer") || digest == "" {
		return k, &refusal{http.StatusUnauthorized, slides.E(slides.Denied, op, "Thiếu khóa truy cập (Authorization: Bearer …).", "The token is missing (Authorization: Bearer …).", nil)}
	}
	// A flood of strangers must not keep the queue out: who has served before has
	// a brake of its own.
	caller := s.caller(digest, false)
	if caller == nil && !s.strangers.Allow() || caller != nil && !caller.Allow() {
		return k, slides.E(slides.Throttled, op, "Gọi quá nhanh; hãy chờ một giây rồi gọi lại.", "Too many calls; wait a second and call again.", nil)
	}
	k, err = s.store.UseAPIToken(r.Context(), digest)
	if slides.KindOf(err) == slides.Denied {
		return k, &refusal{http.StatusUnauthorized, err}
	}
	if err == nil && caller == nil {
		s.caller(digest, true)
	}
	return k, err
}

// caller is the brake of a token that has served before, nil for a stranger's.
func (s *server) caller(digest string, known bool) *rate.Limiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known && s.callers[digest] == nil {
		s.callers[digest] = rate.NewLimiter(s.each, burst)
	}
	return s.callers[digest]
}
