package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// call is one request being answered; owned by its goroutine.
type call struct {
	*server
	rt    *route
	r     *http.Request
	token store.APIToken
	actor store.Actor
	body  []byte
	reach auth.Reach
	etag  string // to send with the answer
}

// maxBody bounds a body. A slide with every text is 96 KiB.
const maxBody = 256 << 10

// serve lets a caller with a token of the route's scope through, in the units
// where it holds.
func (s *server) serve(w http.ResponseWriter, r *http.Request, rt *route) {
	c := &call{server: s, rt: rt, r: r}
	status, body, err := c.run(w)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if c.etag != "" {
		w.Header().Set("ETag", c.etag)
	}
	if status == http.StatusNoContent {
		body = nil
	}
	s.write(w, status, "application/json; charset=utf-8", body)
}

func (c *call) run(w http.ResponseWriter) (status int, body []byte, err error) {
	if c.rt.open {
		v, err := c.rt.serve(c)
		if err != nil {
			return 0, nil, err
		}
		body, err = json.Marshal(v)
		return c.rt.status, body, err
	}
	if c.token, err = c.admit(c.r); err != nil {
		return 0, nil, err
	}
	if c.rt.scope != "" && !slices.Contains(c.token.Scopes, c.rt.scope) {
		return 0, nil, slides.E(slides.Denied, "api", fmt.Sprintf("Khóa này không có quyền %q.", c.rt.scope), fmt.Sprintf("This token does not have the scope %q.", c.rt.scope), nil)
	}
	c.actor = store.Actor{User: "token:" + c.token.ID, Name: c.token.Name, Addr: c.addr(c.r)}
	if c.body, err = io.ReadAll(http.MaxBytesReader(w, c.r.Body, maxBody)); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return 0, nil, slides.E(slides.TooLarge, "api", "Nội dung quá lớn (tối đa 256 KiB).", "The body is too large (256 KiB at most).", err)
		}
		return 0, nil, slides.E(slides.Invalid, "api", "Nội dung bị cắt giữa chừng.", "The body broke off.", err)
	}
	if err := c.checkParams(); err != nil {
		return 0, nil, err
	}
	if err := c.locate(); err != nil {
		return 0, nil, err
	}
	if c.rt.method == http.MethodPost {
		if err := c.takeKey(); err != nil {
			return 0, nil, err
		}
	}
	if status, body, ok, err := c.answered(w); ok || err != nil {
		return status, body, err
	}
	v, err := c.rt.serve(c)
	if err != nil {
		// Two of one key at once: the one that lost answers what the other did.
		if status, body, ok, _ := c.answered(w); ok {
			return status, body, nil
		}
		return 0, nil, err
	}
	body, err = json.Marshal(v)
	return c.rt.status, body, err
}

// locate finds where the token holds, and refuses what lies outside: as if it
// were not there.
func (c *call) locate() error {
	units, err := c.store.Units(c.r.Context(), 0)
	if err != nil {
		return err
	}
	parents := make(map[string]string, len(units))
	for _, u := range units {
		parents[u.ID] = u.Parent
	}
	c.reach = auth.Below(c.token.Unit, parents)
	if c.rt.owner == nil {
		return nil
	}
	unit, err := c.rt.owner(c)
	if err == nil && !c.reach.In(unit) && (c.rt.scope != store.ReadContent || !c.sees(unit)) {
		err = noThing()
	}
	if slides.KindOf(err) == slides.NotFound {
		return noThing()
	}
	return err
}

// sees says whether content of a unit is the token's to read: its own, and what
// comes down from above.
func (c *call) sees(unit string) bool {
	return c.reach.In(unit) || c.reach.Above(unit) || unit == ""
}

func noThing() error {
	return slides.E(slides.NotFound, "api", "Không có thứ này, hoặc nó ở đơn vị mà khóa không có quyền.", "There is no such thing, or it belongs to a unit in which the token has no right.", nil)
}

// maxKey bounds an Idempotency-Key; 36 characters of a UUID are usual.
const maxKey = 200

// takeKey reads the Idempotency-Key.
func (c *call) takeKey() error {
	key := c.r.Header.Get("Idempotency-Key")
	if key == "" {
		return nil
	}
	if len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }) {
		return slides.E(slides.Invalid, "api", "Idempotency-Key dài 1–200 ký tự ASCII, không có dấu cách.", "An Idempotency-Key has 1 to 200 ASCII characters, without blanks.", nil)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n%s", c.rt.method, c.r.URL.RequestURI(), c.body)
	c.actor.Once = &store.Once{Token: c.token.ID, Key: key, Print: hex.EncodeToString(h.Sum(nil)), Answer: func(result any) (int, []byte, error) {
		b, err := json.Marshal(show(result))
		return c.rt.status, b, err
	}}
	return nil
}

// answered is what the same call answered before, if it was made before.
func (c *call) answered(w http.ResponseWriter) (status int, body []byte, ok bool, err error) {
	if c.actor.Once == nil {
		return 0, nil, false, nil
	}
	status, body, ok, err = c.store.Answered(c.r.Context(), c.actor.Once)
	if ok {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	return status, body, ok, err
}

// limit is how long a page is to be; checkParams has held it to its bounds.
func (c *call) limit() int {
	if n, err := strconv.Atoi(c.r.URL.Query().Get("limit")); err == nil {
		return n
	}
	return usualRows
}

func badQuery(name, vi, en string) error {
	var p slides.Problems
	p.Add(name, vi, en)
	return p.Err("api")
}

// etag is a version as an ETag.
func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// base is the version that a change begins from: 0 for something new, -1 for
// whatever there is.
func (c *call) base() (int, error) {
	match, none := c.r.Header.Get("If-Match"), c.r.Header.Get("If-None-Match")
	switch {
	case match == "" && none == "*":
		return 0, nil
	case match == "*" && none == "":
		return -1, nil
	case match == "" && none == "":
		return 0, &refusal{http.StatusPreconditionRequired, slides.E(slides.Invalid, "api", `Cần tiêu đề If-Match với ETag của bản đã đọc (hoặc * để ghi đè), hoặc If-None-Match: * khi tạo mới.`,
			`The header If-Match is needed with the ETag of what was read (or * to overwrite), or If-None-Match: * for something new.`, nil)}
	}
	n, err := strconv.Atoi(strings.Trim(match, `"`))
	if err != nil || n < 1 || etag(n) != match || none != "" {
		return 0, &refusal{http.StatusPreconditionFailed, slides.E(slides.Conflict, "api", "If-Match không phải là ETag của nội dung này.", "If-Match is no ETag of this.", nil)}
	}
	return n, nil
}

// stale turns a save that came too late into the status that If-Match asks for.
func stale(err error) error {
	if slides.KindOf(err) == slides.Conflict {
		return &refusal{http.StatusPreconditionFailed, err}
	}
	return err
}
