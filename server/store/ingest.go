package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// chainKey is what never changes of a chain.
type chainKey struct {
	no    int64
	id    chain.ID
	kiosk string // "" is the server's own
	key   ed25519.PublicKey
	kind  chainKind
}

// chainKind is what a chain's records are; they stand in tables of their own.
type chainKind int64

const (
	ofRatings chainKind = 1
	ofLetters chainKind = 2
)

// headers is the query for the header of one record.
func (k chainKind) headers() string {
	if k == ofLetters {
		return "SELECT header FROM letters WHERE chain = ? AND seq = ?"
	}
	return "SELECT header FROM ratings WHERE chain = ? AND seq = ?"
}

// chainOf finds a chain and checks that it is the kiosk's and of that kind.
func (s *Store) chainOf(ctx context.Context, op, kiosk string, id chain.ID, kind chainKind) (*chainKey, error) {
	c := &chainKey{id: id}
	if v, ok := s.chainKeys.Load(id); ok {
		c = v.(*chainKey)
	} else {
		err := s.read(ctx, op, func(t *txn) error {
			err := t.row("SELECT no, kiosk, key, kind FROM chains WHERE id = ?", id[:]).Scan(&c.no, &c.kiosk, (*[]byte)(&c.key), &c.kind)
			if errors.Is(err, sql.ErrNoRows) {
				return slides.E(slides.Denied, op, "Máy chủ không biết chuỗi phiếu này; hãy ghép nối lại ki-ốt.", "The server does not know this chain; pair the kiosk again.", nil)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		s.chainKeys.Store(id, c)
	}
	if c.kiosk != kiosk || c.kind != kind {
		return nil, slides.E(slides.Denied, op, "Chuỗi phiếu này thuộc ki-ốt khác hoặc thuộc loại khác.", "This chain is another kiosk's, or of another kind.", nil)
	}
	return c, nil
}

// IngestRatings checks a batch on the caller's goroutine and keeps it by group
// commit; it returns after the commit. With an error the result still tells
// what is kept: Invalid, a hole in the sequence or bytes that can't be;
// Conflict, a fork, quarantined; Denied, not the kiosk's chain or a wrong
// signature.
func (s *Store) IngestRatings(ctx context.Context, kiosk string, b wire.Ratings) (Ingested, error) {
	return s.ingest(ctx, "store.IngestRatings", kiosk, b, ofRatings)
}

// IngestLetters is IngestRatings for a kiosk's chain of letters.
func (s *Store) IngestLetters(ctx context.Context, kiosk string, b wire.Ratings) (Ingested, error) {
	return s.ingest(ctx, "store.IngestLetters", kiosk, b, ofLetters)
}

func (s *Store) ingest(ctx context.Context, op, kiosk string, b wire.Ratings, kind chainKind) (Ingested, error) {
	res := Ingested{Chain: b.Chain}
	c, err := s.chainOf(ctx, op, kiosk, b.Chain, kind)
	if err != nil {
		return res, err
	}
	batch, err := checkBatch(op, c, &b)
	if err != nil {
		return s.standing(ctx, res, c, err)
	}
	cat, err := s.catalogue(ctx)
	if err != nil {
		return res, err
	}
	if kind == ofRatings {
		for i := range batch {
			batch[i].read()
			batch[i].judge(cat, c.kiosk)
		}
	}
	var refused error
	err = s.submit(ctx, op, func(t *gtx) error {
		if kind == ofRatings && t.mem.cat.generation != cat.generation {
			for i := range batch {
				batch[i].judge(t.mem.cat, c.kiosk)
			}
			s.cat.Store(t.mem.cat)
		}
		var err error
		res, refused, err = t.takeRatings(op, c, batch, b.Head)
		return err
	})
	if err != nil {
		return Ingested{Chain: b.Chain}, err
	}
	return res, refused
}

// standing adds what is kept of the chain to a refusal, so that the kiosk can go on from there.
func (s *Store) standing(ctx context.Context, res Ingested, c *chainKey, refusal error) (Ingested, error) {
	err := s.read(ctx, "store.standing", func(t *txn) error {
		var hash []byte
		if err := t.row("SELECT acked, hash FROM chains WHERE no = ?", c.no).Scan(&res.Acked, &hash); err != nil {
			return err
		}
		copy(res.Hash[:], hash)
		return nil
	})
	return res, errors.Join(refusal, err)
}

// checkBatch checks all that needs no database: the records' hashes, that they
// follow one another, and the signature over the newest.
func checkBatch(op string, c *chainKey, b *wire.Ratings) ([]judged, error) {
	if len(b.Records) == 0 || len(b.Records) > wire.MaxBatch {
		return nil, slides.E(slides.Invalid, op, fmt.Sprintf("Một lần gửi phải có từ 1 đến %d phiếu.", wire.MaxBatch),
			fmt.Sprintf("A batch must have 1 to %d ratings.", wire.MaxBatch), nil)
	}
	out := make([]judged, len(b.Records))
	for i := range b.Records {
		j := &out[i]
		j.record = &b.Records[i]
		var err error
		if j.header, err = j.record.Check(); err != nil {
			return nil, err
		}
		j.hash = chain.HashOf(j.record.Header)
		if j.header.Chain != c.id {
			return nil, slides.E(slides.Invalid, op, "Có phiếu thuộc chuỗi khác.", "A record is of another chain.", nil)
		}
		if i > 0 && (j.header.Seq != out[i-1].header.Seq+1 || j.header.Prev != out[i-1].hash) {
			return nil, slides.E(slides.Invalid, op, fmt.Sprintf("Phiếu số %d không nối tiếp phiếu trước nó.", j.header.Seq),
				fmt.Sprintf("Record %d does not follow the one before it.", j.header.Seq), nil)
		}
	}
	h, err := chain.OpenHead(b.Head, c.key)
	if err != nil {
		return nil, err
	}
	last := &out[len(out)-1]
	if h.Chain != c.id || h.Seq != last.header.Seq || h.Hash != last.hash {
		return nil, slides.E(slides.Invalid, op, "Đầu chuỗi đã ký không phải của phiếu mới nhất trong lần gửi.", "The signed head is not over the batch's newest record.", nil)
	}
	return out, nil
}

// IngestGaps keeps signed gap records, each advancing the chain over its range,
// like IngestRatings. A gap must begin right after what is kept: where it
// overlaps, the result tells where the kiosk's new gap must begin.
func (s *Store) IngestGaps(ctx context.Context, kiosk string, g wire.Gaps) (Ingested, error) {
	return s.ingestGaps(ctx, "store.IngestGaps", kiosk, g, ofRatings)
}

// IngestLetterGaps is IngestGaps for a kiosk's chain of letters.
func (s *Store) IngestLetterGaps(ctx context.Context, kiosk string, g wire.Gaps) (Ingested, error) {
	return s.ingestGaps(ctx, "store.IngestLetterGaps", kiosk, g, ofLetters)
}

func (s *Store) ingestGaps(ctx context.Context, op, kiosk string, g wire.Gaps, kind chainKind) (Ingested, error) {
	res := Ingested{Chain: g.Chain}
	c, err := s.chainOf(ctx, op, kiosk, g.Chain, kind)
	if err != nil {
		return res, err
	}
	if len(g.Gaps) == 0 || len(g.Gaps) > wire.MaxGaps {
		return s.standing(ctx, res, c, slides.E(slides.Invalid, op, fmt.Sprintf("Một lần gửi phải có từ 1 đến %d khoảng trống.", wire.MaxGaps),
			fmt.Sprintf("A frame must have 1 to %d gaps.", wire.MaxGaps), nil))
	}
	gaps := make([]chain.Gap, len(g.Gaps))
	for i := range g.Gaps {
		if gaps[i], err = chain.OpenGap(g.Gaps[i], c.key); err != nil {
			return s.standing(ctx, res, c, err)
		}
		if gaps[i].Chain != c.id {
			return s.standing(ctx, res, c, slides.E(slides.Invalid, op, "Khoảng trống thuộc chuỗi khác.", "The gap is of another chain.", nil))
		}
	}
	var refused error
	err = s.submit(ctx, op, func(t *gtx) error {
		var err error
		res, refused, err = t.takeGaps(op, c, gaps, g.Gaps)
		return err
	})
	if err != nil {
		return Ingested{Chain: g.Chain}, err
	}
	return res, refused
}
