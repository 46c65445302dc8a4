-- The schema of Một Cửa. Times are milliseconds since 1970 UTC, 0 is "not set".
-- Texts are NFC; citizen-facing ones are JSON objects of language tag to string.

-- epoch, server key, TLS pin material, created.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Rises whenever what the rating writer keeps in memory (units, forms, fields) changes.
CREATE TABLE generation (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  n   INTEGER NOT NULL
) STRICT;
INSERT INTO generation VALUES (1, 0);

-- Short numbers for the names that ratings, roll-ups and plays repeat millions of times.
CREATE TABLE names (
  no   INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

-- Units: a tree whose names and parents have effective dates.

CREATE TABLE units (
  id      TEXT PRIMARY KEY,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE unit_terms (
  unit   TEXT NOT NULL REFERENCES units,
  since  INTEGER NOT NULL,
  parent TEXT REFERENCES units,
  name   TEXT NOT NULL,
  short  TEXT NOT NULL,
  office TEXT NOT NULL,
  zone   TEXT NOT NULL, -- '' takes the parent's
  closed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (unit, since)
) STRICT, WITHOUT ROWID;

-- Desks and who serves at them.
CREATE TABLE counters (
  id      TEXT PRIMARY KEY,
  unit    TEXT NOT NULL REFERENCES units,
  name    TEXT NOT NULL,
  created INTEGER NOT NULL,
  closed  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE officers (
  id      TEXT PRIMARY KEY,
  unit    TEXT NOT NULL REFERENCES units,
  name    TEXT NOT NULL,
  created INTEGER NOT NULL,
  closed  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- People.

CREATE TABLE roles (
  id   TEXT PRIMARY KEY,
  name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO roles VALUES
  ('admin',    '{"vi":"Quản trị","en":"Administrator"}'),
  ('approver', '{"vi":"Người duyệt","en":"Approver"}'),
  ('editor',   '{"vi":"Biên tập","en":"Editor"}'),
  ('manager',  '{"vi":"Lãnh đạo xem thống kê","en":"Manager"}'),
  ('tech',     '{"vi":"Kỹ thuật ki-ốt","en":"Kiosk technician"}');

CREATE TABLE users (
  id       TEXT PRIMARY KEY,
  login    TEXT NOT NULL UNIQUE,
  name     TEXT NOT NULL,
  hash     TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  created  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE grants (
  user TEXT NOT NULL REFERENCES users,
  role TEXT NOT NULL REFERENCES roles,
  unit TEXT NOT NULL, -- '' is everywhere
  PRIMARY KEY (user, role, unit)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  hash    TEXT PRIMARY KEY,
  user    TEXT NOT NULL REFERENCES users,
  created INTEGER NOT NULL,
  seen    INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  addr    TEXT NOT NULL,
  agent   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user);

CREATE TABLE setup_tokens (
  hash    TEXT PRIMARY KEY,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE failures (
  id  INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  at  INTEGER NOT NULL
) STRICT;
CREATE INDEX failures_key ON failures (key, at);

-- The audit: each row's hash covers the one before it.
CREATE TABLE audit (
  seq    INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  user   TEXT NOT NULL,
  name   TEXT NOT NULL,
  addr   TEXT NOT NULL,
  verb   TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  prev   BLOB NOT NULL,
  hash   BLOB NOT NULL
) STRICT;
CREATE INDEX audit_object ON audit (object, seq);
CREATE INDEX audit_user ON audit (user, seq);

-- What servers act on, in order.
CREATE TABLE changes (
  seq   INTEGER PRIMARY KEY AUTOINCREMENT,
  at    INTEGER NOT NULL,
  kind  TEXT NOT NULL,
  unit  TEXT NOT NULL,
  class TEXT NOT NULL,
  kiosk TEXT NOT NULL,
  ref   TEXT NOT NULL
) STRICT;

-- Kiosks.

CREATE TABLE kiosks (
  id       TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  unit     TEXT NOT NULL REFERENCES units,
  counter  TEXT NOT NULL,
  lang     TEXT NOT NULL,
  audience TEXT NOT NULL,
  class    TEXT NOT NULL,
  created  INTEGER NOT NULL,
  settings INTEGER NOT NULL, -- moment of the last change of what is its own
  screen   TEXT NOT NULL,
  program  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX kiosks_unit ON kiosks (unit);
CREATE INDEX kiosks_class ON kiosks (class);

CREATE TABLE kiosk_groups (
  kiosk TEXT NOT NULL REFERENCES kiosks,
  grp   TEXT NOT NULL,
  PRIMARY KEY (kiosk, grp)
) STRICT, WITHOUT ROWID;

-- One row for each pairing. A retired key no longer signs in.
CREATE TABLE kiosk_keys (
  key     BLOB PRIMARY KEY,
  kiosk   TEXT NOT NULL REFERENCES kiosks,
  chain   BLOB NOT NULL UNIQUE,
  paired  INTEGER NOT NULL,
  retired INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX kiosk_keys_one ON kiosk_keys (kiosk) WHERE retired = 0;

CREATE TABLE pairings (
  id       TEXT PRIMARY KEY,
  code     TEXT NOT NULL, -- SHA-256
  ticket   TEXT NOT NULL UNIQUE, -- SHA-256
  key      BLOB NOT NULL,
  nonce    BLOB NOT NULL,
  previous TEXT NOT NULL,
  screen   TEXT NOT NULL,
  program  TEXT NOT NULL,
  addr     TEXT NOT NULL,
  state    TEXT NOT NULL,
  kiosk    TEXT NOT NULL DEFAULT '',
  created  INTEGER NOT NULL,
  expires  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX pairings_code ON pairings (code) WHERE state = 'waiting';

CREATE TABLE leases (
  kiosk   TEXT PRIMARY KEY REFERENCES kiosks,
  server  TEXT NOT NULL,
  conn    TEXT NOT NULL,
  since   INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX leases_server ON leases (server);

-- What a kiosk last said of itself.
CREATE TABLE kiosk_status (
  kiosk         TEXT PRIMARY KEY REFERENCES kiosks,
  seen          INTEGER NOT NULL DEFAULT 0,
  replaced      INTEGER NOT NULL DEFAULT 0,
  manifest      TEXT NOT NULL DEFAULT '',
  revision      INTEGER NOT NULL DEFAULT 0,
  health        TEXT NOT NULL DEFAULT '',
  health_at     INTEGER NOT NULL DEFAULT 0,
  pending       INTEGER NOT NULL DEFAULT 0,
  offset_ms     INTEGER NOT NULL DEFAULT 0,
  head_chain    BLOB NOT NULL DEFAULT x'', -- newest signed head it showed
  head_seq      INTEGER NOT NULL DEFAULT 0,
  screenshot_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE health_minutes (
  kiosk     TEXT NOT NULL,
  minute    INTEGER NOT NULL,
  memory    INTEGER NOT NULL,
  disk_free INTEGER NOT NULL,
  frames    INTEGER NOT NULL,
  pending   INTEGER NOT NULL,
  offset_ms INTEGER NOT NULL,
  PRIMARY KEY (kiosk, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE faults (
  kiosk TEXT NOT NULL,
  place TEXT NOT NULL,
  text  TEXT NOT NULL,
  first INTEGER NOT NULL,
  last  INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (kiosk, place, text)
) STRICT, WITHOUT ROWID;

CREATE TABLE screenshots (
  kiosk TEXT PRIMARY KEY REFERENCES kiosks,
  at    INTEGER NOT NULL,
  type  TEXT NOT NULL,
  image BLOB NOT NULL
) STRICT;

CREATE TABLE commands (
  id      TEXT PRIMARY KEY,
  kiosk   TEXT NOT NULL REFERENCES kiosks,
  verb    TEXT NOT NULL,
  issued  INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  by      TEXT NOT NULL,
  sent    INTEGER NOT NULL DEFAULT 0,
  done    INTEGER NOT NULL DEFAULT 0,
  ok      INTEGER NOT NULL DEFAULT 0,
  vi      TEXT NOT NULL DEFAULT '',
  en      TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX commands_kiosk ON commands (kiosk, issued);

-- A kiosk's disk numbers its plays; disk, slide and kiosk are names.
CREATE TABLE plays (
  kiosk   INTEGER NOT NULL,
  disk    INTEGER NOT NULL,
  id      INTEGER NOT NULL,
  slide   INTEGER NOT NULL,
  blob    BLOB NOT NULL,
  begun   INTEGER NOT NULL,
  ended   INTEGER NOT NULL,
  count   INTEGER NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (kiosk, disk, id)
) STRICT, WITHOUT ROWID;

-- Content. An item is drafted in versions; live is the version on the screens.

CREATE TABLE items (
  type     TEXT NOT NULL,
  id       TEXT NOT NULL,
  unit     TEXT NOT NULL,
  version  INTEGER NOT NULL, -- of the draft
  live     INTEGER NOT NULL DEFAULT 0,
  deleted  INTEGER NOT NULL DEFAULT 0, -- the draft is "gone"
  recalled INTEGER NOT NULL DEFAULT 0,
  title    TEXT NOT NULL,
  fold     TEXT NOT NULL, -- what a search compares
  topic    TEXT NOT NULL,
  kind     TEXT NOT NULL,
  updated  INTEGER NOT NULL,
  by       TEXT NOT NULL,
  PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX items_updated ON items (type, updated);

CREATE TABLE item_versions (
  type    TEXT NOT NULL,
  id      TEXT NOT NULL,
  version INTEGER NOT NULL,
  sha     TEXT NOT NULL,
  bytes   BLOB NOT NULL,
  created INTEGER NOT NULL,
  by      TEXT NOT NULL,
  PRIMARY KEY (type, id, version),
  FOREIGN KEY (type, id) REFERENCES items
) STRICT;

-- Bytes by their hash; data is NULL where they are a file in the blobs folder.
CREATE TABLE blobs (
  sha     TEXT PRIMARY KEY,
  size    INTEGER NOT NULL,
  type    TEXT NOT NULL,
  data    BLOB,
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE publications (
  revision INTEGER PRIMARY KEY,
  epoch    TEXT NOT NULL,
  kind     TEXT NOT NULL,
  by       TEXT NOT NULL,
  at       INTEGER NOT NULL,
  note     TEXT NOT NULL,
  hash     TEXT NOT NULL,
  recalled INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE publication_items (
  revision INTEGER NOT NULL REFERENCES publications,
  type     TEXT NOT NULL,
  id       TEXT NOT NULL,
  before   INTEGER NOT NULL,
  after    INTEGER NOT NULL,
  title    TEXT NOT NULL,
  PRIMARY KEY (revision, type, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE manifests (
  class    TEXT NOT NULL,
  revision INTEGER NOT NULL,
  id       TEXT NOT NULL,
  flip     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  content  TEXT NOT NULL, -- hash of all but revision, moment and flip
  bytes    BLOB NOT NULL,
  PRIMARY KEY (class, revision)
) STRICT;
CREATE INDEX manifests_id ON manifests (id);

-- Every version of a questionnaire that may have ratings; no is its short number.
CREATE TABLE forms (
  no      INTEGER PRIMARY KEY,
  id      TEXT NOT NULL,
  version INTEGER NOT NULL,
  sha     TEXT NOT NULL,
  bytes   BLOB NOT NULL,
  UNIQUE (id, version)
) STRICT;

CREATE TABLE procedures (
  id      TEXT PRIMARY KEY,
  code    TEXT NOT NULL,
  field   TEXT NOT NULL,
  name    TEXT NOT NULL,
  body    BLOB NOT NULL,
  updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Ratings.

CREATE TABLE chains (
  no       INTEGER PRIMARY KEY,
  id       BLOB NOT NULL UNIQUE,
  kiosk    TEXT NOT NULL, -- '' is the server's own
  key      BLOB NOT NULL,
  started  INTEGER NOT NULL,
  acked    INTEGER NOT NULL DEFAULT 0,
  hash     BLOB NOT NULL, -- what the next header points to
  missing  INTEGER NOT NULL DEFAULT 0,
  ratings  INTEGER NOT NULL DEFAULT 0,
  head     BLOB, -- newest signed head that fits what is kept
  head_sig BLOB,
  head_seq INTEGER NOT NULL DEFAULT 0,
  head_at  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX chains_kiosk ON chains (kiosk);

-- form, unit, kiosk, counter, proc, field, officer: short numbers, 0 for none.
-- channel: 1 kiosk, 2 phone. clock: 1 synced, 2 held, 3 doubtful.
CREATE TABLE ratings (
  chain    INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  header   BLOB NOT NULL,
  received INTEGER NOT NULL,
  form     INTEGER NOT NULL,
  unit     INTEGER NOT NULL,
  kiosk    INTEGER NOT NULL,
  counter  INTEGER NOT NULL,
  proc     INTEGER NOT NULL,
  field    INTEGER NOT NULL, -- of the procedure, as it was when the rating came
  officer  INTEGER NOT NULL,
  channel  INTEGER NOT NULL,
  lang     TEXT NOT NULL,
  hour     INTEGER NOT NULL,
  clock    INTEGER NOT NULL,
  partial  INTEGER NOT NULL,
  suspect  TEXT, -- NULL: counted
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX ratings_hour ON ratings (hour);

-- salt and body are NULL once erased; the hash stays in the header.
CREATE TABLE rating_sections (
  chain INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  kind  INTEGER NOT NULL,
  salt  BLOB,
  body  BLOB,
  PRIMARY KEY (chain, seq, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
  chain    INTEGER NOT NULL,
  first    INTEGER NOT NULL,
  last     INTEGER NOT NULL,
  bytes    BLOB NOT NULL,
  sig      BLOB NOT NULL,
  at       INTEGER NOT NULL,
  received INTEGER NOT NULL,
  reason   INTEGER NOT NULL,
  note     TEXT NOT NULL,
  PRIMARY KEY (chain, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE forks (
  id    INTEGER PRIMARY KEY,
  chain INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  hash  BLOB NOT NULL,
  seen  INTEGER NOT NULL,
  why   TEXT NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (chain, seq, hash)
) STRICT;

-- Roll-ups, small and apart. subject: 1 unit (and each unit above it), 2 kiosk,
-- 3 counter, 4 procedure field, 5 officer. bucket is the start of the hour, day
-- or month in the subject's zone. n0 counts "Không áp dụng", n1 to n5 the levels.
-- counts: n is the number of ratings, n0.. their answers over all questions.

CREATE TABLE counts_hour (
  subject INTEGER NOT NULL, key INTEGER NOT NULL, bucket INTEGER NOT NULL,
  form INTEGER NOT NULL, channel INTEGER NOT NULL, suspect INTEGER NOT NULL,
  n INTEGER NOT NULL,
  n0 INTEGER NOT NULL, n1 INTEGER NOT NULL, n2 INTEGER NOT NULL, n3 INTEGER NOT NULL, n4 INTEGER NOT NULL, n5 INTEGER NOT NULL,
  PRIMARY KEY (subject, key, bucket, form, channel, suspect)
) STRICT, WITHOUT ROWID;

CREATE TABLE counts_day (
  subject INTEGER NOT NULL, key INTEGER NOT NULL, bucket INTEGER NOT NULL,
  form INTEGER NOT NULL, channel INTEGER NOT NULL, suspect INTEGER NOT NULL,
  n INTEGER NOT NULL,
  n0 INTEGER NOT NULL, n1 INTEGER NOT NULL, n2 INTEGER NOT NULL, n3 INTEGER NOT NULL, n4 INTEGER NOT NULL, n5 INTEGER NOT NULL,
  PRIMARY KEY (subject, key, bucket, form, channel, suspect)
) STRICT, WITHOUT ROWID;

CREATE TABLE counts_month (
  subject INTEGER NOT NULL, key INTEGER NOT NULL, bucket INTEGER NOT NULL,
  form INTEGER NOT NULL, channel INTEGER NOT NULL, suspect INTEGER NOT NULL,
  n INTEGER NOT NULL,
  n0 INTEGER NOT NULL, n1 INTEGER NOT NULL, n2 INTEGER NOT NULL, n3 INTEGER NOT NULL, n4 INTEGER NOT NULL, n5 INTEGER NOT NULL,
  PRIMARY KEY (subject, key, bucket, form, channel, suspect)
) STRICT, WITHOUT ROWID;

CREATE TABLE answers_hour (
  subject INTEGER NOT NULL, key INTEGER NOT NULL, bucket INTEGER NOT NULL,
  form INTEGER NOT NULL, channel INTEGER NOT NULL, suspect INTEGER NOT NULL, question INTEGER NOT NULL,
  n0 INTEGER NOT NULL, n1 INTEGER NOT NULL, n2 INTEGER NOT NULL, n3 INTEGER NOT NULL, n4 INTEGER NOT NULL, n5 INTEGER NOT NULL,
  PRIMARY KEY (subject, key, bucket, form, channel, suspect, question)
) STRICT, WITHOUT ROWID;

CREATE TABLE answers_day (
  subject INTEGER NOT NULL, key INTEGER NOT NULL, bucket INTEGER NOT NULL,
  form INTEGER NOT NULL, channel INTEGER NOT NULL, suspect INTEGER NOT NULL, question INTEGER NOT NULL,
  n0 INTEGER NOT NULL, n1 INTEGER NOT NULL, n2 INTEGER NOT NULL, n3 INTEGER NOT NULL, n4 INTEGER NOT NULL, n5 INTEGER NOT NULL,
  PRIMARY KEY (subject, key, bucket, form, channel, suspect, question)
) STRICT, WITHOUT ROWID;

CREATE TABLE answers_month (
  subject INTEGER NOT NULL, key INTEGER NOT NULL, bucket INTEGER NOT NULL,
  form INTEGER NOT NULL, channel INTEGER NOT NULL, suspect INTEGER NOT NULL, question INTEGER NOT NULL,
  n0 INTEGER NOT NULL, n1 INTEGER NOT NULL, n2 INTEGER NOT NULL, n3 INTEGER NOT NULL, n4 INTEGER NOT NULL, n5 INTEGER NOT NULL,
  PRIMARY KEY (subject, key, bucket, form, channel, suspect, question)
) STRICT, WITHOUT ROWID;

-- Hour of the week (0 is Monday 00:00) by month and unit: by hour or day it
-- would repeat the tables above.
CREATE TABLE counts_week (
  key INTEGER NOT NULL, bucket INTEGER NOT NULL, hour INTEGER NOT NULL,
  form INTEGER NOT NULL, channel INTEGER NOT NULL, suspect INTEGER NOT NULL,
  n INTEGER NOT NULL,
  n0 INTEGER NOT NULL, n1 INTEGER NOT NULL, n2 INTEGER NOT NULL, n3 INTEGER NOT NULL, n4 INTEGER NOT NULL, n5 INTEGER NOT NULL,
  PRIMARY KEY (key, bucket, hour, form, channel, suspect)
) STRICT, WITHOUT ROWID;

CREATE TABLE answers_week (
  key INTEGER NOT NULL, bucket INTEGER NOT NULL, hour INTEGER NOT NULL,
  form INTEGER NOT NULL, channel INTEGER NOT NULL, suspect INTEGER NOT NULL, question INTEGER NOT NULL,
  n0 INTEGER NOT NULL, n1 INTEGER NOT NULL, n2 INTEGER NOT NULL, n3 INTEGER NOT NULL, n4 INTEGER NOT NULL, n5 INTEGER NOT NULL,
  PRIMARY KEY (key, bucket, hour, form, channel, suspect, question)
) STRICT, WITHOUT ROWID;
