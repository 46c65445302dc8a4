-- Procedures become items of content like slides: drafted in versions,
-- published with everything else. fold '' is filled in by the program, which
-- knows how to fold; so is meta 'catalogue', the hash of what is live.
-- A row without its catalogue entry becomes a draft to be filled in.
INSERT INTO items (type, id, unit, version, live, title, fold, topic, kind, updated, by)
  SELECT 'procedure', lower(code), ifnull((SELECT unit FROM unit_terms WHERE parent IS NULL ORDER BY since LIMIT 1), ''), 1,
    json_extract(CAST(body AS TEXT), '$.code') IS NOT NULL,
    ifnull(json_extract(name, '$.vi'), code), '', field, ifnull(json_extract(CAST(body AS TEXT), '$.online'), ''), updated, ''
  FROM procedures GROUP BY lower(code);
INSERT INTO item_versions (type, id, version, sha, bytes, created, by)
  SELECT 'procedure', lower(code), 1, '',
    CASE WHEN json_extract(CAST(body AS TEXT), '$.code') IS NOT NULL THEN body
    ELSE CAST(json_object('code', code, 'name', json(name), 'field', json_object('vi', field), 'source', '') AS BLOB) END, updated, ''
  FROM procedures GROUP BY lower(code);
INSERT INTO meta
  SELECT 'catalogue', CAST(json_extract(CAST(v.bytes AS TEXT), '$.catalogue') AS BLOB)
  FROM items i JOIN item_versions v ON v.type = i.type AND v.id = i.id AND v.version = i.live
  WHERE i.type = 'look' AND json_extract(CAST(v.bytes AS TEXT), '$.catalogue') IS NOT NULL;
DROP TABLE procedures;

-- Files that staff import: kept while they map, look and decide, and after it
-- to undo. state: new, done, undone.
CREATE TABLE imports (
  id      TEXT PRIMARY KEY,
  name    TEXT NOT NULL,
  file    BLOB NOT NULL,
  mapping TEXT NOT NULL DEFAULT '',
  state   TEXT NOT NULL,
  created INTEGER NOT NULL,
  by      TEXT NOT NULL,
  done    INTEGER NOT NULL DEFAULT 0,
  counts  TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE import_items (
  import TEXT NOT NULL REFERENCES imports,
  id     TEXT NOT NULL,
  before INTEGER NOT NULL, -- version, 0: there was none
  after  INTEGER NOT NULL,
  PRIMARY KEY (import, id)
) STRICT, WITHOUT ROWID;

-- Where printed sheets hang. what is "procedure" (ref: its id) or "field" (ref:
-- the field's name); sha names what the sheet says, to tell an outdated one.
CREATE TABLE postings (
  id      TEXT PRIMARY KEY,
  what    TEXT NOT NULL,
  ref     TEXT NOT NULL,
  title   TEXT NOT NULL,
  sha     TEXT NOT NULL,
  place   TEXT NOT NULL,
  posted  TEXT NOT NULL, -- local date
  name    TEXT NOT NULL, -- who put it up, as typed
  created INTEGER NOT NULL,
  by      TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
