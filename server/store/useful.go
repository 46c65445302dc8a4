package store

import "context"

// Useful is how citizens answered "Thông tin này có hữu ích không?" of one
// slide or procedure, on all kiosks, in the time that plays are kept.
type Useful struct{ Yes, No int }

// procedureName is what a procedure is called among the names of slides, whose
// ids have no colon.
func procedureName(code string) string { return "procedure:" + code }

// UsefulSlide is the answers of a slide.
func (s *Store) UsefulSlide(ctx context.Context, id string) (Useful, error) {
	return s.useful(ctx, "store.UsefulSlide", id)
}

// UsefulProcedure is the answers of a procedure.
func (s *Store) UsefulProcedure(ctx context.Context, code string) (Useful, error) {
	return s.useful(ctx, "store.UsefulProcedure", procedureName(code))
}

func (s *Store) useful(ctx context.Context, op, name string) (u Useful, err error) {
	err = s.read(ctx, op, func(t *txn) error {
		return t.row("SELECT coalesce(sum(yes), 0), coalesce(sum(no), 0) FROM plays WHERE slide = (SELECT no FROM names WHERE text = ?) AND (yes > 0 OR no > 0)", name).Scan(&u.Yes, &u.No)
	})
	return u, err
}
