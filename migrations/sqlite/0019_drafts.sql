-- What people have typed into a slide's form and not saved: theirs alone.
CREATE TABLE drafts (
  user    TEXT NOT NULL,
  key     TEXT NOT NULL, -- slide:<id> or new:<random>
  kind    TEXT NOT NULL,
  base    INTEGER NOT NULL,
  title   TEXT NOT NULL,
  form    TEXT NOT NULL, -- JSON: field to values
  updated INTEGER NOT NULL,
  PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX drafts_updated ON drafts (updated);
