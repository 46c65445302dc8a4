package hub

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// handle acts on one frame; an error is for the kiosk to hear.
func (h *Hub) handle(ctx context.Context, c *conn, e *wire.Envelope) error {
	do := map[wire.Type]func(context.Context, *conn, *wire.Envelope) error{
		wire.TRatings: h.ratings, wire.TGaps: h.gaps, wire.TLetters: h.letters, wire.TLetterGaps: h.letterGaps, wire.TPlays: h.plays, wire.THealth: h.health,
		wire.TScreenshot: h.screenshot, wire.TDone: h.done, wire.TClock: h.clock, wire.TDossiers: h.dossiers,
	}[e.Type]
	switch {
	case do != nil:
		h.opt.Metrics.frames.WithLabelValues(string(e.Type)).Inc()
		return do(ctx, c, e)
	case e.Type == wire.TUnknown: // a frame of ours that an older kiosk does not know
		h.opt.Metrics.frames.WithLabelValues("unknown").Inc()
		return nil
	}
	h.opt.Metrics.frames.WithLabelValues("unknown").Inc()
	name := e.Type
	if len(name) > 64 {
		name = name[:64]
	}
	return plain(c, wire.TUnknown, wire.Unknown{Type: name})
}

func plain(c *conn, t wire.Type, v any) error {
	frame, err := wire.Plain(t, v)
	if err == nil {
		c.send(frame)
	}
	return err
}

func (h *Hub) sealed(c *conn, t wire.Type, v any) error {
	frame, err := wire.Seal(h.store.ServerKey(), t, v)
	if err == nil {
		c.send(frame)
	}
	return err
}

// complain tells the kiosk what was wrong with its frame; the connection goes on.
func (h *Hub) complain(c *conn, t wire.Type, err error) {
	level := h.log.Warn
	if slides.KindOf(err) == slides.Broken {
		level = h.log.Error
	}
	level("frame refused", "kiosk", c.kiosk, "type", string(t), "err", err)
	p := problem(err)
	p.Of = t
	if err := plain(c, wire.TError, p); err != nil {
		h.log.Error("telling a problem", "kiosk", c.kiosk, "err", err)
	}
}

// problem is what may be told of an error.
func problem(err error) wire.Problem {
	return wire.Problem{Kind: slides.KindOf(err), Vi: slides.Sentence(err, "vi"), En: slides.Sentence(err, "en")}
}

func (h *Hub) ratings(ctx context.Context, c *conn, e *wire.Envelope) error {
	return ingest(ctx, h, c, e, h.opt.Metrics.ratings, h.store.IngestRatings)
}

func (h *Hub) gaps(ctx context.Context, c *conn, e *wire.Envelope) error {
	return ingest(ctx, h, c, e, h.opt.Metrics.ratings, h.store.IngestGaps)
}

func (h *Hub) letters(ctx context.Context, c *conn, e *wire.Envelope) error {
	return ingest(ctx, h, c, e, h.opt.Metrics.letters, h.store.IngestLetters)
}

func (h *Hub) letterGaps(ctx context.Context, c *conn, e *wire.Envelope) error {
	return ingest(ctx, h, c, e, h.opt.Metrics.letters, h.store.IngestLetterGaps)
}

// ingest keeps a batch of records or gaps, counts it in r and acknowledges what
// the store has committed.
func ingest[B any](ctx context.Context, h *Hub, c *conn, e *wire.Envelope, r *prometheus.CounterVec, keep func(context.Context, string, B) (store.Ingested, error)) error {
	var b B
	if err := e.Read(&b); err != nil {
		return err
	}
	got, err := keep(ctx, c.kiosk, b)
	return errors.Join(h.acknowledge(c, r, got), err)
}

// acknowledge tells what is kept for good; the store has committed it.
func (h *Hub) acknowledge(c *conn, r *prometheus.CounterVec, got store.Ingested) error {
	r.WithLabelValues("new").Add(float64(got.New))
	r.WithLabelValues("again").Add(float64(got.Again))
	r.WithLabelValues("suspect").Add(float64(got.Suspect))
	r.WithLabelValues("fork").Add(float64(got.Forks))
	if got.Acked == 0 {
		return nil
	}
	return h.sealed(c, wire.TAck, wire.Ack{Kiosk: c.kiosk, Nonce: c.client, Chain: got.Chain, Seq: got.Acked, Hash: got.Hash})
}

func (h *Hub) plays(ctx context.Context, c *conn, e *wire.Envelope) error {
	var p wire.Plays
	if err := e.Read(&p); err != nil {
		return err
	}
	last, err := h.store.SavePlays(ctx, c.kiosk, p)
	if err != nil {
		return err
	}
	return plain(c, wire.TDone, wire.Done{ID: "plays", OK: true, Seq: last})
}

// dossiers takes sealed codes; the store is not told from which kiosk.
func (h *Hub) dossiers(ctx context.Context, c *conn, e *wire.Envelope) error {
	var d wire.Dossiers
	if err := e.Read(&d); err != nil {
		return err
	}
	if err := h.store.TakeDossiers(ctx, d); err != nil {
		return err
	}
	return plain(c, wire.TDone, wire.Done{ID: "dossiers:" + d.Batch, OK: true})
}

func (h *Hub) health(ctx context.Context, c *conn, e *wire.Envelope) error {
	var v wire.Health
	if err := e.Read(&v); err != nil {
		return err
	}
	v.Errors = v.Errors[max(0, len(v.Errors)-wire.MaxFaults):]
	return h.store.SaveHealth(ctx, c.kiosk, &v)
}

func (h *Hub) screenshot(ctx context.Context, c *conn, e *wire.Envelope) error {
	var s wire.Screenshot
	if err := e.Read(&s); err != nil {
		return err
	}
	return h.store.SaveScreenshot(ctx, c.kiosk, s)
}

func (h *Hub) done(ctx context.Context, c *conn, e *wire.Envelope) error {
	var d wire.Done
	if err := e.Read(&d); err != nil {
		return err
	}
	return h.store.CommandDone(ctx, c.kiosk, d)
}

func (h *Hub) clock(_ context.Context, c *conn, e *wire.Envelope) error {
	var q wire.TimeRequest
	if err := e.Read(&q); err != nil {
		return err
	}
	return h.sealed(c, wire.TTime, wire.Time{Kiosk: c.kiosk, Nonce: c.client, Sent: q.Sent, Now: h.store.Now()})
}
