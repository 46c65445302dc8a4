package vault

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// history is one random life of a kiosk, with what must be true of it.
type history struct {
	t       *testing.T
	r       *rand.Rand
	o       Options
	d       *Memory
	v       *Vault
	cut     bool // this history has power cuts; otherwise only kills
	n       int
	pairs   byte
	thanked map[chain.ID]map[uint64]string
	tried   map[string]bool // ratings whose Append was called
	served  map[chain.ID]uint64
	sent    map[chain.ID]map[uint64]string // what the server ever got
	rev     int64
	pending [][]byte // blobs of the pending manifest
	trace   []string
	cuts    int
}

func (h *history) log(a ...any) { h.trace = append(h.trace, label(a...)) }

func (h *history) fail(format string, a ...any) {
	h.t.Helper()
	for _, s := range h.trace[max(0, len(h.trace)-40):] {
		h.t.Log(s)
	}
	h.t.Fatalf(format, a...)
}

// dead handles an error: in a power cut everything fails, else nothing may.
func (h *history) dead(what string, err error) bool {
	h.t.Helper()
	if err == nil {
		return false
	}
	if !h.d.Dead() || !errors.Is(err, ErrPower) {
		h.fail("%s: %v", what, err)
	}
	h.log(what, "met the power cut")
	return true
}

func (h *history) open() {
	h.t.Helper()
	for {
		v, err := Open(h.d, h.o)
		if err == nil {
			h.v = v
			if n := v.Status().Damage; len(n) > 0 {
				h.fail("a power cut showed as damage: %v", n)
			}
			h.checkManifests()
			return
		}
		if !h.d.Dead() || !errors.Is(err, ErrPower) {
			h.fail("Open: %v", err)
		}
		h.reboot()
	}
}

func (h *history) reboot() {
	if h.r.IntN(3) == 0 { // kill -9 in the middle of something
		h.log("restart")
		h.d.Restart()
	} else {
		h.log("reboot")
		h.cuts++
		h.d = h.d.Reboot(h.r)
	}
	h.arm()
}

// arm sets the next power cut, sometimes a near one.
func (h *history) arm() {
	if h.cut {
		h.d.CutAfter(h.r.IntN([]int{3, 12, 60, 300}[h.r.IntN(4)]))
	}
}

func (h *history) step() {
	h.t.Helper()
	if h.d.Dead() {
		h.reboot()
		h.open()
	}
	id, paired := h.v.Identity()
	if !paired || h.pairs < 3 && h.r.IntN(60) == 0 {
		next := testIdentity(h.pairs + 1)
		if h.dead("pair", h.v.Pair(next)) {
			return
		}
		h.pairs++
		h.log("paired", next.Chain)
		return
	}
	switch h.r.IntN(12) {
	case 0, 1, 2, 3:
		h.append(id.Chain)
	case 4, 5:
		h.deliver()
	case 6:
		h.publish()
	case 7:
		h.fetch()
	case 8:
		_, err := h.v.Manifests().Flip()
		switch k := slides.KindOf(err); k {
		case "":
			h.log("flip")
		case slides.NotFound, slides.Conflict:
		default:
			h.dead("flip", err)
		}
	case 9:
		h.dead("tidy", h.v.Tidy())
	case 10:
		h.dead("time", h.v.KeepTime(slides.Millis(1_790_000_000_000+int64(h.n)*100_000), false))
		h.dead("play", h.v.Plays().Add(wire.Play{Slide: "s", Blob: "b", From: 1, Until: 2}))
	case 11:
		switch h.r.IntN(3) {
		case 0: // kill -9: what was written is still in the system's cache
			h.log("kill")
			h.v.release()
			h.open()
		case 1:
			h.log("close")
			if h.dead("close", h.v.Close()) {
				return
			}
			h.open()
		case 2:
			if all := h.v.Outbox().Chains(); len(all) > 0 { // a restored server
				c := all[h.r.IntN(len(all))].Identity.Chain
				seq := h.served[c]
				to := h.r.Uint64N(seq + 1)
				if !h.dead("rewind", h.v.Outbox().Rewind(c, to, h.hashAt(c, to))) {
					h.served[c] = to
					h.log("rewind", c, to)
				}
			}
		}
	}
}

func (h *history) append(c chain.ID) {
	h.n++
	name := fmt.Sprint("r", h.n)
	h.tried[name] = true
	size := []int{5, 200, 900, 9000}[h.r.IntN(4)]
	r, err := h.v.Outbox().Append(sections(name, size))
	if h.dead("append "+name, err) {
		return
	}
	if h.thanked[c] == nil {
		h.thanked[c] = map[uint64]string{}
	}
	if old := h.thanked[c][r.Seq]; old != "" {
		h.fail("%s took the place of %s", name, old)
	}
	h.thanked[c][r.Seq] = name
	h.log("append", r.Seq, name)
}

func (h *history) hashAt(c chain.ID, seq uint64) chain.Hash {
	if seq == 0 {
		return chain.Hash{}
	}
	b := h.v.outbox.boxes[c]
	hash, ok, err := h.v.outbox.hashAt(b, seq)
	if (!ok || err != nil) && !h.d.Dead() {
		h.fail("no hash of %d: %v", seq, err)
	}
	return hash
}

// deliver sends the next batch and maybe loses the acknowledgement.
func (h *history) deliver() {
	for _, st := range h.v.Outbox().Chains() {
		c := st.Identity.Chain
		b, err := h.v.Outbox().Unacked(c, 0, 1+h.r.IntN(20), 16<<10)
		if h.dead("unacked", err) {
			return
		}
		if b.To == 0 {
			continue
		}
		if len(b.Gaps) > 0 {
			h.fail("a gap without damage")
		}
		h.served[c] = max(h.served[c], b.To)
		if h.sent[c] == nil {
			h.sent[c] = map[uint64]string{}
		}
		for i := range b.Records {
			seq, name := b.From+uint64(i), nameOf(b.Records[i])
			if old := h.sent[c][seq]; old != "" && old != name {
				h.fail("%d was sent as %s and now as %s", seq, old, name)
			}
			h.sent[c][seq] = name
		}
		if h.r.IntN(4) > 0 {
			h.dead("ack", h.v.Outbox().Ack(c, b.To))
			h.log("ack", c, b.To)
		}
	}
}

func (h *history) publish() {
	h.rev++
	var blobs [][]byte
	for range 1 + h.r.IntN(4) {
		blobs = append(blobs, fmt.Appendf(nil, "blob %d", h.r.IntN(30)))
	}
	b := manifestBytes(h.t, "e1", h.rev, blobs...)
	if _, err := h.v.Manifests().SavePending(b, make([]byte, 64), "e1"); h.dead("publish", err) {
		return
	}
	h.pending = blobs
	h.log("publish", h.rev)
}

func (h *history) fetch() {
	for _, b := range h.pending {
		sha := slides.Sum(b)
		if h.r.IntN(2) == 0 {
			if h.dead("put", h.v.Blobs().Put(sha, b)) {
				return
			}
			continue
		}
		ref := slides.BlobRef{SHA: sha, Size: int64(len(b))}
		for !h.v.Blobs().Has(sha) {
			off := h.v.Blobs().Partial(sha)
			_, err := h.v.Blobs().PutAt(ref, off, b[off:min(off+3, ref.Size)])
			if slides.KindOf(err) == slides.Corrupt {
				continue // a download torn by a power cut is fetched anew
			}
			if h.dead("putat", err) {
				return
			}
		}
	}
}

// checkManifests: the active manifest is always complete and readable.
func (h *history) checkManifests() {
	h.t.Helper()
	m := h.v.Manifests()
	for _, x := range []*Manifest{m.Active(), m.Previous()} {
		if x == nil {
			continue
		}
		if miss := h.v.Blobs().Missing(x.Manifest); len(miss) > 0 {
			h.fail("revision %d lacks %d blobs", x.Revision, len(miss))
		}
		for _, b := range x.Blobs {
			if _, err := h.v.Blobs().Get(b.SHA); err != nil {
				h.fail("blob of revision %d: %v", x.Revision, err)
			}
		}
	}
	if a, p := m.Active(), m.Pending(); a != nil && p != nil && p.Revision < a.Revision {
		h.fail("pending %d is older than active %d", p.Revision, a.Revision)
	}
}

// finish checks that everything thanked for is delivered once, and nothing else.
func (h *history) finish() {
	if h.d.Dead() {
		h.cut = false
		h.reboot()
		h.open()
	}
	h.d.CutAfter(-1)
	h.checkManifests()
	for _, st := range h.v.Outbox().Chains() {
		c := st.Identity.Chain
		if err := h.v.Outbox().Rewind(c, 0, chain.Hash{}); err != nil {
			h.fail("Rewind: %v", err)
		}
		got := deliver(h.t, h.v, c, 64)
		if len(got.lost) > 0 {
			h.fail("gaps without damage: %v", got.lost)
		}
		for seq, name := range h.thanked[c] {
			if got.names[seq] != name {
				h.fail("rating %s at %d vanished; there is %q", name, seq, got.names[seq])
			}
			delete(h.tried, name)
		}
		for seq, name := range h.sent[c] {
			if got.names[seq] != name {
				h.fail("rating %s at %d was sent and then vanished", name, seq)
			}
		}
		for seq, name := range got.names {
			if h.thanked[c][seq] == "" && !h.tried[name] {
				h.fail("rating %s at %d came from nowhere or twice", name, seq)
			}
			delete(h.tried, name)
		}
		delete(h.thanked, c)
	}
	for c, m := range h.thanked {
		if len(m) > 0 {
			h.fail("chain %s with %d ratings vanished", c, len(m))
		}
	}
}

func TestHistories(t *testing.T) {
	n := 100
	if os.Getenv("MOTCUA_FAULTS") == "long" {
		n = 3000
	}
	cuts, appended := 0, 0
	for seed := range n {
		h := &history{
			t: t, r: prng(uint64(seed)), o: testOptions(), d: NewMemory(64 << 20), cut: seed%5 != 4,
			thanked: map[chain.ID]map[uint64]string{}, tried: map[string]bool{}, served: map[chain.ID]uint64{}, sent: map[chain.ID]map[uint64]string{},
		}
		h.log("seed", seed)
		h.arm()
		h.open()
		for range 150 {
			h.step()
		}
		h.finish()
		cuts += h.cuts
		appended += h.n
	}
	t.Logf("%d histories, %d power cuts, %d ratings", n, cuts, appended)
	if cuts < n || appended < 10*n {
		t.Fatalf("too few: %d power cuts, %d ratings", cuts, appended)
	}
}

// manifestBytes is a small valid manifest that names the given blobs.
func manifestBytes(t testing.TB, epoch string, rev int64, blobs ...[]byte) []byte {
	t.Helper()
	m := &slides.Manifest{
		Class: "c1", Epoch: epoch, Revision: rev, Flip: slides.AtBoundary, Zone: "Asia/Ho_Chi_Minh", Issued: slides.Millis(rev),
		Languages: []string{"vi"}, Unit: slides.Vi("UBND"), Office: slides.Vi("Một cửa"), Theme: []byte("{}"),
	}
	m.Format.Major = 1
	seen := map[string]bool{}
	for _, b := range blobs {
		if sha := slides.Sum(b); !seen[sha] {
			seen[sha] = true
			m.Blobs = append(m.Blobs, slides.BlobRef{SHA: sha, Size: int64(len(b)), Type: "text/plain"})
		}
	}
	b, err := slides.EncodeManifest(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
