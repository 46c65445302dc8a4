package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/time/rate"

	"motcua/server/auth"
	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/review"
)

// office is a server with two units side by side under one: "so" above "a" and
// "b". Each of the two has one of everything.
type office struct {
	t          testing.TB
	store      *store.Store
	handler    http.Handler
	tokens     map[string]string // by name
	kiosk      map[string]string // by unit
	submission map[string]string // by unit, of a draft slide "d-…"
}

func from(r *http.Request) string { return r.RemoteAddr }

// checked stands for what is drawn: a slide that says so has a mistake in it.
func checked(_ context.Context, sl *slides.Slide, _ string) ([]review.Finding, error) {
	if strings.Contains(sl.Title["vi"], "quá dài") {
		return []review.Finding{{Severity: review.Error, Problem: slides.Problem{Path: "body.text", Vi: "Dài quá.", En: "Too long."}}}, nil
	}
	return []review.Finding{{Severity: review.Warning, Problem: slides.Problem{Path: "until", Vi: "Sắp hết hạn.", En: "Ends soon."}}}, nil
}

var ctx = context.Background()

func newOffice(t testing.TB) *office {
	t.Helper()
	st, err := store.Open(t.TempDir(), store.Options{})
	check(t, err)
	t.Cleanup(func() { st.Close() })
	o := &office{t: t, store: st, tokens: map[string]string{}, kiosk: map[string]string{}, submission: map[string]string{}}
	o.handler = build(st, slog.New(slog.DiscardHandler), from, checked, rate.Inf)
	in := store.Starter{Unit: "so", Publish: true, Units: []store.Unit{{ID: "so", Name: slides.Vi("Sở")}, {ID: "a", Parent: "so", Name: slides.Vi("A")}, {ID: "b", Parent: "so", Name: slides.Vi("B")}}}
	in.Procedures = []catalogue.Procedure{{Code: "1.000105", Field: slides.Vi("Việc làm"), Name: slides.Vi("Thủ tục thử"), Source: "QĐ 1/QĐ-UBND"}}
	_, err = st.ImportStarter(ctx, store.Actor{}, in)
	check(t, err)
	for i, u := range []string{"a", "b"} {
		_, err := st.SaveSlide(ctx, store.Actor{}, u, slogan("s-"+u, "Trang của "+u), 0)
		check(t, err)
		_, err = st.SavePlaylist(ctx, store.Actor{}, u, slides.Playlist{ID: "p-" + u, Name: "Danh sách của " + u, Items: []slides.Item{{Slide: "s-" + u}}}, 0)
		check(t, err)
		_, err = st.SaveEntry(ctx, store.Actor{}, u, entry("e-"+u, "p-"+u, u), 0)
		check(t, err)
		_, err = st.SaveProcedure(ctx, store.Actor{}, u, &catalogue.Procedure{Code: fmt.Sprintf("1.00020%d", i), Field: slides.Vi("Việc làm"), Name: slides.Vi("Thủ tục của " + u), Source: "QĐ 1/QĐ-UBND"}, 0)
		check(t, err)
		_, err = st.Publish(ctx, store.Actor{}, store.PublishRequest{Note: "của " + u})
		check(t, err)
		o.kiosk[u] = o.paired("Quầy "+u, u)
	}
	for _, u := range []string{"a", "b"} {
		_, err := st.SaveSlide(ctx, store.Actor{}, u, slogan("d-"+u, "Nháp của "+u), 0)
		check(t, err)
		sub, err := st.Submit(ctx, store.Actor{User: "u-1"}, store.SubmitRequest{Items: []store.ItemAt{{ItemRef: store.ItemRef{Type: store.SlideItem, ID: "d-" + u}, Version: 1}}})
		check(t, err)
		o.submission[u] = sub.ID
	}
	return o
}

// paired is a counter's kiosk that is online.
func (o *office) paired(name, unit string) string {
	o.t.Helper()
	pub, _, _ := ed25519.GenerateKey(nil)
	p, err := o.store.CreatePairing(ctx, store.PairingRequest{Key: pub, Nonce: make([]byte, 32)})
	check(o.t, err)
	e := store.KioskEdit{Name: name, Unit: unit, Counter: "quay-1", Lang: "vi", Audience: slides.Public}
	e.Terminal.AtDesk = true
	k, err := o.store.ApprovePairing(ctx, store.Actor{}, store.Approval{Code: p.Code, KioskEdit: e})
	check(o.t, err)
	_, err = o.store.TakeLease(ctx, k.ID, "c", store.Hello{}, time.Hour)
	check(o.t, err)
	return k.ID
}

func slogan(id, title string) *slides.Slide {
	return &slides.Slide{ID: id, Kind: "slogan", Topic: "T04", Audience: slides.Public, Title: slides.Vi(title), Body: json.RawMessage(`{"text":{"vi":"Khẩu hiệu"}}`)}
}

func entry(id, list, unit string) compile.Entry {
	e := compile.Entry{Where: compile.Where{Units: []string{unit}}}
	e.ID, e.Playlist, e.Zone, e.Start, e.End, e.Priority = id, list, "Asia/Ho_Chi_Minh", "2026-01-01T07:00", "2026-01-01T17:00", slides.Normal
	return e
}

// token makes a token for a unit; its name is for the tests.
func (o *office) token(name, unit string, scopes ...store.Scope) string {
	o.t.Helper()
	if o.tokens[name] == "" {
		o.tokens[name] = auth.NewToken()
		_, err := o.store.AddAPIToken(ctx, store.Actor{}, auth.Digest(o.tokens[name]), store.APIToken{Name: name, Unit: unit, Scopes: scopes})
		check(o.t, err)
	}
	return o.tokens[name]
}

// reply is an answer of the interface.
type reply struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

// call sends a request and holds the answer against the document. header are
// names and values in turn.
func (o *office) call(method, path, token, body string, header ...string) reply {
	o.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	a := reply{o.t, method + " " + path, w.Code, w.Header(), w.Body.Bytes()}
	a.fits(r)
	return a
}

// documented is the document with its schemas ready to hold answers against:
// each is checked to be a schema itself, and its references to lead somewhere.
var documented = sync.OnceValues(func() (*jsonschema.Compiler, error) {
	b, err := json.Marshal(Document("en"))
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	return c, c.AddResource("doc.json", doc)
})

// fits holds an answer against what the document says of its route and status.
func (a reply) fits(r *http.Request) {
	a.t.Helper()
	method, path, known := strings.Cut(r.Pattern, " ")
	if !known {
		return // not in the table, which is what it says
	}
	c, err := documented()
	check(a.t, err)
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	i := slices.IndexFunc(routes(), func(rt route) bool { return rt.method == method && rt.path == path })
	rt := routes()[i]
	at, mime := "/components/responses/Problem", "application/problem+json"
	if a.status == rt.status {
		at, mime = "/paths/"+escape.Replace(path)+"/"+strings.ToLower(method)+"/responses/"+fmt.Sprint(a.status), "application/json"
	}
	if rt.status == http.StatusNoContent && a.status == rt.status {
		if len(a.body) > 0 || a.header.Get("Content-Type") != "" {
			a.t.Errorf("%s: a body where there is to be none", a.what)
		}
		return
	}
	if got, _, _ := strings.Cut(a.header.Get("Content-Type"), ";"); got != mime {
		a.t.Errorf("%s: %d is %q", a.what, a.status, got)
	}
	schema, err := c.Compile("doc.json#" + at + "/content/" + escape.Replace(mime) + "/schema")
	check(a.t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
	check(a.t, err)
	if err := schema.Validate(v); err != nil {
		a.t.Errorf("%s: %d is not as the document says: %v\n%s", a.what, a.status, err, a.body)
	}
}

func (a reply) is(status int) reply {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: %d, want %d: %s", a.what, a.status, status, a.body)
	}
	if status >= 400 {
		p := a.problem()
		if p.Vi == "" || p.En == "" || p.Status != status || p.Title == "" || a.header.Get("Content-Type") != "application/problem+json" {
			a.t.Errorf("%s: %+v", a.what, p)
		}
	}
	return a
}

func (a reply) problem() (p failure) {
	a.t.Helper()
	a.into(&p)
	return p
}

func (a reply) into(v any) reply {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%s: %v: %s", a.what, err, a.body)
	}
	return a
}

// names says whether a problem stands at a path.
func (a reply) names(path string) reply {
	a.t.Helper()
	for _, p := range a.problem().Problems {
		if p.Path == path {
			return a
		}
	}
	a.t.Errorf("%s: no problem at %q: %s", a.what, path, a.body)
	return a
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
