package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

const (
	claimLife  = time.Minute
	claimRenew = 15 * time.Second
	// idle is how often other servers' uploads are looked for; this one's own wake it.
	idle = 5 * time.Second
)

// Run makes uploads ready, one at a time: a conversion takes all the cores that
// kiosks leave. It returns when ctx ends; what it was at goes back to the queue.
func (r *Room) Run(ctx context.Context) error {
	next := time.NewTimer(0)
	defer next.Stop()
	swept := time.Time{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
		case <-next.C:
		}
		if time.Since(swept) > sweepEvery {
			swept = time.Now()
			if err := r.sweep(ctx); err != nil && ctx.Err() == nil {
				r.log.Error("sweeping uploads", "err", err)
			}
		}
		for ctx.Err() == nil {
			u, ok, err := r.st.ClaimUpload(ctx, claimLife)
			if err != nil && ctx.Err() == nil {
				r.log.Error("claiming an upload", "err", err)
			}
			if err != nil || !ok {
				break
			}
			r.work(ctx, u)
		}
		next.Reset(idle)
	}
}

// work makes one upload ready and writes down what became of it.
func (r *Room) work(ctx context.Context, u store.Upload) {
	var pct atomic.Int64
	working, lost := context.WithCancel(ctx)
	defer lost()
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		t := time.NewTicker(time.Second)
		defer t.Stop()
		told, at := int64(0), time.Now()
		for {
			select {
			case <-working.Done():
				return
			case <-t.C:
			}
			if p := pct.Load(); p == told && time.Since(at) < claimRenew {
				continue
			} else {
				told, at = p, time.Now()
			}
			if err := r.st.Progress(working, u.ID, int(told), claimLife); slides.KindOf(err) == slides.Conflict {
				lost()
			}
		}
	}()
	m, err := r.ready(working, u, func(p int) { pct.Store(int64(p)) })
	stolen := working.Err() != nil && ctx.Err() == nil
	lost()
	<-renewed
	end := context.WithoutCancel(ctx)
	switch {
	case stolen:
		return // its new owner ends it
	case err == nil:
		_, _, err = r.st.FinishUpload(end, u, m)
	case ctx.Err() != nil:
		if err := r.st.ReturnUpload(end, u.ID); err != nil {
			r.log.Error("giving an upload back", "id", u.ID, "err", err)
		}
		return
	}
	if slides.KindOf(err) == slides.Conflict {
		return
	}
	if err != nil {
		r.log.Warn("an upload can't be used", "id", u.ID, "err", err)
		if err := r.st.FailUpload(end, u.ID, err); err != nil {
			r.log.Error("ending an upload", "id", u.ID, "err", err)
			return
		}
	}
	if err := r.forget(u.ID); err != nil {
		r.log.Error("removing an upload", "id", u.ID, "err", err)
	}
}

// ready makes the library's file out of an upload and stores its blobs.
func (r *Room) ready(ctx context.Context, u store.Upload, progress func(int)) (store.Media, error) {
	m := store.Media{Unit: u.Unit, Name: u.Name}
	f, err := os.Open(r.path(u.ID))
	if errors.Is(err, fs.ErrNotExist) {
		return m, slides.E(slides.NotFound, "media.ready", "Tệp tải lên không còn trên máy chủ; hãy tải lại.", "The uploaded file is gone from the server; upload it again.", err)
	}
	if err != nil {
		return m, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return m, err
	}
	m.Source = hex.EncodeToString(h.Sum(nil))
	if old, ok, err := r.st.FindMedia(ctx, m.Source); err != nil {
		return m, err
	} else if ok { // made ready before, perhaps for another unit
		old.Unit, old.Name, old.Source = u.Unit, u.Name, m.Source
		return old, nil
	}
	head := make([]byte, sniffed)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return m, err
	}
	if n == 0 {
		return m, slides.E(slides.Invalid, "media.ready", "Tệp trống.", "The file is empty.", nil)
	}
	is, err := sniff(head[:n])
	if err != nil {
		return m, err
	}
	m.Kind = is.kind
	if is.kind == store.FilmMedia {
		return m, r.readyFilm(ctx, u, is.name, &m, progress)
	}
	limit := int64(MaxPicture)
	if is.kind == store.SoundMedia {
		limit = MaxSound
	}
	b, err := io.ReadAll(io.NewSectionReader(f, 0, limit+1))
	if err != nil {
		return m, err
	}
	if is.kind == store.PictureMedia {
		return m, r.readyPicture(ctx, b, &m) // over the limit: it says so itself
	}
	out, long, err := PrepareSound(b)
	if err != nil {
		return m, err
	}
	m.Length = long
	m.Blob, err = r.put(ctx, out)
	m.Type, m.Size = out.Type, int64(len(out.Data))
	return m, err
}

func (r *Room) put(ctx context.Context, b Bytes) (string, error) {
	if len(b.Data) == 0 {
		return "", nil
	}
	ref, err := r.st.PutBlob(ctx, b.Type, bytes.NewReader(b.Data), int64(len(b.Data)))
	return ref.SHA, err
}

func (r *Room) readyPicture(ctx context.Context, b []byte, m *store.Media) error {
	p, err := Prepare(b)
	if err != nil {
		return err
	}
	return Keep(ctx, r.st, p, m)
}

// Keep stores a picture's blobs and writes them into its row.
func Keep(ctx context.Context, st *store.Store, p Picture, m *store.Media) error {
	r := Room{st: st}
	var errs [3]error
	m.Kind, m.W, m.H, m.Type, m.Size = store.PictureMedia, p.W, p.H, p.Whole.Type, int64(len(p.Whole.Data))
	m.Blob, errs[0] = r.put(ctx, p.Whole)
	m.HD, errs[1] = r.put(ctx, p.HD)
	m.Thumb, errs[2] = r.put(ctx, p.Thumb)
	return errors.Join(errs[:]...)
}

func (r *Room) readyFilm(ctx context.Context, u store.Upload, demuxer string, m *store.Media, progress func(int)) error {
	dir := r.path(u.ID + ".work")
	if err := os.RemoveAll(dir); err != nil { // of a server that went down
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(dir) // what is left the sweep takes
	c, err := newConverter(dir)
	if err != nil {
		return err
	}
	made, err := c.convert(ctx, r.path(u.ID), demuxer, progress)
	if err != nil {
		return err
	}
	poster, err := Prepare(made.poster)
	if err != nil {
		return err
	}
	f, err := os.Open(made.path)
	if err != nil {
		return err
	}
	defer f.Close()
	ref, err := r.st.PutBlob(ctx, "video/mp4", f, kinds.MaxFilm)
	if err != nil {
		return err
	}
	m.Blob, m.Type, m.Size, m.W, m.H, m.Length = ref.SHA, ref.Type, ref.Size, poster.W, poster.H, made.length
	if m.Poster, err = r.put(ctx, poster.Whole); err != nil {
		return err
	}
	m.Thumb, err = r.put(ctx, poster.Thumb)
	return err
}
