-- Webhooks: where other systems want to hear of what happens in a unit and below
-- ('' is everywhere). The secret signs what is sent, so it must be there in
-- clear: who reads this file has the server's own key as well.
CREATE TABLE hooks (
  id        TEXT PRIMARY KEY,
  name      TEXT NOT NULL,
  unit      TEXT NOT NULL,
  url       TEXT NOT NULL,
  events    TEXT NOT NULL, -- words parted by blanks
  secret    TEXT NOT NULL,
  old       TEXT NOT NULL DEFAULT '', -- the secret before, which signs as well
  old_until INTEGER NOT NULL DEFAULT 0,
  created   INTEGER NOT NULL,
  by        TEXT NOT NULL,
  disabled  INTEGER NOT NULL DEFAULT 0, -- since when, 0: in use
  fault     TEXT NOT NULL DEFAULT ''    -- why the server did it (JSON); '': staff did
) STRICT, WITHOUT ROWID;

-- What is to be told and what became of it. A row is written in the transaction
-- of what it tells. next: when it is to be tried, 0 settled; while a server tries,
-- leased is until when the others leave it alone.
CREATE TABLE hook_deliveries (
  id     TEXT PRIMARY KEY,
  hook   TEXT NOT NULL REFERENCES hooks,
  event  TEXT NOT NULL,
  body   BLOB NOT NULL,
  at     INTEGER NOT NULL, -- of the event
  since  INTEGER NOT NULL, -- tried from then on; a day later it is given up
  next   INTEGER NOT NULL,
  leased INTEGER NOT NULL DEFAULT 0,
  tries  INTEGER NOT NULL DEFAULT 0,
  done   INTEGER NOT NULL DEFAULT 0, -- taken by the receiver
  status INTEGER NOT NULL DEFAULT 0, -- HTTP status of the last try
  fault  TEXT NOT NULL DEFAULT ''    -- of the last try (JSON)
) STRICT, WITHOUT ROWID;
CREATE INDEX hook_deliveries_next ON hook_deliveries (next) WHERE next > 0;
CREATE INDEX hook_deliveries_hook ON hook_deliveries (hook, at);
