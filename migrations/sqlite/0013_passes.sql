-- Passes that have served, until nobody could send them any more: nothing here
-- tells when one was made, or whose letter it served for, but to who brings it
-- again. Open moves what used_passes still has.
CREATE TABLE passes (
  mark    BLOB PRIMARY KEY, -- hash of the pass's body
  until   INTEGER NOT NULL, -- a whole hour
  receipt BLOB NOT NULL     -- of the letter, sealed with a key from the pass; empty for a rating
) STRICT, WITHOUT ROWID;
CREATE INDEX passes_until ON passes (until);
