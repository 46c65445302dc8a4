// Package api is the HTTP interface for the office's other systems, such as a
// queue that calls numbers to counters.
//
// A caller has a token, made with "motcua token add", and sends it as
// "Authorization: Bearer …". Bodies are JSON in UTF-8. What goes wrong is answered
// with an object of "kind", "vi" and "en", the last two being sentences for people:
// 401 token, 404 no such kiosk, 409 not in counter mode or offline, 422 a value, 429 too fast
// (with Retry-After in seconds).
//
//	POST /api/v1/kiosks/{kiosk}/invite      {"ticket":"A012","procedure":"1.000105","officer":"cb-1"}
//	  202 {"id":"c-…","expires":1700000030000}   each field may be left out; a procedure is one of the published catalogue, where there is one
//	GET  /api/v1/kiosks/{kiosk}/invite/{id}
//	  200 {"state":"done"}                       pending, sent, done, failed or expired; with "vi" and "en" where it failed
//
// "done" means that the question is on the screen. Whether it was answered is
// told to nobody: see package wire, Dossiers.
package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// Bounds of one caller. A queue of forty counters calls a few numbers a second
// in the rush of a Monday morning.
const (
	perSecond = 10
	burst     = 40
	maxBody   = 4 << 10
	// Strangers together, who cost a look into the database each.
	strangersPerSecond = 50
)

type server struct {
	store     *store.Store
	log       *slog.Logger
	addr      func(*http.Request) string
	strangers *rate.Limiter

	mu      sync.Mutex
	callers map[string]*rate.Limiter // guarded by mu; by the digest of a token that was good: as many as there are tokens
}

// New makes the handler of everything below /api/. addr says where a call comes
// from, for the log.
func New(st *store.Store, log *slog.Logger, addr func(*http.Request) string) http.Handler {
	s := &server{store: st, log: log, addr: addr, strangers: rate.NewLimiter(strangersPerSecond, strangersPerSecond), callers: map[string]*rate.Limiter{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/kiosks/{kiosk}/invite", s.as(store.InviteScope, s.invite))
	mux.HandleFunc("GET /api/v1/kiosks/{kiosk}/invite/{id}", s.as(store.InviteScope, s.outcome))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, slides.E(slides.NotFound, "api", "Không có địa chỉ này; xem tài liệu của gói server/api.", "There is no such address; see the text of package server/api.", nil))
	})
	return mux
}

// as lets a caller with a token of a scope through.
func (s *server) as(scope store.Scope, serve func(*http.Request, store.Actor) (int, any, error)) http.HandlerFunc {
	const op = "api"
	busy := slides.E(slides.Throttled, op, "Gọi quá nhanh; hãy chờ một giây rồi gọi lại.", "Too many calls; wait a second and call again.", nil)
	return func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		digest := auth.Digest(strings.TrimLeft(token, " "))
		if !strings.EqualFold(scheme, "Bearer") || digest == "" {
			w.Header().Set("WWW-Authenticate", "Bearer")
			s.fail(w, r, slides.E(slides.Denied, op, "Thiếu khóa truy cập (Authorization: Bearer …).", "The token is missing (Authorization: Bearer …).", nil))
			return
		}
		caller := s.caller(digest)
		if caller == nil && !s.strangers.Allow() || caller != nil && !caller.Allow() {
			s.fail(w, r, busy)
			return
		}
		k, err := s.store.UseAPIToken(r.Context(), digest, scope)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if caller == nil {
			s.admit(digest)
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		status, answer, err := serve(r, store.Actor{User: "token:" + k.ID, Name: k.Name, Addr: s.addr(r)})
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.answer(w, status, answer)
	}
}

// caller is the brake of a token that has served before, nil for a stranger's: a
// flood of strangers must not keep the queue out.
func (s *server) caller(digest string) *rate.Limiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.callers[digest]
}

func (s *server) admit(digest string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.callers[digest] == nil {
		s.callers[digest] = rate.NewLimiter(perSecond, burst)
	}
}

func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := slides.KindOf(err)
	status := kind.Status()
	if kind == slides.Denied {
		status = http.StatusUnauthorized
	}
	if kind == slides.Throttled {
		w.Header().Set("Retry-After", "1") // by then a caller has ten calls again
	}
	if status >= 500 {
		s.log.Error("api", "path", r.URL.Path, "err", err)
	}
	s.answer(w, status, wire.Problem{Kind: kind, Vi: slides.Sentence(err, "vi"), En: slides.Sentence(err, "en")})
}

func (s *server) answer(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.log.Debug("api answer", "err", err)
	}
}

type invited struct {
	ID      string        `json:"id"`
	Expires slides.Millis `json:"expires"`
}

func (s *server) invite(r *http.Request, a store.Actor) (int, any, error) {
	var v wire.Invitation
	if err := one(r.Body, &v); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return 0, nil, slides.E(slides.TooLarge, "api.invite", "Nội dung quá lớn (tối đa 4 KiB).", "The body is too large (4 KiB at most).", err)
		}
		return 0, nil, slides.E(slides.Invalid, "api.invite", "Nội dung phải là một đối tượng JSON với ticket, procedure, officer.", "The body must be one JSON object with ticket, procedure, officer.", err)
	}
	c, err := s.store.Invite(r.Context(), a, r.PathValue("kiosk"), v)
	return http.StatusAccepted, invited{c.ID, c.Expires}, err
}

// one reads a body that is one JSON object, or nothing at all.
func one(r io.Reader, v any) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if b = bytes.Trim(b, " \t\r\n"); len(b) == 0 {
		return nil
	}
	if b[0] != '{' {
		return errors.New("no object")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.InputOffset() != int64(len(b)) {
		return errors.New("more than one object")
	}
	return nil
}

type outcome struct {
	State string `json:"state"`
	Vi    string `json:"vi,omitempty"`
	En    string `json:"en,omitempty"`
}

func (s *server) outcome(r *http.Request, _ store.Actor) (int, any, error) {
	list, err := s.store.Commands(r.Context(), r.PathValue("kiosk"), 0)
	if err != nil {
		return 0, nil, err
	}
	for _, c := range list {
		if c.ID == r.PathValue("id") && c.Verb == wire.Invite {
			return http.StatusOK, outcome{c.State, c.Vi, c.En}, nil
		}
	}
	return 0, nil, slides.E(slides.NotFound, "api.outcome", "Không có lời mời này.", "There is no such invitation.", nil)
}
