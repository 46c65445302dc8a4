-- Kiosks that fell silent in their opening hours, and the mails that tell of it.
CREATE TABLE alerts (
  id     TEXT PRIMARY KEY,
  kiosk  TEXT NOT NULL REFERENCES kiosks,
  since  INTEGER NOT NULL, -- last seen
  opened INTEGER NOT NULL,
  closed INTEGER NOT NULL DEFAULT 0, -- 0: still silent
  back   INTEGER NOT NULL DEFAULT 0  -- closed because the kiosk came back
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX alerts_open ON alerts (kiosk) WHERE closed = 0;
CREATE INDEX alerts_opened ON alerts (opened);

CREATE TABLE mails (
  id      TEXT PRIMARY KEY, -- of its Message-ID, too
  kind    TEXT NOT NULL,    -- alert, test
  rcpts   TEXT NOT NULL,    -- JSON
  subject TEXT NOT NULL,
  body    TEXT NOT NULL,
  queued  INTEGER NOT NULL,
  due     INTEGER NOT NULL, -- not tried before
  claimed INTEGER NOT NULL DEFAULT 0, -- until when a server has it in hand
  tries   INTEGER NOT NULL DEFAULT 0,
  ended   INTEGER NOT NULL DEFAULT 0, -- sent, or given up
  sent    INTEGER NOT NULL DEFAULT 0,
  vi      TEXT NOT NULL DEFAULT '',
  en      TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX mails_waiting ON mails (due) WHERE ended = 0;
CREATE INDEX mails_queued ON mails (queued);
