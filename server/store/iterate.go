package store

import (
	"context"
	"iter"

	"motcua/slides/chain"
)

// Ratings reads ratings in order of chain and seq, without holding them all.
func (s *Store) Ratings(ctx context.Context, f RatingFilter) iter.Seq2[RatingRow, error] {
	return func(yield func(RatingRow, error) bool) { yield(RatingRow{}, notYet()) }
}

// ChainItems reads a chain from a seq on (1: all): records and gaps in order.
func (s *Store) ChainItems(ctx context.Context, c chain.ID, from uint64) iter.Seq2[ChainItem, error] {
	return func(yield func(ChainItem, error) bool) { yield(ChainItem{}, notYet()) }
}
