package store

import (
	"context"
	"motcua/slides"
	"motcua/slides/chain"
)

// ImportStarter adds what is not there yet and leaves the rest as staff have it.
func (s *Store) ImportStarter(ctx context.Context, a Actor, st Starter) (r0 StarterResult, err error) {
	return r0, notYet()
}

// SetSuspect marks ratings by hand, or counts them again (reason ""); the roll-ups move in the same transaction.
func (s *Store) SetSuspect(ctx context.Context, a Actor, refs []RatingRef, reason string) error {
	return notYet()
}

// CorrectHour moves a rating to another hour; the roll-ups move in the same transaction.
func (s *Store) CorrectHour(ctx context.Context, a Actor, ref RatingRef, hour slides.Millis) error {
	return notYet()
}

// EraseSection forgets a section's body and salt; the header stays and the chain still verifies. Statistics stay.
func (s *Store) EraseSection(ctx context.Context, a Actor, ref RatingRef, kind chain.Kind) error {
	return notYet()
}

// EraseOlder forgets that section of every rating of an hour before the moment.
func (s *Store) EraseOlder(ctx context.Context, a Actor, kind chain.Kind, before slides.Millis) (r0 int64, err error) {
	return r0, notYet()
}

// Forks lists quarantined bytes, newest first.
func (s *Store) Forks(ctx context.Context, limit int) (r0 []ForkRow, err error) { return r0, notYet() }

// Chains lists chains; kiosk "" is all.
func (s *Store) Chains(ctx context.Context, kiosk string) (r0 []ChainInfo, err error) {
	return r0, notYet()
}

// Statistics reads the roll-ups.
func (s *Store) Statistics(ctx context.Context, q StatQuery) (r0 *Stats, err error) {
	return r0, notYet()
}

// CheckRollups computes every roll-up anew from the ratings and compares; kind Corrupt says the first difference. Slow: for tests, repair and proof.
func (s *Store) CheckRollups(ctx context.Context) error { return notYet() }

// RebuildRollups writes every roll-up anew from the ratings.
func (s *Store) RebuildRollups(ctx context.Context, a Actor) error { return notYet() }

// Backup writes one file with everything, while the server runs; durable on return, never over an existing file.
func (s *Store) Backup(ctx context.Context, path string) error { return notYet() }

// Tidy forgets what has had its time: sessions, pairings, health minutes over 7 days, plays over 400 days, commands over 90 days.
func (s *Store) Tidy(ctx context.Context) error { return notYet() }

// Ping says whether the database answers and can be written: for readiness.
func (s *Store) Ping(ctx context.Context) error { return notYet() }

func notYet() error { return slides.E(slides.Broken, "store", "Chưa có.", "Not built yet.", nil) }
