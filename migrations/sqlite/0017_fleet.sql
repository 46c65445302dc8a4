-- A command to many kiosks at once, and what staff call kiosks among themselves.
ALTER TABLE commands ADD COLUMN batch TEXT NOT NULL DEFAULT '';
CREATE INDEX commands_batch ON commands (batch) WHERE batch <> '';

CREATE TABLE command_batches (
  id    TEXT PRIMARY KEY,
  verb  TEXT NOT NULL,
  text  TEXT NOT NULL, -- of an announcement
  until INTEGER NOT NULL,
  at    INTEGER NOT NULL,
  by    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX command_batches_at ON command_batches (at);

CREATE TABLE kiosk_tags (
  kiosk TEXT NOT NULL REFERENCES kiosks,
  tag   TEXT NOT NULL,
  PRIMARY KEY (kiosk, tag)
) STRICT, WITHOUT ROWID;
