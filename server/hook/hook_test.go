package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"motcua/server/store"
	"motcua/slides"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("MOTCUA_HOOK_CHILD"); dir != "" {
		child(dir, os.Getenv("MOTCUA_HOOK_URL"))
		return
	}
	goleak.VerifyTestMain(m)
}

// clock is the store's; it stands still but when a test moves it.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(time.Now().UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()) }
func (c *clock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// receiver is another system: it checks every signature, and answers as it is told.
type receiver struct {
	*httptest.Server
	answer func(w http.ResponseWriter, r *http.Request, n int) // nil: 204

	mu   sync.Mutex
	got  []message // guarded by mu
	seen chan struct{}
}

type message struct {
	id     string
	header http.Header
	body   []byte
}

func listen(t *testing.T, answer func(http.ResponseWriter, *http.Request, int)) *receiver {
	r := &receiver{answer: answer, seen: make(chan struct{}, 1000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		b, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		r.got = append(r.got, message{q.Header.Get("webhook-id"), q.Header.Clone(), b})
		n := len(r.got)
		r.mu.Unlock()
		defer func() { r.seen <- struct{}{} }()
		if r.answer != nil {
			r.answer(w, q, n)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) messages() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]message(nil), r.got...)
}

// office is a store with two units, and a webhook of one of them.
type office struct {
	t      *testing.T
	store  *store.Store
	clock  *clock
	hook   store.Hook
	secret string
}

func newOffice(t *testing.T, dir, url string) *office {
	t.Helper()
	o := &office{t: t, clock: newClock(), secret: store.NewSecret()}
	o.store = open(t, dir, o.clock)
	for _, u := range []store.Unit{{ID: "so", Name: slides.Vi("Sở")}, {ID: "a", Parent: "so", Name: slides.Vi("A")}, {ID: "b", Parent: "so", Name: slides.Vi("B")}} {
		check(t, o.store.SaveUnit(t.Context(), store.Actor{}, u))
	}
	var err error
	o.hook, err = o.store.AddHook(t.Context(), store.Actor{}, store.Hook{Name: "Bảng điều hành", Unit: "a", URL: url, Events: store.Events}, o.secret)
	check(t, err)
	return o
}

func open(t *testing.T, dir string, c *clock) *store.Store {
	t.Helper()
	st, err := store.Open(dir, store.Options{Now: c.now, Poll: 5 * time.Millisecond})
	check(t, err)
	t.Cleanup(func() { st.Close() })
	return st
}

// publish publishes a slide of a unit, which is an event.
func publish(ctx context.Context, st *store.Store, unit, id string) error {
	body := json.RawMessage(`{"text":{"vi":"Khẩu hiệu"}}`)
	if _, err := st.SaveSlide(ctx, store.Actor{}, unit, &slides.Slide{ID: id, Kind: "slogan", Topic: "T04", Audience: slides.Public, Title: slides.Vi("Trang " + id), Body: body}, 0); err != nil {
		return err
	}
	_, err := st.Publish(ctx, store.Actor{}, store.PublishRequest{Items: []store.ItemRef{{Type: store.SlideItem, ID: id}}})
	return err
}

// send runs a sender until the test ends.
func (o *office) send(opt Options) (stop func()) {
	if opt.Look == 0 {
		opt.Look = 5 * time.Millisecond
	}
	if opt.Jitter == nil {
		opt.Jitter = func() float64 { return 0 }
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- New(o.store, opt).Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				o.t.Error(err)
			}
		})
	}
	o.t.Cleanup(stop)
	return stop
}

// until polls the deliveries until ok likes them.
func (o *office) until(ok func([]store.HookDelivery) bool) []store.HookDelivery {
	o.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		list, err := o.store.HookDeliveries(o.t.Context(), o.hook.ID, 100)
		check(o.t, err)
		if ok(list) {
			return list
		}
		if time.Now().After(deadline) {
			o.t.Fatalf("%+v", list)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func tried(n int) func([]store.HookDelivery) bool {
	return func(l []store.HookDelivery) bool {
		return len(l) == 1 && l[0].Tries == n && !l[0].Now
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// verified checks a message as the Standard Webhooks' own library does. The
// store's clock is the machine's but for what the test added.
func verified(t *testing.T, m message, secret string) {
	t.Helper()
	v, err := standard.NewWebhook(secret)
	check(t, err)
	if err := v.VerifyIgnoringTimestamp(m.body, m.header); err != nil {
		t.Errorf("%s: %v", m.id, err)
	}
	if err := v.VerifyIgnoringTimestamp(append(bytes.Clone(m.body), ' '), m.header); err == nil {
		t.Error("an altered body passes")
	}
}

func TestTakenAndSigned(t *testing.T) {
	r := listen(t, nil)
	o := newOffice(t, t.TempDir(), r.URL)
	o.send(Options{Private: true})
	check(t, publish(t.Context(), o.store, "b", "cua-b")) // the neighbour's: not told
	check(t, publish(t.Context(), o.store, "a", "cua-a"))
	list := o.until(func(l []store.HookDelivery) bool { return len(l) == 1 && l[0].Done != 0 })
	got := r.messages()
	if len(got) != 1 || got[0].id != list[0].ID || list[0].Status != http.StatusNoContent {
		t.Fatalf("%+v %+v", got, list)
	}
	verified(t, got[0], o.secret)
	var body struct {
		ID, Type, Unit string
		Data           struct {
			Revision int64
			Items    []struct{ Type, ID, Title string }
		}
	}
	check(t, json.Unmarshal(got[0].body, &body))
	if body.ID != list[0].ID || body.Type != "publication.live" || body.Unit != "a" || len(body.Data.Items) != 1 || body.Data.Items[0].ID != "cua-a" || body.Data.Revision == 0 {
		t.Errorf("%s", got[0].body)
	}
	_, err := o.store.RecallSlide(t.Context(), store.Actor{}, "cua-a", "sai số")
	check(t, err)
	o.until(func(l []store.HookDelivery) bool { return len(l) == 2 && l[0].Done != 0 && l[1].Done != 0 })
	if b := string(r.messages()[1].body); !strings.Contains(b, "publication.recalled") || !strings.Contains(b, "sai số") {
		t.Error(b)
	}
}

// A secret is renewed without a delivery that the receiver can't check: for a
// day both sign.
func TestTwoSecretsForADay(t *testing.T) {
	r := listen(t, nil)
	o := newOffice(t, t.TempDir(), r.URL)
	o.send(Options{Private: true})
	fresh := store.NewSecret()
	check(t, o.store.RotateHook(t.Context(), store.Actor{}, o.hook.ID, fresh))
	for i, old := range []bool{true, false} {
		_, err := o.store.TestHook(t.Context(), store.Actor{}, o.hook.ID)
		check(t, err)
		o.until(func(l []store.HookDelivery) bool { return len(l) == i+1 && l[0].Done != 0 })
		m := r.messages()[i]
		verified(t, m, fresh)
		v, err := standard.NewWebhook(o.secret)
		check(t, err)
		if err := v.VerifyIgnoringTimestamp(m.body, m.header); (err == nil) != old {
			t.Errorf("after %d days the old secret fits: %v", i, err == nil)
		}
		o.clock.advance(25 * time.Hour)
	}
}

// Whatever a receiver does but answer 2xx is a failure, said in words, and tried
// again later with the same id.
func TestFailuresAreTriedAgain(t *testing.T) {
	elsewhere := listen(t, nil)
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request, int)
		status int
		says   string
	}{
		"500": {func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusInternalServerError) }, 500, "answered 500"},
		"redirect": {func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, 307, "answered 307"},
		"cut": {func(w http.ResponseWriter, _ *http.Request, _ int) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				c.Close()
			}
		}, 0, "broke off"},
		"cut within the answer": {func(w http.ResponseWriter, _ *http.Request, _ int) {
			c, buf, err := w.(http.Hijacker).Hijack()
			if err == nil {
				fmt.Fprint(buf, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
				buf.Flush()
				c.Close()
			}
		}, 200, "broke off"},
		"slow": {func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }, 0, "did not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			mended := atomic.Bool{}
			r := listen(t, func(w http.ResponseWriter, q *http.Request, n int) {
				if mended.Load() {
					w.WriteHeader(http.StatusOK)
					return
				}
				c.answer(w, q, n)
			})
			o := newOffice(t, t.TempDir(), r.URL)
			opt := Options{Private: true}
			if name == "slow" {
				opt.Timeout = 100 * time.Millisecond
			}
			o.send(opt)
			check(t, publish(t.Context(), o.store, "a", "cua-a"))
			first := o.until(tried(1))[0]
			if first.Status != c.status || !strings.Contains(first.Fault["en"], c.says) || first.Fault["vi"] == "" || first.Next == 0 {
				t.Fatalf("%+v", first)
			}
			if wait := first.Next - o.store.Now(); wait != 10_000 {
				t.Errorf("it waits %d ms", wait)
			}
			o.clock.advance(10 * time.Second)
			if second := o.until(tried(2))[0]; second.Next-o.store.Now() != 20_000 {
				t.Errorf("%+v", second)
			}
			mended.Store(true)
			o.clock.advance(20 * time.Second)
			o.until(tried(3))
			for _, m := range r.messages() {
				if m.id != first.ID {
					t.Errorf("%s and %s", m.id, first.ID)
				}
			}
		})
	}
	if n := len(elsewhere.messages()); n != 0 {
		t.Errorf("a redirect was followed %d times", n)
	}
}

// A receiver that is gone for a day turns its webhook off; mended and turned on
// again it gets what waited.
func TestGivenUpAfterADay(t *testing.T) {
	mended := atomic.Bool{}
	r := listen(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		if !mended.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	o := newOffice(t, t.TempDir(), r.URL)
	o.send(Options{Private: true})
	check(t, publish(t.Context(), o.store, "a", "cua-a"))
	tries := 0
	for ; ; tries++ {
		d := o.until(tried(tries + 1))[0]
		h, err := o.store.Hook(t.Context(), o.hook.ID)
		check(t, err)
		if h.Disabled != 0 {
			if h.Fault["en"] == "" || h.Waiting != 1 {
				t.Errorf("%+v", h)
			}
			if age := o.store.Now() - d.At; age < 24*3600_000 || age > 25*3600_000 {
				t.Errorf("given up after %d h", age/3600_000)
			}
			break
		}
		o.clock.advance(time.Duration(d.Next-o.store.Now()) * time.Millisecond)
	}
	if tries < 25 || tries > 40 {
		t.Errorf("%d tries in a day", tries)
	}
	check(t, publish(t.Context(), o.store, "a", "luc-tat")) // not told
	mended.Store(true)
	check(t, o.store.EnableHook(t.Context(), store.Actor{}, o.hook.ID, true))
	o.until(func(l []store.HookDelivery) bool { return len(l) == 1 && l[0].Done != 0 })
}

func TestInnerNetworkIsRefused(t *testing.T) {
	r := listen(t, nil)
	for _, url := range []string{r.URL, strings.Replace(r.URL, "127.0.0.1", "localhost", 1), strings.Replace(r.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1), "http://169.254.169.254/latest"} {
		o := newOffice(t, t.TempDir(), url)
		o.send(Options{})
		check(t, publish(t.Context(), o.store, "a", "cua-a"))
		if d := o.until(tried(1))[0]; !strings.Contains(d.Fault["en"], "inner network") {
			t.Errorf("%s: %+v", url, d)
		}
	}
	if len(r.messages()) > 0 {
		t.Error("it was called")
	}
}

// Two servers over one database send each event once.
func TestSeveralServersSendOnce(t *testing.T) {
	r := listen(t, nil)
	dir := t.TempDir()
	o := newOffice(t, dir, r.URL)
	o.send(Options{Private: true})
	other := &office{t: t, store: open(t, dir, o.clock), clock: o.clock, hook: o.hook}
	other.send(Options{Private: true})
	const n = 12
	for i := range n {
		check(t, publish(t.Context(), []*store.Store{o.store, other.store}[i%2], "a", fmt.Sprintf("s-%d", i)))
	}
	o.until(func(l []store.HookDelivery) bool {
		done := 0
		for _, d := range l {
			if d.Done != 0 {
				done++
			}
		}
		return done == n
	})
	if got := r.messages(); len(got) != n {
		t.Errorf("%d messages of %d events", len(got), n)
	}
}

// A server that is killed after the commit of what it would tell, or while it
// tells, leaves it to the next one.
func TestKilledServerForgetsNothing(t *testing.T) {
	r := listen(t, nil)
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "MOTCUA_HOOK_CHILD="+dir, "MOTCUA_HOOK_URL="+r.URL)
	out, err := cmd.StdoutPipe()
	check(t, err)
	cmd.Stderr = os.Stderr
	check(t, cmd.Start())
	line := make([]byte, 64)
	n, err := out.Read(line)
	check(t, err)
	hook := strings.TrimSpace(string(line[:n]))
	check(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Fatal("it ended by itself")
	}
	c := newClock()
	c.advance(lease + time.Second)
	o := &office{t: t, store: open(t, dir, c), clock: c, hook: store.Hook{ID: hook}}
	o.send(Options{Private: true})
	list := o.until(func(l []store.HookDelivery) bool { return len(l) == 2 && l[0].Done != 0 && l[1].Done != 0 })
	tries := map[int]bool{list[0].Tries: true, list[1].Tries: true}
	if got := r.messages(); len(got) != 2 || !tries[1] || !tries[2] { // one was claimed and not settled, one never claimed
		t.Errorf("%d messages, %+v", len(got), list)
	}
}

// child publishes twice, claims the first delivery as a sender does, and waits to be killed.
func child(dir, url string) {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	st, err := store.Open(dir, store.Options{})
	fail(err)
	fail(st.SaveUnit(ctx, store.Actor{}, store.Unit{ID: "a", Name: slides.Vi("A")}))
	h, err := st.AddHook(ctx, store.Actor{}, store.Hook{Name: "Nghe", URL: url, Events: store.Events}, store.NewSecret())
	fail(err)
	fail(publish(ctx, st, "a", "mot"))
	list, err := st.ClaimDeliveries(ctx, 1, lease)
	fail(err)
	if len(list) != 1 {
		fail(fmt.Errorf("claimed %d", len(list)))
	}
	fail(publish(ctx, st, "a", "hai"))
	fmt.Println(h.ID)
	time.Sleep(time.Hour)
}
