// Package media takes the files that staff bring (pictures, films, recordings)
// into the library. A file arrives in pieces by the tus protocol, or whole with
// a form, in the data folder's "uploads"; what it is, its content says and never
// its name. A worker then makes it ready: pictures are decoded within limits,
// turned, stripped and written in the sizes that screens need; films are
// converted by ffmpeg in a limited process of its own; recordings are checked
// to their last byte. How far it is stands in the store, so that the page can be
// left and a server can stop in between. What was cut off anywhere leaves
// nothing behind: a sweep takes it.
package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/tus/tusd/v2/pkg/filestore"
	tus "github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	xslog "golang.org/x/exp/slog"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

// Limits of uploads.
const (
	// MaxUpload bounds a file that arrives in pieces: the largest kind's limit.
	MaxUpload = MaxFilm
	// MaxForm bounds a file that comes whole with a form, for browsers without
	// script: above it a line that breaks costs too much.
	MaxForm = kinds.MaxFilm

	maxOpen = 50 // unfinished uploads of one person

	// keepUnfinished is how long an upload may rest before its next piece.
	keepUnfinished = 24 * time.Hour
	sweepEvery     = 10 * time.Minute
)

// Room takes and works on uploads. Its methods may be called from any goroutine.
type Room struct {
	st   *store.Store
	log  *slog.Logger
	dir  string        // where uploads arrive
	wake chan struct{} // an upload is waiting
	tus  *tus.UnroutedHandler
}

// New makes the room over the store's upload folder; base is the path at which
// uploads are served, as "/studio/uploads/".
func New(st *store.Store, log *slog.Logger, base string) (*Room, error) {
	r := &Room{st: st, log: log, dir: st.UploadFolder(), wake: make(chan struct{}, 1)}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return nil, slides.E(slides.Broken, "media.New", "Không tạo được thư mục nhận tệp tải lên trong thư mục dữ liệu; hãy kiểm tra quyền ghi.", "The folder for uploads can't be made in the data folder; check its rights.", err)
	}
	c := tus.NewStoreComposer()
	filestore.New(r.dir).UseIn(c)
	memorylocker.New().UseIn(c)
	c.UsesConcater, c.UsesLengthDeferrer = false, false // the limits want to know a file's size first
	var err error
	r.tus, err = tus.NewUnroutedHandler(tus.Config{
		StoreComposer: c, BasePath: base, MaxSize: MaxUpload, DisableDownload: true, Cors: &tus.CorsConfig{Disable: true},
		Logger:                    xslog.New(xslog.NewTextHandler(io.Discard, nil)),
		PreUploadCreateCallback:   r.creating,
		PreFinishResponseCallback: r.arrived,
	})
	return r, err
}

// Sender is who sends a file, for which unit, and what it is called.
type Sender struct {
	Actor store.Actor
	Unit  string
	Name  string
}

// What an upload's own note says of its sender.
const (
	metaUser, metaWho, metaAddr, metaUnit, metaName = "user", "who", "addr", "unit", "name"
)

type senderKey struct{}

// creating writes who sends into the upload's note: what the browser says of
// itself is not taken.
func (r *Room) creating(e tus.HookEvent) (tus.HTTPResponse, tus.FileInfoChanges, error) {
	s, ok := e.Context.Value(senderKey{}).(Sender)
	if !ok {
		return tus.HTTPResponse{}, tus.FileInfoChanges{}, errors.New("media: an upload of nobody")
	}
	return tus.HTTPResponse{}, tus.FileInfoChanges{ID: uploadID(), MetaData: tus.MetaData{
		metaUser: s.Actor.User, metaWho: s.Actor.Name, metaAddr: s.Actor.Addr, metaUnit: s.Unit, metaName: s.Name,
	}}, nil
}

func uploadID() string { return strings.ReplaceAll(uuid.NewString(), "-", "") }

// Admit says whether somebody may send one more file of that size to a unit.
// Kinds: TooLarge, Full (the unit's quota), Throttled (too many at once).
func (r *Room) Admit(ctx context.Context, s Sender, size int64) error {
	const op = "media.Admit"
	if size > MaxUpload {
		return slides.E(slides.TooLarge, op, fmt.Sprintf("Tệp lớn hơn %d MiB nên không nhận được; hãy cắt ngắn hoặc giảm chất lượng.", MaxUpload>>20), fmt.Sprintf("The file is over %d MiB; shorten it or lower its quality.", MaxUpload>>20), nil)
	}
	used, err := r.st.MediaSize(ctx, s.Unit)
	if err != nil {
		return err
	}
	// What arrives or waits for its conversion takes room, too.
	arriving, err := r.open(func(note) bool { return true })
	if err != nil {
		return err
	}
	var open []note
	for _, n := range arriving {
		if n.MetaData[metaUnit] == s.Unit {
			used += n.Size
		}
		if n.MetaData[metaUser] == s.Actor.User && n.offset < n.Size {
			open = append(open, n)
		}
	}
	if used+size > store.MediaQuota {
		return slides.E(slides.Full, op, fmt.Sprintf("Đơn vị đã dùng %.1f trong %d GiB dành cho kho ảnh, video; hãy xóa bớt tệp không dùng.", float64(used)/(1<<30), int64(store.MediaQuota)>>30),
			fmt.Sprintf("The unit uses %.1f of the %d GiB that it has for files; delete some that nothing shows.", float64(used)/(1<<30), int64(store.MediaQuota)>>30), nil)
	}
	if len(open) >= maxOpen {
		return slides.E(slides.Throttled, op, fmt.Sprintf("Bạn đang có %d tệp tải dở; hãy đợi xong hoặc hủy bớt rồi tải tiếp.", len(open)), fmt.Sprintf("You have %d unfinished uploads; finish or cancel some first.", len(open)), nil)
	}
	return nil
}

// Create begins an upload; the caller has admitted it.
func (r *Room) Create(w http.ResponseWriter, q *http.Request, s Sender) {
	q = q.WithContext(context.WithValue(q.Context(), senderKey{}, s))
	r.tus.Middleware(http.HandlerFunc(r.tus.PostFile)).ServeHTTP(&pathOnly{w}, q)
}

// pathOnly makes the new upload's address a path: behind a proxy the scheme and
// host that this server sees are not the browser's.
type pathOnly struct{ http.ResponseWriter }

func (p *pathOnly) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p *pathOnly) WriteHeader(status int) {
	if u, err := url.Parse(p.Header().Get("Location")); err == nil && u.Path != "" {
		p.Header().Set("Location", u.Path)
	}
	p.ResponseWriter.WriteHeader(status)
}

// Continue tells how far an upload is (HEAD), takes a piece (PATCH), or ends it
// (DELETE). Kind NotFound: there is none of that id, or it is another's.
func (r *Room) Continue(w http.ResponseWriter, q *http.Request, id, user string) error {
	n, err := r.note(id)
	if err != nil || n.MetaData[metaUser] != user {
		return slides.E(slides.NotFound, "media.Continue", "Không còn phần đã tải lên của tệp này; hãy tải lại từ đầu.", "What was uploaded of this file is gone; begin again.", err)
	}
	serve := map[string]http.HandlerFunc{http.MethodHead: r.tus.HeadFile, http.MethodPatch: r.tus.PatchFile, http.MethodDelete: r.tus.DelFile}[q.Method]
	http.StripPrefix(path.Dir(q.URL.Path), r.tus.Middleware(serve)).ServeHTTP(w, q)
	return nil
}

// arrived queues an upload whose last byte is there.
func (r *Room) arrived(e tus.HookEvent) (tus.HTTPResponse, error) {
	err := syncFile(r.path(e.Upload.ID))
	if err == nil {
		err = r.queue(e.Context, note{FileInfo: e.Upload})
	}
	if err != nil {
		r.log.Error("upload not queued; the sweep will", "id", e.Upload.ID, "err", err)
	}
	return tus.HTTPResponse{}, err
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (r *Room) queue(ctx context.Context, n note) error {
	m := n.MetaData
	err := r.st.QueueUpload(ctx, store.Upload{ID: n.ID, Unit: m[metaUnit], Name: m[metaName], Size: n.Size, Actor: store.Actor{User: m[metaUser], Name: m[metaWho], Addr: m[metaAddr]}})
	select {
	case r.wake <- struct{}{}:
	default: // it is awake
	}
	return err
}

// Take keeps a file that comes whole, as a form brings it, and queues it. Kind
// TooLarge: over MaxForm.
func (r *Room) Take(ctx context.Context, s Sender, src io.Reader) (id string, err error) {
	const op = "media.Take"
	id = uploadID()
	f, err := os.OpenFile(r.path(id), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", slides.E(slides.Broken, op, "Không ghi được tệp tải lên vào thư mục dữ liệu.", "The upload can't be written to the data folder.", err)
	}
	defer func() {
		if err != nil {
			os.Remove(r.path(id)) // what is left the sweep takes
		}
	}()
	n, err := io.Copy(f, io.LimitReader(src, MaxForm+1))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", slides.E(slides.Broken, op, "Không ghi được tệp tải lên vào thư mục dữ liệu.", "The upload can't be written to the data folder.", err)
	}
	if n > MaxForm {
		return "", slides.E(slides.TooLarge, op, fmt.Sprintf("Không có JavaScript, mỗi tệp tối đa %d MiB.", MaxForm>>20), fmt.Sprintf("Without JavaScript a file may have %d MiB.", MaxForm>>20), nil)
	}
	return id, r.queue(ctx, note{FileInfo: tus.FileInfo{ID: id, Size: n, MetaData: tus.MetaData{
		metaUser: s.Actor.User, metaWho: s.Actor.Name, metaAddr: s.Actor.Addr, metaUnit: s.Unit, metaName: s.Name,
	}}})
}

func (r *Room) path(id string) string { return filepath.Join(r.dir, id) }

// note is what stands beside an upload that arrives in pieces.
type note struct {
	tus.FileInfo
	offset  int64
	touched time.Time
}

func (r *Room) note(id string) (note, error) {
	var n note
	if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
		return n, fs.ErrNotExist
	}
	b, err := os.ReadFile(r.path(id) + ".info")
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(b, &n.FileInfo); err != nil {
		return n, err
	}
	info, err := os.Stat(r.path(id))
	if err == nil {
		n.offset, n.touched = info.Size(), info.ModTime()
	}
	return n, err
}

// open lists the notes that want keeps.
func (r *Room) open(want func(note) bool) (out []note, err error) {
	names, err := filepath.Glob(filepath.Join(r.dir, "*.info"))
	for _, name := range names {
		if n, err := r.note(strings.TrimSuffix(filepath.Base(name), ".info")); err == nil && want(n) {
			out = append(out, n)
		}
	}
	return out, err
}

// forget removes what an upload left in the folder.
func (r *Room) forget(id string) error {
	var errs []error
	for _, suffix := range []string{"", ".info"} {
		if err := os.Remove(r.path(id) + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// sweep queues what arrived whole and was not noted (a server that was killed
// in between), and removes what nobody goes on with and what is done.
func (r *Room) sweep(ctx context.Context) error {
	files, err := os.ReadDir(r.dir)
	if err != nil {
		return err
	}
	var errs []error
	seen := map[string]bool{}
	for _, f := range files {
		id, _, _ := strings.Cut(f.Name(), ".")
		if seen[id] {
			continue
		}
		seen[id] = true
		errs = append(errs, r.sweepOne(ctx, id, f))
	}
	return errors.Join(errs...)
}

func (r *Room) sweepOne(ctx context.Context, id string, f fs.DirEntry) error {
	info, err := f.Info()
	if err != nil {
		return nil // it is gone meanwhile
	}
	old := r.st.Now().Time().Sub(info.ModTime()) > keepUnfinished
	if f.IsDir() { // a conversion's; its worker lives no longer than the claim
		if old {
			return os.RemoveAll(r.path(f.Name()))
		}
		return nil
	}
	u, err := r.st.Upload(ctx, id)
	switch {
	case err == nil && (u.State == store.UploadDone || u.State == store.UploadFailed):
		return r.forget(id)
	case err == nil:
		return nil
	case slides.KindOf(err) != slides.NotFound:
		return err
	}
	if n, err := r.note(id); err == nil {
		if n.offset == n.Size && r.st.Now().Time().Sub(n.touched) > time.Minute { // its own request may be about to
			return r.queue(ctx, n)
		}
		old = r.st.Now().Time().Sub(n.touched) > keepUnfinished
	}
	if old {
		return r.forget(id)
	}
	return nil
}

// Asked is the unit and the name that a browser gives with a new upload.
func Asked(q *http.Request) (unit, name string) {
	m := tus.ParseMetadataHeader(q.Header.Get("Upload-Metadata"))
	return m["unit"], m["filename"]
}
