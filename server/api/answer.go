package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"motcua/slides"
)

// failure is what goes wrong, as RFC 9457 has it, with what people and programs
// of this product read besides.
type failure struct {
	Type     string           `json:"type"`
	Title    string           `json:"title"`
	Status   int              `json:"status"`
	Detail   string           `json:"detail"`
	Kind     slides.ErrKind   `json:"kind"`
	Vi       string           `json:"vi"`
	En       string           `json:"en"`
	Problems []slides.Problem `json:"problems,omitempty"`
}

// refusal is an error whose status its kind does not say.
type refusal struct {
	status int
	error
}

func (r *refusal) Unwrap() error { return r.error }

// titles name the kinds in a few words, as RFC 9457 wants it: the same for every
// occurrence.
var titles = map[slides.ErrKind]slides.Text{
	slides.Invalid:   {"vi": "Nội dung chưa hợp lệ", "en": "Not valid"},
	slides.NotFound:  {"vi": "Không tìm thấy", "en": "Not found"},
	slides.Conflict:  {"vi": "Đã có thay đổi khác", "en": "Conflict"},
	slides.Denied:    {"vi": "Không được phép", "en": "Denied"},
	slides.TooLarge:  {"vi": "Quá lớn", "en": "Too large"},
	slides.Throttled: {"vi": "Quá nhanh", "en": "Too many calls"},
	slides.Full:      {"vi": "Hết chỗ chứa", "en": "No space left"},
	slides.Newer:     {"vi": "Phiên bản mới hơn", "en": "Newer version"},
	slides.Corrupt:   {"vi": "Dữ liệu hỏng", "en": "Damaged data"},
	slides.Broken:    {"vi": "Lỗi máy chủ", "en": "Server fault"},
}

// retryAfter is by when a caller has its ten calls a second again.
const retryAfter = "1"

func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := slides.KindOf(err)
	status := kind.Status()
	if x, ok := errors.AsType[*refusal](err); ok {
		status = x.status
	}
	h := w.Header()
	switch status {
	case http.StatusTooManyRequests:
		h.Set("Retry-After", retryAfter)
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	}
	if status >= 500 {
		s.log.Error("api", "path", r.URL.Path, "err", err)
	}
	lang := language(r)
	p := failure{Type: "urn:motcua:problem:" + string(kind), Title: titles[kind].In(lang), Status: status, Detail: slides.Sentence(err, lang), Kind: kind, Vi: slides.Sentence(err, "vi"), En: slides.Sentence(err, "en")}
	if e, ok := errors.AsType[*slides.Error](err); ok {
		p.Problems = e.Problems
	}
	b, err := json.Marshal(p)
	if err != nil {
		s.log.Error("api", "path", r.URL.Path, "err", err)
	}
	s.write(w, status, "application/problem+json", b)
}

// write sends an answer.
func (s *server) write(w http.ResponseWriter, status int, mime string, body []byte) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if body != nil {
		h.Set("Content-Type", mime)
	}
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		s.log.Debug("api answer", "err", err)
	}
}

// language is the caller's first of ours, else Vietnamese. Quality values are
// not weighed: programs name one language.
func language(r *http.Request) string {
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	if tag, _, _ := strings.Cut(strings.TrimSpace(first), "-"); strings.EqualFold(tag, "en") {
		return "en"
	}
	return "vi"
}
