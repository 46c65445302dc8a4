-- Letters (suggestions, reports, praise, questions) in chains of their own.
ALTER TABLE chains ADD COLUMN kind INTEGER NOT NULL DEFAULT 1; -- 1 ratings, 2 letters

-- No finer time than the hour is known of a letter, so that none can be laid
-- beside a rating of the same minute. What staff do stands in the second half.
CREATE TABLE letters (
  chain    INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  id       TEXT NOT NULL UNIQUE, -- hexadecimal, from the header's hash
  header   BLOB NOT NULL,
  code     TEXT NOT NULL,        -- the receipt; '' where the letter is not readable
  category TEXT NOT NULL,
  unit     TEXT NOT NULL,
  kiosk    TEXT NOT NULL,
  counter  TEXT NOT NULL,
  channel  INTEGER NOT NULL,     -- 1 kiosk, 2 phone
  lang     TEXT NOT NULL,
  hour     INTEGER NOT NULL,
  state    TEXT NOT NULL DEFAULT 'new',
  due      INTEGER NOT NULL DEFAULT 0,
  answer   TEXT NOT NULL DEFAULT '',
  shown    INTEGER NOT NULL DEFAULT 0, -- the answer stands on the public status page
  note     TEXT NOT NULL DEFAULT '',   -- for staff only
  version  INTEGER NOT NULL DEFAULT 1,
  updated  INTEGER NOT NULL DEFAULT 0,
  by       TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX letters_code ON letters (code);
CREATE INDEX letters_hour ON letters (hour, id);

CREATE TABLE letter_sections (
  chain INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  kind  INTEGER NOT NULL,
  salt  BLOB,
  body  BLOB,
  PRIMARY KEY (chain, seq, kind)
) STRICT, WITHOUT ROWID;

-- Restricted: how a writer may be reached, sealed to the server's key.
CREATE TABLE letter_contacts (
  chain INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  salt  BLOB,
  body  BLOB,
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;

-- Passes that have served, until nobody could send them any more.
CREATE TABLE used_passes (
  body    BLOB PRIMARY KEY,
  until   INTEGER NOT NULL,
  receipt TEXT NOT NULL -- of the letter, to tell it again; '' for a rating
) STRICT, WITHOUT ROWID;
CREATE INDEX used_passes_until ON used_passes (until);
