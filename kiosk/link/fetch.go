package link

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// stallAfter bounds one range request: 256 KiB in a minute is slower than any
// line that could carry the rest.
const (
	rangeSize  = 256 << 10
	stallAfter = time.Minute
)

// fetcher fetches what the newest and the active manifest lack, and says when
// the pending one is complete.
func (s *session) fetcher(ctx context.Context) error {
	poke(s.fetch)
	again := time.NewTicker(5 * time.Minute)
	defer again.Stop()
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.fetch:
		case <-s.refetch:
		case <-again.C:
		}
		if err := s.complete(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.log.Warn("fetching", "err", err)
			s.hooks.Fault("blob", slides.Sentence(err, "vi"))
			if err := sleep(ctx, backoff(n)); err != nil {
				return err
			}
			n++
			poke(s.fetch)
			continue
		}
		n = 0
	}
}

// complete fetches all that is missing. The active manifest comes first: a
// blob of it was set aside as damaged, and its slide is skipped until it is back.
func (s *session) complete(ctx context.Context) error {
	ms := s.vault.Manifests()
	if m := ms.Active(); m != nil {
		if missing := s.vault.Blobs().Missing(m.Manifest); len(missing) > 0 {
			if err := s.fetchAll(ctx, missing); err != nil {
				return err
			}
			s.hooks.Mended()
		}
	}
	for {
		m := ms.Pending()
		if m == nil {
			return nil
		}
		missing := s.vault.Blobs().Missing(m.Manifest)
		if len(missing) == 0 {
			s.hooks.Ready(m.Flip)
			return nil
		}
		if ms.Active() != nil && m.Flip != slides.AtOnce {
			// Thousands of kiosks learn of a publication in one second.
			if err := sleep(ctx, rand.N(wire.FetchJitter)); err != nil {
				return err
			}
		}
		if err := s.fetchAll(ctx, missing); err != nil {
			return err
		}
	}
}

func (s *session) fetchAll(ctx context.Context, list []slides.BlobRef) error {
	var first error
	for _, ref := range list {
		if err := s.fetchBlob(ctx, ref); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if first == nil {
				first = err // the others may still come
			}
		}
	}
	return first
}

// fetchBlob fetches one blob in ranges, from where an earlier try stopped.
func (s *session) fetchBlob(ctx context.Context, ref slides.BlobRef) error {
	for {
		done, err := s.fetchRange(ctx, ref)
		if err != nil || done {
			return err
		}
	}
}

func (s *session) fetchRange(ctx context.Context, ref slides.BlobRef) (done bool, err error) {
	op := "link.fetch " + ref.SHA
	off := s.vault.Blobs().Partial(ref.SHA)
	end := min(off+rangeSize, ref.Size)
	if ref.Size == 0 {
		return s.put(ref, 0, nil)
	}
	ctx, cancel := context.WithTimeout(ctx, stallAfter)
	defer cancel()
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
	switch res.StatusCode {
	case http.StatusPartialContent:
	case http.StatusOK: // a proxy that knows no ranges: skip what is there
		if _, err := io.CopyN(io.Discard, res.Body, off); err != nil {
			return false, unreachable(op, err)
		}
		end = ref.Size
	default:
		b, _ := io.ReadAll(io.LimitReader(res.Body, wire.MaxRequest)) // the refusal is told with or without its words
		return false, refusal(op, res.StatusCode, b)
	}
	buf := make([]byte, min(end-off, rangeSize))
	for off < end {
		n, err := io.ReadFull(res.Body, buf[:min(int64(len(buf)), end-off)])
		if n > 0 {
			if done, perr := s.put(ref, off, buf[:n]); perr != nil || done {
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

func (s *session) put(ref slides.BlobRef, off int64, b []byte) (bool, error) {
	return s.vault.Blobs().PutAt(ref, off, b)
}
