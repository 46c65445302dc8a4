package slides

import (
	"errors"
	"fmt"
	"strings"
)

// Problem is one thing a person must mend: where, and a sentence that says
// what is wrong and how to fix it, in both of the product's languages.
type Problem struct {
	Path string `json:"path"`
	Vi   string `json:"vi"`
	En   string `json:"en"`
}

// Problems collects every problem of one input, so that a person mends them in
// one go. The zero value is ready.
type Problems struct {
	List []Problem `json:"problems"`
}

// Add appends a problem.
func (p *Problems) Add(path, vi, en string) { p.List = append(p.List, Problem{path, vi, en}) }

// Err is nil when there is no problem, else an *Error of kind Invalid.
func (p *Problems) Err(op string) error {
	if len(p.List) == 0 {
		return nil
	}
	var vi, en []string
	for _, q := range p.List {
		at := ""
		if q.Path != "" {
			at = q.Path + ": "
		}
		vi, en = append(vi, at+q.Vi), append(en, at+q.En)
	}
	return &Error{Kind: Invalid, Op: op, Vi: strings.Join(vi, " "), En: strings.Join(en, " "), Problems: p.List}
}

// ErrKind sorts errors by what the caller can do about them.
type ErrKind string

// The kinds. Each maps to one HTTP status (see Status).
const (
	Invalid   ErrKind = "invalid"   // the input must be mended
	NotFound  ErrKind = "not-found" // no such thing
	Conflict  ErrKind = "conflict"  // somebody was first; read again
	Denied    ErrKind = "denied"    // not signed in, or no right
	TooLarge  ErrKind = "too-large" // over a stated limit
	Throttled ErrKind = "throttled" // come back later
	Full      ErrKind = "full"      // no space left to keep it safely
	Newer     ErrKind = "newer"     // written by a newer version
	Corrupt   ErrKind = "corrupt"   // stored bytes are damaged
	Broken    ErrKind = "broken"    // a fault of ours or of the machine
)

// Status is the HTTP status of the kind.
func (k ErrKind) Status() int {
	switch k {
	case Invalid:
		return 422
	case NotFound:
		return 404
	case Conflict:
		return 409
	case Denied:
		return 403
	case TooLarge:
		return 413
	case Throttled:
		return 429
	case Full:
		return 507
	case Newer:
		return 426
	}
	return 500
}

// Error is the product's error: a kind, the operation that failed, a sentence
// for people in each language, and the cause for the log.
type Error struct {
	Kind     ErrKind
	Op       string
	Vi, En   string
	Problems []Problem
	Cause    error
}

// E makes an Error.
func E(kind ErrKind, op, vi, en string, cause error) *Error {
	return &Error{Kind: kind, Op: op, Vi: vi, En: en, Cause: cause}
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s: %s", e.Op, e.Kind, e.En)
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// KindOf is the kind of the first *Error in err's chain, else Broken; "" for nil.
func KindOf(err error) ErrKind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Broken
}

// Sentence is what a person may read of err in lang ("vi" or "en").
func Sentence(err error, lang string) string {
	if e, ok := errors.AsType[*Error](err); ok {
		if lang == "en" && e.En != "" {
			return e.En
		}
		return e.Vi
	}
	if lang == "en" {
		return "Something went wrong on our side; nothing was changed. Try again, and tell the administrator if it stays."
	}
	return "Hệ thống gặp lỗi, chưa có gì bị thay đổi. Hãy thử lại; nếu vẫn lỗi, báo quản trị viên."
}
