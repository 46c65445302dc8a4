-- Emergency overrides: asked by one person, confirmed by another, ended by
-- themselves. text is a JSON text, slide an existing slide instead of it; places
-- is a compile.Where. What goes live are an entry, a playlist and, for a text, a
-- slide, all named by the emergency's id.
CREATE TABLE emergencies (
  id       TEXT PRIMARY KEY,
  unit     TEXT NOT NULL,
  text     TEXT NOT NULL DEFAULT '',
  slide    TEXT NOT NULL DEFAULT '',
  places   TEXT NOT NULL,
  minutes  INTEGER NOT NULL,
  zone     TEXT NOT NULL,
  asker    TEXT NOT NULL,
  asked    INTEGER NOT NULL,
  decider  TEXT NOT NULL DEFAULT '',
  decided  INTEGER NOT NULL DEFAULT 0,
  refused  INTEGER NOT NULL DEFAULT 0,
  ends     INTEGER NOT NULL DEFAULT 0, -- when it ends by itself, or did
  ender    TEXT NOT NULL DEFAULT '',   -- who ended it early
  revision INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX emergencies_asked ON emergencies (asked);
