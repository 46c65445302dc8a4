-- The library of pictures, films and recordings. Their bytes are blobs; a unit
-- has a file once. removed: taken out by staff, the bytes go when nothing names
-- them any more.
CREATE TABLE media (
  id      TEXT PRIMARY KEY,
  unit    TEXT NOT NULL REFERENCES units,
  kind    TEXT NOT NULL, -- picture, film, sound
  name    TEXT NOT NULL,
  fold    TEXT NOT NULL, -- what a search compares
  blob    TEXT NOT NULL,
  type    TEXT NOT NULL,
  size    INTEGER NOT NULL,
  hd      TEXT NOT NULL DEFAULT '', -- blob of at most 1920 a side, '' where blob is
  thumb   TEXT NOT NULL DEFAULT '', -- blob; of a film its small poster
  poster  TEXT NOT NULL DEFAULT '', -- blob, of a film
  source  TEXT NOT NULL, -- SHA-256 of what was uploaded
  width   INTEGER NOT NULL DEFAULT 0,
  height  INTEGER NOT NULL DEFAULT 0,
  length  INTEGER NOT NULL DEFAULT 0, -- ms
  created INTEGER NOT NULL,
  by      TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX media_source ON media (source);
CREATE INDEX media_blob ON media (blob);
CREATE INDEX media_unit ON media (unit, created);

-- What has arrived and is being made ready. server and until are the lease of
-- who works on it. state: waiting, running, done, failed.
CREATE TABLE uploads (
  id      TEXT PRIMARY KEY,
  unit    TEXT NOT NULL REFERENCES units,
  user    TEXT NOT NULL,
  who     TEXT NOT NULL,
  addr    TEXT NOT NULL,
  name    TEXT NOT NULL,
  size    INTEGER NOT NULL,
  state   TEXT NOT NULL DEFAULT 'waiting',
  pct     INTEGER NOT NULL DEFAULT 0,
  tries   INTEGER NOT NULL DEFAULT 0,
  server  TEXT NOT NULL DEFAULT '',
  until   INTEGER NOT NULL DEFAULT 0,
  media   TEXT NOT NULL DEFAULT '',
  again   INTEGER NOT NULL DEFAULT 0, -- the library had it already
  vi      TEXT NOT NULL DEFAULT '', -- why it failed
  en      TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_state ON uploads (state, created);
