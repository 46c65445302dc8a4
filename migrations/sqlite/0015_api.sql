-- A token may do several things (scope: words parted by blanks), in a unit and
-- all below it ('' is everywhere), until a moment (0: for ever).
ALTER TABLE api_tokens ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE api_tokens ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_tokens ADD COLUMN by TEXT NOT NULL DEFAULT '';

-- What changes by a token answered, under the key that the caller gave: written
-- with the change itself, so that a call sent again changes nothing.
CREATE TABLE api_answers (
  token  TEXT NOT NULL, -- id
  key    TEXT NOT NULL,
  print  TEXT NOT NULL, -- SHA-256 of what was asked
  status INTEGER NOT NULL,
  body   BLOB NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (token, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_answers_at ON api_answers (at);
