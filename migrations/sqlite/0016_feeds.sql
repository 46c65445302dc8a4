-- News feeds (RSS, Atom) of units. server and until are the lease of who
-- fetches; etag and modified are what the source wants to be asked with.
CREATE TABLE feeds (
  id       TEXT PRIMARY KEY,
  unit     TEXT NOT NULL REFERENCES units,
  name     TEXT NOT NULL,
  url      TEXT NOT NULL,
  topic    TEXT NOT NULL,
  shows    TEXT NOT NULL, -- news, ticker, both
  trusted  INTEGER NOT NULL, -- its items go live by themselves
  days     INTEGER NOT NULL, -- an item shows so long after it was published
  created  INTEGER NOT NULL,
  closed   INTEGER NOT NULL DEFAULT 0,
  etag     TEXT NOT NULL DEFAULT '',
  modified TEXT NOT NULL DEFAULT '',
  next     INTEGER NOT NULL DEFAULT 0,
  tried    INTEGER NOT NULL DEFAULT 0,
  fetched  INTEGER NOT NULL DEFAULT 0, -- last time that it answered
  fails    INTEGER NOT NULL DEFAULT 0, -- in a row
  vi       TEXT NOT NULL DEFAULT '', -- why it last failed
  en       TEXT NOT NULL DEFAULT '',
  server   TEXT NOT NULL DEFAULT '',
  until    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX feeds_next ON feeds (closed, next);

-- Each item once, by what its source calls it. slide and ticker are its drafts;
-- state: waiting, approved, dismissed, expired.
CREATE TABLE feed_items (
  feed      TEXT NOT NULL REFERENCES feeds,
  guid      TEXT NOT NULL, -- SHA-256
  title     TEXT NOT NULL,
  summary   TEXT NOT NULL,
  link      TEXT NOT NULL,
  published INTEGER NOT NULL,
  seen      INTEGER NOT NULL,
  ends      INTEGER NOT NULL,
  state     TEXT NOT NULL,
  by        TEXT NOT NULL DEFAULT '',
  at        INTEGER NOT NULL DEFAULT 0,
  slide     TEXT NOT NULL,
  ticker    TEXT NOT NULL,
  PRIMARY KEY (feed, guid)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_items_state ON feed_items (state, seen);
