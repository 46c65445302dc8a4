-- What an invitation to rate says of the citizen (wire.Invitation, JSON); emptied
-- as soon as it is answered or over, so that no ticket stays beside a moment.
ALTER TABLE commands ADD COLUMN args TEXT NOT NULL DEFAULT '';

-- Dossiers that have rated, by a keyed hash (package slides/dossier). Keyed by it,
-- so that the rows' order says nothing, with the month and nothing else: these
-- three tables are never joined to ratings, and must never get a column by which
-- they could be.
CREATE TABLE dossiers (
  mark  BLOB PRIMARY KEY,
  month INTEGER NOT NULL -- year * 12 + month - 1
) STRICT, WITHOUT ROWID;
CREATE INDEX dossiers_month ON dossiers (month);

-- Batches that have been counted: one sent again counts once.
CREATE TABLE dossier_batches (
  id    BLOB PRIMARY KEY,
  month INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dossier_months (
  month      INTEGER PRIMARY KEY,
  rated      INTEGER NOT NULL, -- for the first time
  again      INTEGER NOT NULL, -- on another kiosk, or after the kiosk had forgotten
  unreadable INTEGER NOT NULL  -- sealed to another key
) STRICT;

-- Keys of other systems (queues) to the HTTP interface; only their hash is here.
CREATE TABLE api_tokens (
  hash    TEXT PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,
  name    TEXT NOT NULL,
  scope   TEXT NOT NULL,
  created INTEGER NOT NULL,
  seen    INTEGER NOT NULL DEFAULT 0, -- to the day
  revoked INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
