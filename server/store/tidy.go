package store

import (
	"context"
	"time"
)

// How long things are kept that are neither ratings nor content.
const (
	keepHealth    = 7 * 24 * time.Hour
	keepPlays     = 400 * 24 * time.Hour
	keepCommands  = 90 * 24 * time.Hour
	keepMails     = 90 * 24 * time.Hour
	keepAlerts    = 400 * 24 * time.Hour
	keepChanges   = 30 * 24 * time.Hour
	keepPairings  = 7 * 24 * time.Hour
	keepFailures  = 24 * time.Hour
	keepUploads   = 7 * 24 * time.Hour // those that were made ready, or could not be
	keepManifests = 3                  // of each class
)

// Tidy forgets what has had its time: sessions, pairings, health minutes over 7
// days, plays over 400 days, commands over 90 days. Ratings, content, audit and
// publications stay.
func (s *Store) Tidy(ctx context.Context) error {
	var gone []string
	err := s.write(ctx, "store.Tidy", func(t *txn) (err error) {
		before := func(d time.Duration) int64 { return int64(t.now) - d.Milliseconds() }
		for _, q := range []struct {
			query string
			arg   int64
		}{
			{"DELETE FROM sessions WHERE expires <= ?", int64(t.now)},
			{"DELETE FROM setup_tokens WHERE expires <= ?", int64(t.now)},
			{"DELETE FROM sign_in_steps WHERE expires <= ?", int64(t.now)},
			{"DELETE FROM invites WHERE expires <= ?", int64(t.now)},
			{"DELETE FROM leases WHERE expires <= ?", before(time.Hour)},
			{"DELETE FROM pairings WHERE created <= ?", before(keepPairings)},
			{"DELETE FROM passes WHERE until <= ?", int64(t.now)},
			{"DELETE FROM drafts WHERE updated <= ?", before(keepDraftDays * 24 * time.Hour)},
			{"DELETE FROM failures WHERE at <= ?", before(keepFailures)},
			{"DELETE FROM health_minutes WHERE minute <= ?", before(keepHealth)},
			{"DELETE FROM plays WHERE ended <= ?", before(keepPlays)},
			{"UPDATE commands SET args = '' WHERE args <> '' AND expires <= ?", int64(t.now)},
			{"DELETE FROM dossiers WHERE month < ?", monthOf(t.now) - keepDossiers},
			{"DELETE FROM dossier_batches WHERE month < ?", monthOf(t.now) - keepDossiers},
			{"DELETE FROM commands WHERE issued <= ?", before(keepCommands)},
			{"DELETE FROM hook_deliveries WHERE next = 0 AND at <= ?", before(keepDeliveries)},
			{"DELETE FROM api_answers WHERE at <= ?", before(keepAnswers)},
			{"DELETE FROM mails WHERE ended > 0 AND queued <= ?", before(keepMails)},
			{"DELETE FROM alerts WHERE closed > 0 AND closed <= ?", before(keepAlerts)},
			{"DELETE FROM command_batches WHERE at <= ?", before(keepBatches)},
			{"DELETE FROM imports WHERE state = 'new' AND created <= ?", before(keepImports)},
			{"DELETE FROM uploads WHERE state IN ('done', 'failed') AND updated <= ?", before(keepUploads)},
			{"DELETE FROM changes WHERE at <= ? AND seq < (SELECT max(seq) FROM changes)", before(keepChanges)},
			{"DELETE FROM manifests AS m WHERE (SELECT count(*) FROM manifests WHERE class = m.class AND revision > m.revision) >= ?", keepManifests},
		} {
			if err := t.exec(q.query, q.arg); err != nil {
				return err
			}
		}
		if err := t.expireItems(); err != nil {
			return err
		}
		if gone, err = t.tidyMedia(); err != nil {
			return err
		}
		return t.turn()
	})
	if err != nil {
		return err
	}
	return s.unlink(ctx, gone)
}

// Ping says whether the database answers and can be written: for readiness.
func (s *Store) Ping(ctx context.Context) error {
	return s.write(ctx, "store.Ping", func(t *txn) error {
		return t.exec("INSERT INTO meta VALUES ('ping', x'') ON CONFLICT DO NOTHING")
	})
}
