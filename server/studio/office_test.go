package studio

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"motcua/server/auth"
	"motcua/server/media"
	"motcua/server/opening"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/fonts"
	"motcua/slides/letter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

const (
	testLogin    = "quantri1"
	testPassword = "Mùa vải thiều năm nay rất ngọt"
)

// office is a studio over a real database, with a browser's cookies.
type office struct {
	t      *testing.T
	store  *store.Store
	guard  *auth.Guard
	media  *media.Room // runs with making
	studio *Studio
	web    *httptest.Server
	client *http.Client
	later  atomic.Int64 // ms added to the clock
	log    *bytes.Buffer
}

// newOffice starts a studio over an empty database.
func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, log: &bytes.Buffer{}}
	now := func() time.Time { return time.Now().Add(time.Duration(o.later.Load()) * time.Millisecond) }
	st, err := store.Open(t.TempDir(), store.Options{Now: now, Suspect: store.SuspectRules{Rapid: -1, Burst: -1}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- st.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error("store:", err)
		}
		if err := st.Close(); err != nil {
			t.Error("store:", err)
		}
	})
	o.store = st
	// The smallest costs: what they buy is tested in server/auth.
	if o.guard, err = auth.NewGuard(st, auth.NewHasher(auth.Params{Memory: 64, Time: 1, Threads: 1}), nil); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(o.log, nil))
	if o.media, err = media.New(st, log, UploadsPath); err != nil {
		t.Fatal(err)
	}
	h, err := New(Deps{Store: st, Guard: o.guard, Media: o.media, Log: log, Mails: true})
	if err != nil {
		t.Fatal(err)
	}
	o.studio = h
	o.web = httptest.NewServer(h)
	t.Cleanup(o.web.Close)
	o.client = o.browser()
	return o
}

// browser is a client with cookies of its own that does not follow redirects.
func (o *office) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// enter makes the first user and is signed in after it.
func (o *office) enter() *office {
	o.t.Helper()
	token, err := o.guard.NewSetup(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	o.post("/studio/setup", url.Values{"token": {token}, "login": {testLogin}, "name": {"Nông Thị Mai"}, "password": {testPassword}, "again": {testPassword}}).is(http.StatusSeeOther)
	return o
}

// stock loads and publishes the starter content.
func (o *office) stock() *office {
	o.t.Helper()
	if _, err := opening.Load(context.Background(), o.store); err != nil {
		o.t.Fatal(err)
	}
	return o
}

// needFonts skips what draws slides on a clone without assets.
func needFonts(t *testing.T) {
	if _, err := fonts.All(); err != nil {
		t.Skip("no fonts: run make assets")
	}
}

// answer is a response read whole.
type answer struct {
	t      *testing.T
	what   string
	code   int
	header http.Header
	body   string
}

func (o *office) do(r *http.Request, err error) answer {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	res, err := o.client.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer{o.t, r.Method + " " + r.URL.RequestURI(), res.StatusCode, res.Header, string(b)}
}

func (o *office) get(path string) answer {
	o.t.Helper()
	return o.do(http.NewRequest("GET", o.web.URL+path, nil))
}

func (o *office) post(path string, v url.Values) answer {
	o.t.Helper()
	return o.send("POST", path, v)
}

// send asks by any method.
func (o *office) send(method, path string, v url.Values) answer {
	o.t.Helper()
	r, err := http.NewRequest(method, o.web.URL+path, strings.NewReader(v.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", o.web.URL)
	}
	return o.do(r, err)
}

// upload posts a form with one file.
func (o *office) upload(path string, v url.Values, field string, file []byte) answer {
	o.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, x := range v {
		for _, s := range x {
			if err := w.WriteField(k, s); err != nil {
				o.t.Fatal(err)
			}
		}
	}
	f, err := w.CreateFormFile(field, "anh.png")
	if err == nil {
		_, err = f.Write(file)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		o.t.Fatal(err)
	}
	r, err := http.NewRequest("POST", o.web.URL+path, &b)
	if err == nil {
		r.Header.Set("Content-Type", w.FormDataContentType())
		r.Header.Set("Origin", o.web.URL)
	}
	return o.do(r, err)
}

func (a answer) is(code int) answer {
	a.t.Helper()
	if a.code != code {
		a.t.Fatalf("%s: %d, want %d\n%s", a.what, a.code, code, a.text())
	}
	return a
}

func (a answer) has(parts ...string) answer {
	a.t.Helper()
	text := html.UnescapeString(a.body)
	for _, p := range parts {
		if !strings.Contains(text, p) {
			a.t.Fatalf("%s: %q is not there\n%s", a.what, p, a.text())
		}
	}
	return a
}

func (a answer) hasNot(parts ...string) answer {
	a.t.Helper()
	text := html.UnescapeString(a.body)
	for _, p := range parts {
		if strings.Contains(text, p) {
			a.t.Fatalf("%s: %q is there\n%s", a.what, p, a.text())
		}
	}
	return a
}

var tags = regexp.MustCompile(`(?s)<(script|style|svg).*?</(script|style|svg)>|<[^>]*>`)

// text is what the page says, for failures.
func (a answer) text() string {
	s := strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(a.body, " "))), " ")
	return clipRunes(s, 1500)
}

// screen is a paired kiosk with its key and chain.
type screen struct {
	id   string
	key  ed25519.PrivateKey
	ch   chain.ID
	seq  uint64
	prev chain.Hash
}

// pairing asks for a code with a fresh key.
func (o *office) pairing() (store.Pairing, ed25519.PrivateKey) {
	o.t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		o.t.Fatal(err)
	}
	p, err := o.store.CreatePairing(context.Background(), store.PairingRequest{
		Key: pub, Nonce: make([]byte, 32), Screen: wire.Screen{W: 1080, H: 1920}, Program: "motcua-kiosk 0.1", Addr: "192.168.1.20",
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return p, key
}

// paired makes a kiosk through the store.
func (o *office) paired(name, unit string) *screen {
	o.t.Helper()
	p, key := o.pairing()
	k, err := o.store.ApprovePairing(context.Background(), store.Actor{}, store.Approval{Pairing: p.ID, KioskEdit: store.KioskEdit{Name: name, Unit: unit, Lang: "vi", Audience: slides.Public}})
	if err != nil {
		o.t.Fatal(err)
	}
	return &screen{id: k.ID, key: key, ch: k.Chain, prev: chain.Genesis(k.Chain, key.Public().(ed25519.PublicKey))}
}

// letter writes one on the screen's kiosk as a phone would, and gives its id.
func (o *office) letter(k *screen, unit, category, text string, c letter.Contact) string {
	o.t.Helper()
	ctx := context.Background()
	p, err := wire.ParsePass(wire.NewPass(k.key, wire.ToWrite, o.store.Now()))
	if err != nil {
		o.t.Fatal(err)
	}
	l := letter.Letter{Code: letter.NewCode(), Category: category, Unit: unit, Kiosk: k.id, Channel: survey.OnPhone, Lang: "vi", Hour: survey.HourOf(o.store.Now(), nil), Clock: survey.Synced}
	if _, _, err := o.store.TakePhoneLetter(ctx, p, l, text, c); err != nil {
		o.t.Fatal(err)
	}
	list, _, err := o.store.Letters(ctx, store.LetterFilter{Search: l.Code})
	if err != nil || len(list) != 1 {
		o.t.Fatal(len(list), err)
	}
	return list[0].ID
}

// rate gives ratings at moments before now, one for each row of levels.
func (o *office) rate(k *screen, unit, form string, ago time.Duration, rows ...[]survey.Answer) {
	o.t.Helper()
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		o.t.Fatal(err)
	}
	q, err := o.store.Survey(context.Background(), form, 0)
	if err != nil {
		o.t.Fatal(err)
	}
	for len(rows) > 0 {
		n := min(len(rows), wire.MaxBatch)
		b := wire.Ratings{Chain: k.ch}
		for _, answers := range rows[:n] {
			at := o.store.Now() - slides.Millis(ago.Milliseconds())
			core, err := json.Marshal(survey.Rating{
				Questionnaire: form, Version: q.Version, Unit: unit, Kiosk: k.id, Channel: survey.AtKiosk, Lang: "vi",
				Hour: survey.HourOf(at, zone), Clock: survey.Synced, Answers: answers, Took: 4000,
			})
			if err != nil {
				o.t.Fatal(err)
			}
			moment, err := json.Marshal(survey.Moment{At: at})
			if err != nil {
				o.t.Fatal(err)
			}
			k.seq++
			r, hash := chain.Next(k.ch, k.seq, k.prev, []chain.Section{chain.NewSection(chain.Core, core), chain.NewSection(chain.Moment, moment)})
			k.prev = hash
			b.Records = append(b.Records, r)
		}
		head := chain.Head{Chain: k.ch, Seq: k.seq, Hash: k.prev, At: o.store.Now()}
		b.Head = head.Sign(k.key)
		got, err := o.store.IngestRatings(context.Background(), k.id, b)
		if err != nil || got.New != n {
			o.t.Fatalf("ingest: %+v %v", got, err)
		}
		rows = rows[n:]
	}
}

// quick is one answer of the quick form.
func quick(level survey.Level) []survey.Answer {
	return []survey.Answer{{Question: "chung", Level: level}}
}

// slideForm is a valid form of a slogan.
func slideForm() url.Values {
	return url.Values{
		"title.vi": {"Khẩu hiệu thử"}, "topic": {"T04"}, "audience": {"public"}, "base": {"0"}, "do": {"save"},
		"body.text.vi": {"Nụ cười công sở,\nniềm tin nhân dân"}, "source": {"Kế hoạch 2023"},
	}
}

func idOf(a answer) string {
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		return ""
	}
	return u.Path[strings.LastIndexByte(u.Path, '/')+1:]
}

func sprint(x any) string { return fmt.Sprint(x) }
