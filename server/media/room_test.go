package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// desk is a server that takes uploads, over a real store.
type desk struct {
	t     *testing.T
	st    *store.Store
	room  atomic.Pointer[Room]
	web   *httptest.Server
	later atomic.Int64  // ms added to the clock
	over  chan struct{} // gets one for each connection that the server has closed
}

var mai = Sender{Actor: store.Actor{User: "u-mai", Name: "Nông Thị Mai"}, Unit: "so", Name: "sảnh.jpg"}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, over: make(chan struct{}, 100)}
	var err error
	d.st, err = store.Open(t.TempDir(), store.Options{Now: func() time.Time { return time.Now().Add(time.Duration(d.later.Load()) * time.Millisecond) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.st.Close() })
	if err := d.st.SaveUnit(context.Background(), store.Actor{}, store.Unit{ID: "so", Name: slides.Vi("Sở")}); err != nil {
		t.Fatal(err)
	}
	d.web = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		id := strings.TrimPrefix(q.URL.Path, "/up/")
		if q.Method == http.MethodPost {
			d.room.Load().Create(w, q, mai)
			return
		}
		if err := d.room.Load().Continue(w, q, id, q.Header.Get("X-User")); err != nil {
			http.Error(w, slides.Sentence(err, "vi"), slides.KindOf(err).Status())
		}
	}))
	d.web.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed {
			select {
			case d.over <- struct{}{}:
			default: // nobody waits for so many
			}
		}
	}
	d.web.Start()
	t.Cleanup(d.web.Close)
	d.start()
	return d
}

// start makes the room anew, as a server does that was killed.
func (d *desk) start() {
	d.t.Helper()
	r, err := New(d.st, slog.New(slog.DiscardHandler), "/up/")
	if err != nil {
		d.t.Fatal(err)
	}
	d.room.Store(r)
}

// run works until everything is settled, then stops.
func (d *desk) run() []store.Upload {
	d.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.room.Load().Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			d.t.Error(err)
		}
	}()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) { // polled: another goroutine works
		list, err := d.st.Uploads(ctx, "")
		if err != nil {
			d.t.Fatal(err)
		}
		open := len(list) == 0
		for _, u := range list {
			open = open || u.State == store.UploadWaiting || u.State == store.UploadRunning
		}
		if !open && len(d.left()) == 0 {
			return list
		}
	}
	d.t.Fatal("nothing is settled; left: ", d.left())
	return nil
}

func (d *desk) left() []string {
	files, err := os.ReadDir(d.st.UploadFolder())
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		out = append(out, f.Name())
	}
	return out
}

func (d *desk) ask(method, path, user string, head map[string]string, body io.Reader) (*http.Response, error) {
	q, err := http.NewRequest(method, d.web.URL+path, body)
	if err != nil {
		d.t.Fatal(err)
	}
	q.Header.Set("Tus-Resumable", "1.0.0")
	q.Header.Set("X-User", user)
	for k, v := range head {
		q.Header.Set(k, v)
	}
	return d.web.Client().Do(q)
}

// cut sends a piece that breaks off, on a connection of its own, and returns when
// the server has let go of it: a piece that still held the upload would be
// interrupted by who asks next, in which tusd races with itself (v2.8.0: the
// goroutine of newContext reads the body that writeChunk sets).
func (d *desk) cut(at string, offset int, piece io.Reader) {
	d.t.Helper()
	q, err := http.NewRequest(http.MethodPatch, d.web.URL+at, struct{ io.Reader }{piece})
	if err != nil {
		d.t.Fatal(err)
	}
	for k, v := range map[string]string{"X-User": "u-mai", "Tus-Resumable": "1.0.0", "Upload-Offset": fmt.Sprint(offset), "Content-Type": "application/offset+octet-stream"} {
		q.Header.Set(k, v)
	}
	if res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(q); err == nil {
		res.Body.Close()
	}
	<-d.over
}

func (d *desk) must(method, path string, head map[string]string, body io.Reader, want int) http.Header {
	d.t.Helper()
	res, err := d.ask(method, path, "u-mai", head, body)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	if res.StatusCode != want {
		d.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, b)
	}
	return res.Header
}

func (d *desk) create(size int) string {
	d.t.Helper()
	h := d.must("POST", "/up/", map[string]string{"Upload-Length": fmt.Sprint(size), "Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte("../../x")) + ",user " + base64.StdEncoding.EncodeToString([]byte("u-other"))}, nil, http.StatusCreated)
	if !strings.HasPrefix(h.Get("Location"), "/up/") {
		d.t.Fatalf("the upload's address is %q", h.Get("Location"))
	}
	return h.Get("Location")
}

// breaking is a body that breaks off.
type breaking struct {
	io.Reader
	n int
}

func (b *breaking) Read(p []byte) (int, error) {
	if b.n <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.Reader.Read(p[:min(len(p), b.n)])
	b.n -= n
	return n, err
}

// An upload is cut at byte after byte, the server is killed in between, and it
// arrives whole.
func TestUploadCutAnywhere(t *testing.T) {
	d := newDesk(t)
	photo := jpegOf(t, marked(700, 500))
	at := d.create(len(photo))
	cuts := 0
	for offset, step := 0, 1; offset < len(photo); step = step*3 + 1 {
		piece := &breaking{bytes.NewReader(photo[offset:]), step}
		d.cut(at, offset, piece)
		cuts++
		d.start() // what the room knew is gone
		h := d.must("HEAD", at, nil, nil, http.StatusOK)
		if _, err := fmt.Sscan(h.Get("Upload-Offset"), &offset); err != nil {
			t.Fatal(h)
		}
		if step > len(photo) {
			d.must("PATCH", at, map[string]string{"Upload-Offset": fmt.Sprint(offset), "Content-Type": "application/offset+octet-stream"}, bytes.NewReader(photo[offset:]), http.StatusNoContent)
			offset = len(photo)
		}
	}
	if cuts < 5 {
		t.Fatalf("cut %d times only", cuts)
	}
	got := d.run()
	sum := sha256.Sum256(photo)
	m, ok, err := d.st.FindMedia(context.Background(), hex.EncodeToString(sum[:]))
	if err != nil || !ok || m.Name != "sảnh.jpg" || m.By != "u-mai" || m.W != 700 || len(got) != 1 || got[0].Media != m.ID {
		t.Fatalf("%+v %v %+v", m, err, got)
	}
}

// What nobody goes on with, what was cancelled and what was never noted leaves
// nothing; another's upload is not there for one.
func TestUploadsLeaveNothing(t *testing.T) {
	d := newDesk(t)
	ctx := context.Background()
	at := d.create(1000)
	d.must("PATCH", at, map[string]string{"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}, strings.NewReader("abc"), http.StatusNoContent)
	for _, method := range []string{"HEAD", "PATCH", "DELETE"} {
		res, err := d.ask(method, at, "u-other", map[string]string{"Upload-Offset": "3", "Content-Type": "application/offset+octet-stream"}, nil)
		if err != nil || res.StatusCode != http.StatusNotFound {
			t.Errorf("%s of another's upload: %v %v", method, res.StatusCode, err)
		}
	}
	for _, id := range []string{"..", "../motcua.sqlite", strings.Repeat("a", 31) + "/", strings.Repeat("g", 32)} {
		if _, err := d.room.Load().note(id); err == nil {
			t.Errorf("%q names an upload", id)
		}
	}
	if err := os.WriteFile(filepath.Join(d.st.UploadFolder(), uploadID()), []byte("half a form"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(d.st.UploadFolder(), uploadID()+".work"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := d.room.Load().sweep(ctx); err != nil || len(d.left()) != 4 {
		t.Fatalf("swept too early: %v %v", d.left(), err)
	}
	gone := d.create(10)
	d.must("DELETE", gone, nil, nil, http.StatusNoContent)
	d.later.Store((keepUnfinished + time.Minute).Milliseconds())
	if err := d.room.Load().sweep(ctx); err != nil || len(d.left()) != 0 {
		t.Fatalf("left behind: %v %v", d.left(), err)
	}
	// Too large, too many, an empty one.
	if res, err := d.ask("POST", "/up/", "u-mai", map[string]string{"Upload-Length": fmt.Sprint(MaxUpload + 1)}, nil); err != nil || res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error(res.StatusCode, err)
	}
	for range maxOpen {
		d.create(5)
	}
	if err := d.room.Load().Admit(ctx, mai, 5); slides.KindOf(err) != slides.Throttled {
		t.Error("too many at once:", err)
	}
	if err := d.room.Load().Admit(ctx, mai, MaxUpload+1); slides.KindOf(err) != slides.TooLarge {
		t.Error("too large:", err)
	}
	if _, err := d.room.Load().Take(ctx, mai, io.LimitReader(zeros{}, MaxForm+1)); slides.KindOf(err) != slides.TooLarge {
		t.Error("too large for a form:", err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// A server that is killed between the last byte and the note of it has lost nothing.
func TestArrivedAndNotNoted(t *testing.T) {
	d := newDesk(t)
	photo := jpegOf(t, marked(64, 48))
	at := d.create(len(photo))
	// The bytes come while nobody notes: written as the handler's file store does.
	if err := os.WriteFile(filepath.Join(d.st.UploadFolder(), filepath.Base(at)), photo, 0o600); err != nil {
		t.Fatal(err)
	}
	d.later.Store((2 * time.Minute).Milliseconds())
	if got := d.run(); len(got) != 1 || got[0].State != store.UploadDone {
		t.Fatalf("%+v", got)
	}
}

// A film becomes H.264 of at most 1080p with a poster; a stop in the middle
// gives it back, and another server goes on.
func TestFilm(t *testing.T) {
	long := made(t, "-f", "lavfi", "-i", "testsrc=s=2560x1440:r=12:d=2", "-f", "lavfi", "-i", "sine=d=2", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4")
	d := newDesk(t)
	ctx := context.Background()
	take := func(b []byte) {
		t.Helper()
		if _, err := d.room.Load().Take(ctx, mai, bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
	}
	take(long)
	// The server stops as soon as it works on it.
	first, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- d.room.Load().Run(first) }()
	for {
		list, err := d.st.Uploads(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		if list[0].State != store.UploadWaiting {
			break
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if list, err := d.st.Uploads(ctx, ""); err != nil || list[0].State != store.UploadWaiting || list[0].Tries != 0 {
		t.Fatalf("not given back: %+v %v", list, err)
	}
	d.start()
	got := d.run()
	if got[0].State != store.UploadDone {
		t.Fatalf("%+v", got)
	}
	m, err := d.st.Media(ctx, got[0].Media)
	if err != nil || m.Kind != store.FilmMedia || m.Type != "video/mp4" || m.W != 1920 || m.H != 1080 || (m.Length-2*time.Second).Abs() > 200*time.Millisecond || m.Poster == "" || m.Thumb == "" {
		t.Fatalf("%+v %v", m, err)
	}
	take(long) // again: it is not converted twice
	if got := d.run(); !got[0].Again && !got[1].Again {
		t.Errorf("%+v", got)
	}
}

// Files that only look like films fail in words and leave nothing.
func TestNoFilm(t *testing.T) {
	tone := made(t, "-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4")
	whole := made(t, "-f", "lavfi", "-i", "testsrc=s=320x240:d=1", "-c:v", "libx264", "-f", "matroska")
	d := newDesk(t)
	files := map[string][]byte{
		"chỉ có tiếng":   tone,
		"Không đọc được": append([]byte("\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isomiso2\x00\x00\x00\x10moov"), bytes.Repeat([]byte("file:///etc/passwd "), 40)...),
		"Không nhận ra":  []byte("#EXTM3U\nfile:///etc/passwd\n"),
		"Tệp trống":      {},
	}
	for _, b := range files {
		if _, err := d.room.Load().Take(context.Background(), mai, bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.room.Load().Take(context.Background(), mai, bytes.NewReader(whole)); err != nil {
		t.Fatal(err)
	}
	said, ok := "", 0
	for _, u := range d.run() {
		said += u.Vi + "\n"
		if u.State == store.UploadDone {
			ok++
		}
	}
	for want := range files {
		if !strings.Contains(said, want) {
			t.Errorf("nobody said %q:\n%s", want, said)
		}
	}
	if ok != 1 {
		t.Errorf("%d were taken:\n%s", ok, said)
	}
}

// What is on its way counts into the unit's room: declared, that is promised.
func TestArrivingCounts(t *testing.T) {
	d := newDesk(t)
	for range store.MediaQuota / MaxUpload {
		d.create(MaxUpload)
	}
	if err := d.room.Load().Admit(context.Background(), mai, 5); slides.KindOf(err) != slides.Full {
		t.Error("over the quota:", err)
	}
	other := mai
	other.Unit, other.Actor.User = "so-khac", "u-lan"
	if err := d.room.Load().Admit(context.Background(), other, 5); err != nil {
		t.Error("another unit's:", err)
	}
}
