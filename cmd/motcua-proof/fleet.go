package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// fleet is thousands of light kiosks in this process: the real protocol without
// screen and disk. The first copy of a broadcast frame is verified and parsed;
// every other copy is compared with it byte by byte, which a kiosk that has a
// processor of its own need not do.
type fleet struct {
	*caller
	members []*member
	seed    maphash.Seed
	pool    sync.Pool // of *[]byte: a frame being read

	mu       sync.Mutex
	frames   map[uint64]*manifestFrame // guarded by mu: by hash of the bytes
	blobs    map[string]bool           // guarded by mu: reached by some manifest so far
	received map[int64]*receipts       // guarded by mu: by revision
	err      error                     // guarded by mu: the first that is no lost connection

	says atomic.Pointer[[]byte] // the health report of every member

	online  atomic.Int64
	current atomic.Int64 // members that have the newest manifest on a live connection
	dials   atomic.Int64
}

// manifestFrame is one broadcast frame, verified once.
type manifestFrame struct {
	bytes    []byte
	id       string
	epoch    string
	revision int64
	class    string
	lacking  int // blobs that are new with it and do not ride along
}

// receipts are the moments at which the members had a revision pending.
type receipts struct {
	want int
	at   []time.Time // appended under the fleet's mu
	done chan struct{}
	has  map[*member]bool
}

// member is one kiosk. Its fields are owned by its goroutine, but ws.
type member struct {
	k        *paired
	ws       atomic.Pointer[socket]
	manifest *manifestFrame
	nth      int
}

func newFleet(url string, kiosks []paired) *fleet {
	f := &fleet{
		caller: newCaller(url), seed: maphash.MakeSeed(), frames: map[uint64]*manifestFrame{}, blobs: map[string]bool{}, received: map[int64]*receipts{},
		pool: sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }},
	}
	for i := range kiosks {
		f.members = append(f.members, &member{k: &kiosks[i], nth: i})
	}
	return f
}

// run keeps every member connected until ctx ends.
func (f *fleet) run(ctx context.Context) {
	var wg sync.WaitGroup
	// The first connections come as a fleet is switched on, not in one instant:
	// what a mass reconnect does is a row of its own.
	slots := make(chan struct{}, 64)
	for _, m := range f.members {
		wg.Go(func() {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			f.live(ctx, m, func() { <-slots })
		})
	}
	wg.Go(func() { f.health(ctx) })
	<-ctx.Done()
	for _, m := range f.members {
		if ws := m.ws.Load(); ws != nil {
			ws.Close()
		}
	}
	wg.Wait()
}

// live dials with the protocol's back-off for ever.
func (f *fleet) live(ctx context.Context, m *member, first func()) {
	var once sync.Once
	defer once.Do(first)
	for n := 0; ctx.Err() == nil; n++ {
		begun := time.Now()
		f.dials.Add(1)
		err := f.session(ctx, m, func() { once.Do(first) })
		once.Do(first)
		if ctx.Err() != nil {
			return
		}
		var broken *protocolError
		if errors.As(err, &broken) {
			f.fail(err)
			return
		}
		if time.Since(begun) > wire.HealthyAfter {
			n = 0
		}
		top := wire.BackoffMax
		if n < 16 {
			top = min(top, wire.BackoffBase<<n)
		}
		if sleep(ctx, rand.N(top)) != nil {
			return
		}
	}
}

// protocolError is something that the server must not do.
type protocolError struct{ what string }

func (e *protocolError) Error() string { return e.what }

func (f *fleet) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *fleet) failed() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// session is one connection of a member; ready is called once it is welcomed
// and has the newest manifest.
func (f *fleet) session(ctx context.Context, m *member, ready func()) error {
	s, err := f.dial(ctx, m.k)
	if err != nil {
		return err
	}
	m.ws.Store(s)
	defer func() {
		m.ws.Store(nil)
		s.Close()
	}()
	have := m.manifest
	if have == nil {
		have = &manifestFrame{}
	}
	if err := s.hello(have.id, have.epoch, have.revision); err != nil {
		return err
	}
	welcomed, isCurrent := false, false
	defer func() {
		if welcomed {
			f.online.Add(-1)
		}
		if isCurrent {
			f.current.Add(-1)
		}
	}()
	for {
		if err := s.SetReadDeadline(time.Now().Add(wire.ReadDeadline)); err != nil {
			return err
		}
		_, in, err := s.NextReader()
		if err != nil {
			return err
		}
		buf := f.pool.Get().(*[]byte)
		*buf, err = readInto((*buf)[:0], in)
		if err == nil {
			var t wire.Type
			t, err = f.take(s, m, *buf, &welcomed)
			if (t == wire.TCurrent || t == wire.TManifest) && !isCurrent {
				isCurrent = true
				f.current.Add(1)
				ready()
			}
		}
		f.pool.Put(buf)
		if err != nil {
			return err
		}
	}
}

// readInto reads all of r behind b.
func readInto(b []byte, r io.Reader) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

// manifestStart is how the server's JSON of a manifest begins: enough to take
// the broadcast's way without parsing 9,000 copies.
var manifestStart = []byte(`{"type":"manifest"`)

// take acts on one frame.
func (f *fleet) take(s *socket, m *member, b []byte, welcomed *bool) (wire.Type, error) {
	if bytes.HasPrefix(b, manifestStart) {
		mf, err := f.manifest(m.k, b)
		if err != nil {
			return "", err
		}
		if old := m.manifest; old != nil && old.epoch == mf.epoch && mf.revision < old.revision {
			return "", &protocolError{fmt.Sprintf("revision %d came after %d", mf.revision, old.revision)}
		}
		m.manifest = mf
		f.note(m, mf)
		return wire.TManifest, nil
	}
	// A sample of the signatures that are each kiosk's own is verified here: all
	// of them would be this machine's work, not the server's.
	key := m.k.server
	if m.nth%64 != 0 {
		key = nil
	}
	e, err := wire.Open(b, key)
	if err != nil {
		return "", &protocolError{"frame: " + err.Error()}
	}
	switch e.Type {
	case wire.TWelcome:
		if _, err := s.welcomed(e); err != nil {
			return "", &protocolError{err.Error()}
		}
		*welcomed = true
		f.online.Add(1)
	case wire.TError:
		return "", &protocolError{fmt.Sprintf("the server refused a frame: %s", e.Body)}
	}
	return e.Type, nil
}

// manifest finds the frame among those known, or verifies and keeps it.
func (f *fleet) manifest(k *paired, b []byte) (*manifestFrame, error) {
	h := maphash.Bytes(f.seed, b)
	f.mu.Lock()
	known := f.frames[h]
	f.mu.Unlock()
	if known != nil && bytes.Equal(known.bytes, b) {
		return known, nil
	}
	e, err := wire.Open(b, k.server)
	if err != nil {
		return nil, &protocolError{"manifest: " + err.Error()}
	}
	parsed, err := slides.ParseManifest(e.Signed)
	if err != nil {
		return nil, &protocolError{"manifest: " + err.Error()}
	}
	inline := map[string]bool{}
	for _, x := range e.Blobs {
		if slides.Sum(x.Data) != x.SHA {
			return nil, &protocolError{"an inlined blob is not what its name says"}
		}
		inline[x.SHA] = true
	}
	mf := &manifestFrame{bytes: bytes.Clone(b), id: slides.Sum(e.Signed), epoch: parsed.Epoch, revision: parsed.Revision, class: parsed.Class}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range parsed.Blobs {
		if !f.blobs[x.SHA] && !inline[x.SHA] && len(f.frames) > 0 {
			mf.lacking++
		}
		f.blobs[x.SHA] = true
	}
	f.frames[h] = mf
	return mf, nil
}

// expect prepares to note who has a revision, before it is published.
func (f *fleet) expect(revision int64) *receipts {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := &receipts{want: len(f.members), at: make([]time.Time, 0, len(f.members)), done: make(chan struct{}), has: make(map[*member]bool, len(f.members))}
	f.received[revision] = r
	return r
}

func (f *fleet) note(m *member, mf *manifestFrame) {
	now := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.received[mf.revision]
	if r == nil || r.has[m] {
		return
	}
	r.has[m] = true
	r.at = append(r.at, now)
	if len(r.at) == r.want {
		close(r.done)
	}
}

// revision is the newest that a manifest here has.
func (f *fleet) revision() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	newest := int64(0)
	for _, mf := range f.frames {
		newest = max(newest, mf.revision)
	}
	return newest
}

// frameOf is the frame of a revision, nil if none came.
func (f *fleet) frameOf(revision int64) *manifestFrame {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, mf := range f.frames {
		if mf.revision == revision {
			return mf
		}
	}
	return nil
}

// after turns moments into times since begun.
func (r *receipts) after(begun time.Time) times {
	out := make(times, 0, len(r.at))
	for _, at := range r.at {
		out = append(out, at.Sub(begun))
	}
	return out
}

// health sends each member's report once a minute, spread over it.
func (f *fleet) health(ctx context.Context) {
	t := time.NewTicker(max(time.Millisecond, wire.HealthEvery/time.Duration(len(f.members)+1)))
	defer t.Stop()
	if err := f.say(&manifestFrame{}); err != nil {
		f.fail(err)
		return
	}
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if s := f.members[i%len(f.members)].ws.Load(); s != nil {
			_ = s.frame(*f.says.Load()) // a lost connection is its reader's to see
		}
	}
}

// reports sends each member's word that its screen has a manifest which takes
// over at once, spread as kiosks spread it: from half a second to two and a half
// after they have it.
func (f *fleet) reports(ctx context.Context, mf *manifestFrame) error {
	if err := f.say(mf); err != nil {
		return err
	}
	const pause, spread = 500 * time.Millisecond, 2 * time.Second // kiosk/link's
	begun := time.Now()
	for i, m := range f.members {
		due := pause + spread*time.Duration(i)/time.Duration(len(f.members))
		if wait := due - time.Since(begun); wait > 0 {
			if err := sleep(ctx, wait); err != nil {
				return err
			}
		}
		if s := m.ws.Load(); s != nil {
			_ = s.frame(*f.says.Load()) // a lost connection is its reader's to see
		}
	}
	return nil
}

// say is what members report from now on: that their screens have a manifest.
func (f *fleet) say(mf *manifestFrame) error {
	frame, err := wire.Plain(wire.THealth, wire.Health{
		Program: "motcua-proof", View: "loop", Clock: slides.At(time.Now()), DiskFree: 8 << 30, Memory: 120 << 20, Manifest: mf.id, Revision: mf.revision,
	})
	if err == nil {
		f.says.Store(&frame)
	}
	return err
}

// await waits until n members are current.
func (f *fleet) await(ctx context.Context, n int, within time.Duration) error {
	until := time.Now().Add(within)
	for int(f.current.Load()) < n {
		if err := f.failed(); err != nil {
			return err
		}
		if time.Now().After(until) {
			return fmt.Errorf("%d of %d kiosks are current after %v", f.current.Load(), n, within)
		}
		if err := sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// ackOf reads an ack without verifying it: of the rate row's thousands a second
// each kiosk would verify its own.
func ackOf(b []byte) (chain.ID, uint64, error) {
	var e wire.Envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return chain.ID{}, 0, err
	}
	if e.Type != wire.TAck {
		return chain.ID{}, 0, nil
	}
	var a wire.Ack
	err := json.Unmarshal(e.Signed, &a)
	return a.Chain, a.Seq, err
}
