package link

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

func blob(n int, size int) []byte {
	return append([]byte(fmt.Sprintf("%08d", n)), bytes.Repeat([]byte{byte(n)}, size-8)...)
}

// What may be taken of the manifests that a server pushes.
func TestManifestsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		next  func(t *testing.T) []byte
		taken bool
	}{
		"the next revision":   {func(t *testing.T) []byte { return manifest(t, "c1", "e1", 6, slides.AtBoundary) }, true},
		"one that skips some": {func(t *testing.T) []byte { return manifest(t, "c1", "e1", 60, slides.AtBoundary) }, true},
		"the same again":      {func(t *testing.T) []byte { return manifest(t, "c1", "e1", 5, slides.AtBoundary) }, false},
		"an older revision":   {func(t *testing.T) []byte { return manifest(t, "c1", "e1", 4, slides.AtBoundary) }, false},
		"a fork of the same":  {func(t *testing.T) []byte { return manifest(t, "c1", "e1", 5, slides.AtOnce) }, false},
		"another class's":     {func(t *testing.T) []byte { return manifest(t, "c2", "e1", 6, slides.AtBoundary) }, false},
		"another epoch's":     {func(t *testing.T) []byte { return manifest(t, "c1", "e0", 6, slides.AtBoundary) }, false},
		"a newer format": {func(t *testing.T) []byte {
			return bytes.Replace(manifest(t, "c1", "e1", 6, slides.AtBoundary), []byte(`"major":1`), []byte(`"major":2`), 1)
		}, false},
		"no JSON": {func(*testing.T) []byte { return []byte("xin chào") }, false},
		"one that names no blobs": {func(t *testing.T) []byte {
			return bytes.Replace(manifest(t, "c1", "e1", 6, slides.AtBoundary), []byte(`"slides":null`), []byte(`"slides":[{"id":"a","blob":"b"}]`), 1)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				p.serve = func(l *line) {
					l.sign(wire.TManifest, manifest(t, "c1", "e1", 5, slides.AtBoundary))
					l.sign(wire.TManifest, c.next(t))
					l.sign(wire.TCommand, wire.Command{Kiosk: kioskID, ID: "x", Verb: wire.Reload, Expires: 1 << 50}) // the connection goes on
				}
				s.start()
				time.Sleep(time.Second)
				synctest.Wait()
				if took := s.active() > 5; took != c.taken {
					t.Errorf("active revision %d", s.active())
				}
				same := name == "the same again"
				if refused := s.hasFault("manifest: "); refused == (c.taken || same) {
					t.Errorf("faults: %q", s.faults)
				}
				if n := read(s, func() int { return s.reloads }); n != 1 || s.last() != Connected {
					t.Errorf("%d commands, state %s", n, s.last())
				}
				want := 1
				if c.taken {
					want = 2
				}
				if n := read(s, func() int { return len(s.ready) }); n != want {
					t.Errorf("told ready %d times, want %d", n, want)
				}
			})
		})
	}
}

func TestInlinedBlobs(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		good, wrong, unnamed := blob(1, 100), blob(2, 100), blob(3, 100)
		refs := []slides.BlobRef{p.put(good), p.put(wrong)}
		p.serve = func(l *line) {
			l.sign(wire.TManifest, manifest(t, "c1", "e1", 1, slides.AtBoundary, refs...),
				wire.Inline{SHA: slides.Sum(wrong), Data: []byte("something else")},
				wire.Inline{SHA: slides.Sum(good), Data: good}, wire.Inline{SHA: slides.Sum(unnamed), Data: unnamed})
		}
		s.start()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if s.active() != 1 {
			t.Fatalf("not complete: %q", s.faults)
		}
		if got := p.fetched(); !slices.Equal(got, []string{slides.Sum(wrong) + " bytes=0-99"}) {
			t.Errorf("fetched %v", got)
		}
		if !s.hasFault("blob:" + slides.Sum(wrong)) {
			t.Errorf("the wrong bytes were not reported: %q", s.faults)
		}
		if s.vault.Blobs().Has(slides.Sum(unnamed)) {
			t.Error("a blob that nothing names was kept")
		}
	})
}

// A large blob comes in ranges and goes on where a broken line left it.
func TestBlobGoesOnWhereItStopped(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		video := blob(9, 5*rangeSize+77)
		ref := p.put(video)
		broken := 0
		p.answer = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, wire.PathBlob) || broken == 3 {
				return false
			}
			var from, to int
			if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); err != nil || from < 2*rangeSize {
				return false
			}
			broken++
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, len(video)))
			w.Header().Set("Content-Length", fmt.Sprint(to-from+1))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(video[from : from+1000]) // and the line breaks
			panic(http.ErrAbortHandler)
		}
		p.serve = func(l *line) { l.sign(wire.TManifest, manifest(t, "c1", "e1", 1, slides.AtBoundary, ref)) }
		s.start()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if s.active() != 1 {
			t.Fatalf("not complete: %q", s.faults)
		}
		if b, err := s.vault.Blobs().Get(ref.SHA); err != nil || !bytes.Equal(b, video) {
			t.Errorf("%d bytes, %v", len(b), err)
		}
		// Nothing is asked for twice but the three ranges that broke, from where they broke.
		seen := map[string]bool{}
		for _, g := range p.fetched() {
			if seen[g] {
				t.Errorf("fetched twice: %s", g)
			}
			seen[g] = true
		}
	})
}

// A proxy that knows no ranges, a server that sends the wrong part or the wrong
// bytes: the first works, the others are reported and do not fill the line.
func TestBlobServersThatErr(t *testing.T) {
	video := blob(9, 2*rangeSize+5)
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request) bool
		taken  bool
		most   int // requests in an hour
	}{
		"no ranges": {func(w http.ResponseWriter, _ *http.Request) bool { w.Write(video); return true }, true, 2},
		"another part": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 5-9/%d", len(video)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(video[5:10])
			return true
		}, false, 10},
		"wrong bytes": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Write(bytes.Repeat([]byte("x"), len(video)))
			return true
		}, false, 10},
		"gone":         {status(404, `{"kind":"not-found","vi":"Không có.","en":"Gone."}`), false, 400},
		"unauthorized": {status(401, `{"kind":"denied","vi":"Không được.","en":"No."}`), false, 400},
		"a page":       {status(200, "<html>"), false, 400},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				small := blob(1, 50)
				refs := []slides.BlobRef{p.put(video), p.put(small)}
				asked := 0
				p.answer = func(w http.ResponseWriter, r *http.Request) bool {
					if r.URL.Path != wire.PathBlob+refs[0].SHA {
						return false
					}
					asked++
					return c.answer(w, r)
				}
				p.serve = func(l *line) { l.sign(wire.TManifest, manifest(t, "c1", "e1", 1, slides.AtBoundary, refs...)) }
				s.start()
				time.Sleep(time.Hour)
				synctest.Wait()
				if took := s.active() == 1; took != c.taken {
					t.Errorf("active %d, faults %q", s.active(), s.faults)
				}
				if asked > c.most {
					t.Errorf("asked %d times in an hour", asked)
				}
				if !c.taken && !s.hasFault("blob") {
					t.Error("not reported")
				}
				// A blob that the server lacks or has wrong does not keep the others.
				if !s.vault.Blobs().Has(refs[1].SHA) && (name == "gone" || name == "wrong bytes" || name == "another part") {
					t.Error("the other blob did not come")
				}
				if s.last() != Connected {
					t.Errorf("state %s", s.last())
				}
			})
		})
	}
}

// An emergency is shown at once while a large video is being fetched, or sticks.
func TestEmergencyDoesNotWait(t *testing.T) {
	for name, inlined := range map[string]bool{"inlined": true, "fetched": false} {
		t.Run(name, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				video, alarm := p.put(blob(9, 40*rangeSize)), blob(1, 100)
				ref := p.put(alarm)
				p.answer = func(w http.ResponseWriter, r *http.Request) bool {
					if r.URL.Path == wire.PathBlob+video.SHA {
						time.Sleep(900 * time.Millisecond) // each range
					}
					return false
				}
				var sent, at time.Time
				flip := s.hooks.Ready
				s.hooks.Ready = func(f slides.Flip) {
					at = time.Now()
					flip(f)
				}
				p.serve = func(l *line) {
					if l.n > 1 {
						return
					}
					go func() {
						l.sign(wire.TManifest, manifest(t, "c1", "e1", 1, slides.AtBoundary))
						time.Sleep(time.Second)
						l.sign(wire.TManifest, manifest(t, "c1", "e1", 2, slides.AtBoundary, video))
						time.Sleep(10 * time.Second)
						var blobs []wire.Inline
						if inlined {
							blobs = append(blobs, wire.Inline{SHA: ref.SHA, Data: alarm})
						}
						sent = time.Now()
						l.sign(wire.TManifest, manifest(t, "c1", "e1", 3, slides.AtOnce, ref), blobs...)
					}()
				}
				s.start()
				time.Sleep(12 * time.Second)
				for s.active() != 3 {
					time.Sleep(10 * time.Millisecond)
					if synctest.Wait(); time.Since(sent) > time.Minute {
						t.Fatalf("it never came: %v %v, faults %q", s.states, s.errs, s.faults)
					}
				}
				if d := at.Sub(sent); inlined && d > 100*time.Millisecond {
					t.Errorf("it waited %v although it came whole", d)
				}
				if read(s, func() slides.Flip { return s.ready[len(s.ready)-1] }) != slides.AtOnce {
					t.Error("not told to flip at once")
				}
			})
		})
	}
}

// Until the player flips, a complete manifest is told of once: content that can't
// be shown asks for its blobs again, and must not be handed over for ever.
func TestReadyIsToldOnce(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		told := 0
		s.hooks.Ready = func(slides.Flip) {
			told++
			s.link.Refetch()
		}
		p.serve = func(l *line) { l.sign(wire.TManifest, manifest(t, "c1", "e1", 1, slides.AtBoundary)) }
		s.start()
		time.Sleep(time.Hour)
		synctest.Wait()
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	})
}

// A blob of the active manifest that rotted comes back.
func TestMissingBlobIsMended(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		ref := p.put(blob(1, 1000))
		m := manifest(t, "c1", "e1", 1, slides.AtBoundary, ref)
		p.serve = func(l *line) { l.sign(wire.TManifest, m) }
		s.start()
		time.Sleep(10 * time.Second)
		if s.active() != 1 {
			t.Fatal("not complete")
		}
		s.link.Refetch() // nothing is missing: nothing is told
		time.Sleep(time.Minute)
		if n := read(s, func() int { return s.mended + len(s.ready) }); n != 1 {
			t.Errorf("told %d times", n)
		}
		s.spoil(ref.SHA)
		s.link.Refetch()
		time.Sleep(time.Second)
		synctest.Wait()
		if n := read(s, func() int { return s.mended }); n != 1 || !s.vault.Blobs().Has(ref.SHA) {
			t.Errorf("mended %d times", n)
		}
	})
}
