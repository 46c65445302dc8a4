-- Long work that servers do, newest on each thing, so that any server shows it.
CREATE TABLE works (
  id     TEXT PRIMARY KEY, -- what it is on
  kind   TEXT NOT NULL,
  title  TEXT NOT NULL,
  link   TEXT NOT NULL,
  unit   TEXT NOT NULL,
  done   INTEGER NOT NULL,
  total  INTEGER NOT NULL, -- 0: not known
  by     TEXT NOT NULL,
  server TEXT NOT NULL,
  begun  INTEGER NOT NULL,
  seen   INTEGER NOT NULL, -- when its server last spoke of it
  ended  INTEGER NOT NULL DEFAULT 0,
  vi     TEXT NOT NULL DEFAULT '', -- why it failed
  en     TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX works_ended ON works (ended);
