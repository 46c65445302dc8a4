package hub

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"motcua/slides/chain"
	"motcua/slides/wire"
)

// has is what the store has of the device's chain.
func (d *device) has(t testing.TB, h *Hub) wire.ChainState {
	t.Helper()
	list, err := h.store.KioskChains(context.Background(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(c wire.ChainState) bool { return c.Chain == d.Chain })
	return list[i]
}

// checkAcks fails where an ack says more than, or something else than, what is kept.
func (d *device) checkAcks(t testing.TB, h *Hub, said []*wire.Envelope) (acked uint64) {
	t.Helper()
	kept := d.has(t, h)
	for _, e := range said {
		if e.Type != wire.TAck {
			continue
		}
		var a wire.Ack
		if err := e.Read(&a); err != nil {
			t.Fatal(err)
		}
		if a.Chain != d.Chain || a.Kiosk != d.ID || a.Seq != kept.Seq || a.Hash != kept.Hash {
			t.Fatalf("acknowledged %d %s, kept are %d %s", a.Seq, a.Hash, kept.Seq, kept.Hash)
		}
		acked = a.Seq
	}
	return acked
}

// Random frames never panic, and nothing is acknowledged that is not stored.
func FuzzHandle(f *testing.F) {
	h := office(f)
	d := pairDevice(f, h)
	good := d.batch(2)
	for _, b := range [][]byte{
		frame(f, wire.TRatings, good), frame(f, wire.TGaps, d.gap(3)), frame(f, wire.TRatings, d.batch(1)),
		frame(f, wire.TPlays, wire.Plays{Disk: "d", Plays: []wire.Play{{ID: 1, Slide: "s1", Blob: strings.Repeat("0", 64), From: 1, Until: 2}}}),
		frame(f, wire.THealth, wire.Health{Program: "x", Errors: []wire.Fault{{Where: "vault", Text: "x", Count: 1}}, Head: &good.Head}),
		frame(f, wire.TScreenshot, wire.Screenshot{Command: "c", Image: []byte("\x89PNG\r\n\x1a\n")}),
		frame(f, wire.TDone, wire.Done{ID: "c", OK: true}), frame(f, wire.TClock, wire.TimeRequest{Sent: -1}),
		frame(f, wire.THello, wire.Hello{Kiosk: d.ID}), frame(f, wire.TUnknown, wire.Unknown{Type: "x"}),
		[]byte(`{"type":"ratings","body":{"chain":"` + d.Chain.String() + `","records":[{"header":"","sections":[null]}],"head":{}}}`),
		[]byte(`{"type":"plays","body":{"plays":[{"id":18446744073709551615,"from":-9223372036854775808,"until":9223372036854775807,"seconds":1e308}]}}`),
		[]byte(`{"type":"health","body":{"uptime_ms":-1,"errors":[{"count":-9}],"head":{"bytes":"TUNUMQ=="}}}`),
		[]byte(`{"type":"gaps","body":{"gaps":[{"bytes":"TUNHMQ=="}]}}`), []byte(`{"type":"ack","signed":"e30=","sig":""}`),
		[]byte(`{"type":"` + strings.Repeat("x", 500) + `"}`),
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := d.mute(h)
		h.hear(c, b)
		said := c.heard(t, h)
		d.checkAcks(t, h, said)
		if len(said) > 2 {
			t.Fatalf("%d answers to one frame", len(said))
		}
		for _, e := range said {
			if e.Type == wire.TError {
				var p wire.Problem
				if err := e.Read(&p); err != nil || p.Vi == "" || p.En == "" || p.Kind == "" {
					t.Fatalf("a problem without words: %s", e.Body)
				}
			}
		}
	})
}

// Whatever a kiosk sends, in whatever order: each ack is what is kept, what is
// good is kept at once, and the chain is the honest one to its end.
func TestAcksAreTrue(t *testing.T) {
	h := office(t)
	rapid.Check(t, func(rt *rapid.T) {
		d := pairDevice(t, h)
		c := d.mute(h)
		var sent []wire.Ratings
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			before, was := *d, d.has(t, h)
			honest := false
			switch rapid.IntRange(0, 7).Draw(rt, "step") {
			case 0, 1, 2:
				b := d.batch(rapid.IntRange(1, 5).Draw(rt, "n"))
				sent = append(sent, b)
				h.hear(c, frame(t, wire.TRatings, b))
				honest = true
			case 3:
				h.hear(c, frame(t, wire.TGaps, d.gap(rapid.Uint64Range(1, 4).Draw(rt, "lost"))))
				honest = true
			case 4: // again
				if len(sent) > 0 {
					h.hear(c, frame(t, wire.TRatings, rapid.SampledFrom(sent).Draw(rt, "again")))
				}
			case 5: // a hole
				d.batch(1)
				h.hear(c, frame(t, wire.TRatings, d.batch(1)))
				*d = before
			case 6: // another history
				d.hash[0] ^= 1
				h.hear(c, frame(t, wire.TRatings, d.batch(2)))
				*d = before
			case 7: // a forged signature
				b := d.batch(1)
				b.Head.Sig[3] ^= 1
				h.hear(c, frame(t, wire.TRatings, b))
				*d = before
			}
			said := c.heard(t, h)
			acked := d.checkAcks(t, h, said)
			if honest && acked != d.seq {
				t.Fatalf("sent up to %d, acknowledged %d: %s", d.seq, acked, said[len(said)-1].Body)
			}
			if now := d.has(t, h); now.Seq < was.Seq || !honest && now.Seq != was.Seq {
				t.Fatalf("the chain went from %d to %d", was.Seq, now.Seq)
			}
		}
		v := chain.NewVerifier(d.Chain, d.Key)
		for item, err := range h.store.ChainItems(context.Background(), d.Chain, 1) {
			if err != nil {
				t.Fatal(err)
			}
			if item.Gap != nil {
				err = v.Gap(*item.Gap)
			} else {
				err = v.Record(item.Record)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if seq, hash := v.Tip(); seq != d.seq || hash != d.hash {
			t.Fatalf("the chain ends at %d %s, the device at %d %s", seq, hash, d.seq, d.hash)
		}
	})
}

// A panic ends its own connection only.
func TestPanicEndsOneConnection(t *testing.T) {
	h := office(t)
	c := pairDevice(t, h).mute(h)
	if h.apart(c, func() bool { panic("a fault of ours") }) {
		t.Error("it counts as done")
	}
	if !c.isDeaf() || int(c.bye[0])<<8|int(c.bye[1]) != wire.CloseServer {
		t.Errorf("closed with %x", c.bye)
	}
}
