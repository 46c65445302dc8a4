package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/fonts"
)

// call runs the program and returns what it printed.
func call(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, &out, io.Discard)
	return out.String(), err
}

func needFonts(t *testing.T) {
	t.Helper()
	if _, err := fonts.All(); err != nil {
		t.Skip("the fonts are not fetched (make assets)")
	}
}

func TestHelpListsEveryFlagAndVariable(t *testing.T) {
	out, err := call(t, "help")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands() {
		fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
		c.flags(fs)
		fs.VisitAll(func(f *flag.Flag) {
			if !strings.Contains(out, "-"+f.Name) || !strings.Contains(out, "MOTCUA_"+strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))) {
				t.Errorf("%s: help does not tell -%s", c.name, f.Name)
			}
		})
		if !strings.Contains(out, c.vi) || !strings.Contains(out, c.en) {
			t.Errorf("%s is not told in both languages", c.name)
		}
	}
}

func TestWrongCallsAreToldInWords(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "a-file")
	if err := os.WriteFile(file, []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		kind slides.ErrKind
		says string
	}{
		{[]string{"serv"}, slides.Invalid, "serv"},
		{[]string{"serve", "-prot", "1"}, slides.Invalid, "prot"},
		{[]string{"serve", "extra"}, slides.Invalid, "motcua serve"},
		{[]string{"serve", "-addr", taken.Addr().String(), "-data", dir}, slides.Conflict, taken.Addr().String()},
		{[]string{"serve", "-addr", "nowhere:port:", "-data", dir}, slides.Invalid, "nowhere"},
		{[]string{"serve", "-addr", "127.0.0.1:0", "-data", dir, "-log", "loud"}, slides.Invalid, "loud"},
		{[]string{"serve", "-addr", "127.0.0.1:0", "-data", dir, "-metrics", "me"}, slides.Invalid, "metrics"},
		{[]string{"serve", "-addr", "127.0.0.1:0", "-data", dir, "-proxies", "10.0.0.0/99"}, slides.Invalid, "10.0.0.0/99"},
		{[]string{"serve", "-addr", "127.0.0.1:0", "-data", dir, "-public", "motcua.vn"}, slides.Invalid, "motcua.vn"},
		{[]string{"serve", "-addr", "127.0.0.1:0", "-data", dir, "-tls-cert", file}, slides.Invalid, "tls-key"},
		{[]string{"serve", "-addr", "127.0.0.1:0", "-data", dir, "-tls-cert", file, "-tls-key", file}, slides.Invalid, "TLS"},
		{[]string{"serve", "-addr", "127.0.0.1:0", "-data", dir, "-tls-self", "-tls-cert", file, "-tls-key", file}, slides.Invalid, "tls-self"},
		{[]string{"verify"}, slides.Invalid, "motcua verify"},
		{[]string{"verify", filepath.Join(dir, "none")}, slides.NotFound, "none"},
		{[]string{"verify", file}, slides.Invalid, ""},
		{[]string{"export", "people", "-data", dir}, slides.Invalid, "export"},
		{[]string{"export", "ratings", "-data", dir, "-full", "-user", "nobody"}, slides.Denied, "-user"},
		{[]string{"demo", "-kiosk", filepath.Join(dir, "none"), "-data", dir}, slides.NotFound, "none"},
		{[]string{"restore", filepath.Join(dir, "none"), "-data", dir}, slides.Invalid, "restore"},
		{[]string{"user", "-data", dir, "rename", "lan"}, slides.Invalid, "password"},
		{[]string{"serve", "-addr", "", "-data", dir}, slides.Invalid, "-addr"},
		{[]string{"starter", "-data", ""}, slides.Invalid, "-data"},
		{[]string{"backup", "-data", filepath.Join(dir, "typo"), filepath.Join(dir, "b")}, slides.NotFound, "typo"},
		{[]string{"export", "-data", filepath.Join(dir, "typo"), "ratings"}, slides.NotFound, "typo"},
		{[]string{"user", "-data", filepath.Join(dir, "typo"), "password", "lan"}, slides.NotFound, "typo"},
	} {
		_, err := call(t, c.args...)
		if k := slides.KindOf(err); k != c.kind {
			t.Errorf("%v: %v, want kind %s", c.args, err, c.kind)
			continue
		}
		for _, lang := range []string{"vi", "en"} {
			if s := slides.Sentence(err, lang); s == "" || !strings.Contains(s, c.says) {
				t.Errorf("%v: %s sentence %q does not name %q", c.args, lang, s, c.says)
			}
		}
		var told bytes.Buffer
		status := exit(err, &told)
		if c.args[0] == "verify" && c.kind == slides.Invalid && len(c.args) > 1 && status != 3 {
			t.Errorf("%v: exit %d of a file that is no export", c.args, status)
		}
		if status == 0 || !strings.Contains(told.String(), slides.Sentence(err, "en")) {
			t.Errorf("%v: exit %d, %q", c.args, status, told.String())
		}
	}
}

// starting is a buffer that two goroutines share.
type starting struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *starting) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *starting) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestServeAnswersAndStops(t *testing.T) {
	needFonts(t)
	ctx, cancel := context.WithCancel(t.Context())
	var out starting
	done := make(chan error, 1)
	dir := filepath.Join(t.TempDir(), "data")
	go func() {
		done <- run(ctx, []string{"serve", "-addr", "127.0.0.1:0", "-data", dir, "-tls-self"}, &out, io.Discard)
	}()
	deadline := time.Now().Add(20 * time.Second)
	for !strings.Contains(out.String(), "/studio/setup?token=") {
		select {
		case err := <-done:
			t.Fatalf("serve ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("no set-up link: %q", out.String())
		}
	}
	url := strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(strings.SplitN(out.String(), "\n", 2)[0], "Studio: ")), "/studio/")
	if !strings.HasPrefix(url, "https://") {
		t.Fatalf("served at %q, not with TLS", url)
	}
	client := httptest.NewTLSServer(nil).Client()
	client.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/studio/sign-in": 200, "/studio/nowhere": 404, "/kiosk/v1/socket": 401, "/api/v1/kiosks/k/invite/c": 401} {
		res, err := client.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != want {
			t.Errorf("%s: %d, %v; want %d", path, res.StatusCode, err, want)
		}
		if path == "/metrics" && !strings.Contains(string(b), "motcua_kiosks_connected 0") {
			t.Error("metrics do not tell the connected kiosks")
		}
	}
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("serve's end: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("serve does not stop")
	}
}

func TestStarterBackupRestoreExportVerify(t *testing.T) {
	needFonts(t)
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := call(t, "starter", "-data", dir); err != nil {
		t.Fatal(err)
	}
	again, err := call(t, "starter", "-data", dir)
	if err != nil || !strings.Contains(again, "Added 0,") {
		t.Errorf("loading the starter again: %q, %v", again, err)
	}
	file := filepath.Join(t.TempDir(), "ratings.jsonl")
	if _, err := call(t, "export", "ratings", "-data", dir, "-o", file); err != nil {
		t.Fatal(err)
	}
	if out, err := call(t, "verify", file); err != nil {
		t.Errorf("%s %v", out, err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b[:len(b)-3], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := call(t, "verify", file); err == nil {
		t.Error("a file cut short passed")
	}
	saved := filepath.Join(t.TempDir(), "saved")
	if _, err := call(t, "backup", "-data", dir, saved); err != nil {
		t.Fatal(err)
	}
	if _, err := call(t, "backup", "-data", dir, saved); err == nil {
		t.Error("a backup went over an existing file")
	}
	if _, err := call(t, "restore", "-data", dir, saved); err == nil {
		t.Error("a restore went over a database")
	}
	fresh := filepath.Join(t.TempDir(), "fresh")
	if _, err := call(t, "restore", "-data", fresh, saved); err != nil {
		t.Fatal(err)
	}
	if a, b := epoch(t, dir), epoch(t, fresh); a == b {
		t.Errorf("restored under the same epoch %s", a)
	}
}

func TestTokensOfOtherSystems(t *testing.T) {
	dir := t.TempDir()
	st, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st.Close()
	out, err := call(t, "token", "-data", dir, "add", "Máy lấy số")
	if err != nil {
		t.Fatal(err)
	}
	token, rest, _ := strings.Cut(out, "\n")
	id, _, _ := strings.Cut(rest, ":")
	list, err := call(t, "token", "-data", dir, "list")
	if err != nil || auth.Digest(token) == "" || !strings.Contains(list, id) || !strings.Contains(list, "Máy lấy số") || strings.Contains(list, token) {
		t.Errorf("added %q, listed %q, %v", out, list, err)
	}
	if _, err := call(t, "token", "-data", dir, "revoke", id); err != nil {
		t.Error(err)
	}
	if _, err := call(t, "token", "-data", dir, "revoke", id); slides.KindOf(err) != slides.NotFound {
		t.Errorf("revoked twice: %v", err)
	}
	for _, wrong := range [][]string{{"token"}, {"token", "list", "x"}, {"token", "add"}, {"token", "-data", dir, "burn", "x"}} {
		if _, err := call(t, wrong...); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

func epoch(t *testing.T, dir string) string {
	t.Helper()
	st, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	return st.Epoch()
}

func TestClientAddressBehindProxies(t *testing.T) {
	p, err := parseProxies("10.0.0.0/8, 192.168.1.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.5:9", "198.51.100.1", "203.0.113.5:9"}, // a stranger's header is not believed
		{"10.1.1.1:9", "", "10.1.1.1"},
		{"10.1.1.1:9", "198.51.100.1", "198.51.100.1"},
		{"10.1.1.1:9", "6.6.6.6, 198.51.100.1", "198.51.100.1"}, // what the client wrote itself stands on the left
		{"10.1.1.1:9", "198.51.100.1, 192.168.1.1", "198.51.100.1"},
		{"10.1.1.1:9", "junk", "10.1.1.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := p.client(r); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

// A proxy with TLS that is not named makes all visitors one; the log says so.
func TestAProxyThatIsNotNamedIsWarnedOf(t *testing.T) {
	for _, c := range []struct {
		o    serveOptions
		want int
	}{
		{serveOptions{public: "https://motcua.example.gov.vn"}, 1},
		{serveOptions{public: "https://motcua.example.gov.vn", proxies: "127.0.0.1"}, 0},
		{serveOptions{public: "https://motcua.example.gov.vn", selfTLS: true}, 0},
		{serveOptions{public: "http://10.0.0.5:8080"}, 0},
		{serveOptions{}, 0},
	} {
		c.o.addr, c.o.data, c.o.metrics = "127.0.0.1:0", t.TempDir(), "local"
		var out bytes.Buffer
		s, err := open(t.Context(), c.o, slog.New(slog.NewTextHandler(&out, nil)))
		if err != nil {
			t.Fatal(err)
		}
		s.close()
		if got := strings.Count(out.String(), "-proxies names none"); got != c.want {
			t.Errorf("%+v: warned %d times, want %d: %s", c.o, got, c.want, out.String())
		}
	}
}

func TestExitStatus(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{{nil, 0}, {flag.ErrHelp, 0}, {context.Canceled, 0}, {errUnsound, 3}, {errors.New("x"), 1}, {slides.E(slides.Invalid, "", "v", "e", nil), 2}, {slides.E(slides.Full, "", "v", "e", nil), 1}} {
		if got := exit(c.err, io.Discard); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}

// Behind a trusted proxy every handler sees who asks; without one, nobody can
// claim another address.
func TestProxiesUnveilTheClient(t *testing.T) {
	for _, c := range []struct{ proxies, peer, forwarded, want string }{
		{"", "127.0.0.1:5", "203.0.113.9", "127.0.0.1:5"},
		{"127.0.0.1", "192.0.2.1:5", "203.0.113.9", "192.0.2.1:5"},
		{"127.0.0.1", "127.0.0.1:5", "10.9.9.9, 203.0.113.9", "203.0.113.9:0"},
		{"127.0.0.1", "127.0.0.1:5", "2001:db8::9", "[2001:db8::9]:0"},
		{"127.0.0.1", "127.0.0.1:5", "", "127.0.0.1:0"},
		{"127.0.0.1", "127.0.0.1:5", "<script>", "127.0.0.1:0"},
	} {
		p, err := parseProxies(c.proxies)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		var got string
		p.unveil(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
