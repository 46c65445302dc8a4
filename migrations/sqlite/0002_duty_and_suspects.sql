-- Who served at a counter from when to when (until 0: still), so that a rating
-- of the counter counts for the officer as well.
CREATE TABLE duty (
  counter TEXT NOT NULL,
  since   INTEGER NOT NULL,
  until   INTEGER NOT NULL DEFAULT 0,
  officer TEXT NOT NULL REFERENCES officers,
  PRIMARY KEY (counter, since)
) STRICT, WITHOUT ROWID;

-- The page of marked ratings must not read all the others.
CREATE INDEX ratings_suspect ON ratings (hour) WHERE suspect IS NOT NULL;
CREATE INDEX forks_seen ON forks (seen);
