-- What a unit sets for its kiosks and those below (slides.Defaults, JSON).
CREATE TABLE unit_defaults (
  unit    TEXT PRIMARY KEY REFERENCES units,
  body    TEXT NOT NULL,
  updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Settings copied to several kiosks in one go, so that it can be undone.
CREATE TABLE kiosk_copies (
  id     TEXT PRIMARY KEY,
  at     INTEGER NOT NULL,
  by     TEXT NOT NULL,
  source TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE kiosk_copy_targets (
  copy   TEXT NOT NULL REFERENCES kiosk_copies,
  kiosk  TEXT NOT NULL REFERENCES kiosks,
  before TEXT NOT NULL, -- slides.Terminal, JSON
  after  TEXT NOT NULL,
  PRIMARY KEY (copy, kiosk)
) STRICT, WITHOUT ROWID;
