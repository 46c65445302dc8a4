package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/wire"
)

const (
	rangeSize = 256 << 10 // one request, one fsync
	// stallAfter bounds the wait for the next bytes.
	stallAfter = time.Minute
)

// errNews interrupts the fetching: there is a newer manifest to look at.
var errNews = errors.New("link: a newer manifest has come")

// fetcher fetches what the newest and the active manifest lack, and says when
// the pending one is complete.
func (s *session) fetcher(ctx context.Context) error {
	poke(s.fetch)
	again := time.NewTicker(5 * time.Minute)
	defer again.Stop()
	failed := 0
	for {
		retry := time.NewTimer(backoff(failed))
		if failed == 0 {
			retry.Stop()
		}
		select {
		case <-ctx.Done():
			retry.Stop()
			return ctx.Err()
		case <-s.fetch:
		case <-s.refetch:
		case <-again.C:
		case <-retry.C:
		}
		retry.Stop()
		err := s.complete(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			failed = 0
		case errors.Is(err, errNews):
			poke(s.fetch)
		default:
			failed++
			s.log.Warn("fetching", "err", err)
			s.hooks.Fault("blob", slides.Sentence(err, "vi"))
		}
	}
}

// complete fetches all that is missing. What the active manifest lacks comes
// first (a blob of it was set aside as damaged, and its slide is skipped until
// it is back), unless the pending one is to be shown at once.
func (s *session) complete(ctx context.Context) error {
	ms := s.vault.Manifests()
	var urgent error
	pending := ms.Pending()
	if pending != nil && pending.Flip == slides.AtOnce {
		if urgent = s.completePending(ctx, pending); ctx.Err() != nil || errors.Is(urgent, errNews) {
			return urgent
		}
	}
	if m := ms.Active(); m != nil {
		if missing := s.vault.Blobs().Missing(m.Manifest); len(missing) > 0 {
			if err := s.fetchAll(ctx, missing); err != nil {
				return err
			}
			s.hooks.Mended()
		}
	}
	if pending = ms.Pending(); pending == nil || urgent != nil {
		return urgent
	}
	return s.completePending(ctx, pending)
}

func (s *session) completePending(ctx context.Context, m *vault.Manifest) error {
	missing := s.vault.Blobs().Missing(m.Manifest)
	if len(missing) == 0 {
		s.ready(m, false)
		return nil
	}
	if s.vault.Manifests().Active() != nil && m.Flip != slides.AtOnce {
		// Thousands of kiosks learn of a publication in one second.
		if err := s.pause(ctx, rand.N(wire.FetchJitter)); err != nil {
			return err
		}
	}
	if err := s.fetchAll(ctx, missing); err != nil {
		return err
	}
	s.ready(m, true)
	return nil
}

// pause sleeps until d, ctx's end, or news.
func (s *session) pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.fetch:
		return errNews
	case <-t.C:
		return nil
	}
}

// fetchAll fetches the blobs one after the other. One that the server lacks or
// sends wrong does not keep the others; a line or a server that fails does.
func (s *session) fetchAll(ctx context.Context, list []slides.BlobRef) error {
	var first error
	for _, ref := range list {
		err := s.fetchBlob(ctx, ref)
		switch kind := slides.KindOf(err); {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errNews):
			return err
		case kind != slides.NotFound && kind != slides.Corrupt && kind != slides.TooLarge:
			return err
		case first == nil:
			first = err
		}
	}
	return first
}

// fetchBlob fetches one blob in ranges, from where an earlier try stopped.
func (s *session) fetchBlob(ctx context.Context, ref slides.BlobRef) error {
	if err := s.spoilt.due(ref.SHA); err != nil {
		return err
	}
	for {
		select {
		case <-s.fetch:
			return errNews
		default:
		}
		done, err := s.fetchRange(ctx, ref)
		if wrong := slides.KindOf(err) == slides.Corrupt; wrong || done {
			s.spoilt.saw(ref.SHA, wrong)
		}
		if err != nil || done {
			return err
		}
	}
}

func (s *session) fetchRange(ctx context.Context, ref slides.BlobRef) (done bool, err error) {
	op := "link.fetch " + ref.SHA
	off := s.vault.Blobs().Partial(ref.SHA)
	if off >= ref.Size {
		return s.vault.Blobs().PutAt(ref, off, nil) // empty, or all there but not yet checked
	}
	end := min(off+rangeSize, ref.Size)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stall := time.AfterFunc(stallAfter, cancel)
	defer stall.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.dialer.server.String()+wire.PathBlob+ref.SHA, nil)
	if err != nil {
		return false, slides.E(slides.Broken, op, "Không tạo được yêu cầu.", "The request can't be made.", err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", off, end-1))
	res, err := s.dialer.http.Do(req)
	if err != nil {
		return false, unreachable(op, err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusPartialContent && res.Header.Get("Content-Range") == fmt.Sprintf("bytes %d-%d/%d", off, end-1, ref.Size):
	case res.StatusCode == http.StatusPartialContent:
		return false, slides.E(slides.Corrupt, op, "Máy chủ trả về sai đoạn của tệp.", "The server sent another part of the blob.", nil)
	case res.StatusCode == http.StatusOK: // a proxy that knows no ranges: skip what is there
		end = ref.Size
		if _, err := io.CopyN(alive{stall}, res.Body, off); err != nil {
			return false, unreachable(op, err)
		}
	default:
		b, _ := io.ReadAll(io.LimitReader(res.Body, wire.MaxRequest)) // the refusal is told with or without its words
		return false, refusal(op, res.StatusCode, b)
	}
	body := io.TeeReader(res.Body, alive{stall})
	buf := make([]byte, min(end-off, rangeSize))
	for off < end {
		n, err := io.ReadFull(body, buf[:min(int64(len(buf)), end-off)])
		if n > 0 {
			if done, perr := s.vault.Blobs().PutAt(ref, off, buf[:n]); perr != nil || done {
				return done, perr
			}
			off += int64(n)
		}
		if err != nil {
			return false, unreachable(op, err)
		}
	}
	return false, nil
}

// alive puts off the stall as bytes come.
type alive struct{ stall *time.Timer }

func (a alive) Write(b []byte) (int, error) {
	a.stall.Reset(stallAfter)
	return len(b), nil
}

// spoilt remembers the blobs that came wrong: fetching a rotten video again
// every half minute would fill the line for nothing.
type spoilt struct {
	mu   sync.Mutex
	list map[string]hold // guarded by mu
}

const spoiltMax = time.Hour

// due is an error while a blob is not to be fetched again.
func (s *spoilt) due(sha string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h, ok := s.list[sha]; ok && time.Now().Before(h.until) {
		return slides.E(slides.Corrupt, "link.fetch "+sha, "Máy chủ gửi tệp sai nội dung; sẽ thử lại sau.", "The server sends a blob with wrong bytes; it is tried again later.", nil)
	}
	return nil
}

// saw notes how a fetch went.
func (s *spoilt) saw(sha string, wrong bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !wrong {
		delete(s.list, sha)
		return
	}
	if s.list == nil || len(s.list) > 1000 {
		s.list = map[string]hold{}
	}
	h := s.list[sha]
	h.until = time.Now().Add(min(spoiltMax, time.Minute<<min(h.tries, 10)))
	h.tries++
	s.list[sha] = h
}
