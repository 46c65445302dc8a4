-- How a unit decides on what goes to the screens; '' takes the parent's.
CREATE TABLE unit_approval (
  unit    TEXT PRIMARY KEY REFERENCES units,
  way     TEXT NOT NULL, -- direct, approve, review
  own     TEXT NOT NULL, -- no, yes: who wrote it may approve it
  updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Content on its way to the screens: exact versions, which never change.
CREATE TABLE submissions (
  id       TEXT PRIMARY KEY,
  unit     TEXT NOT NULL, -- the lowest that all pieces belong to, '' for none
  title    TEXT NOT NULL,
  note     TEXT NOT NULL,
  state    TEXT NOT NULL,
  way      TEXT NOT NULL, -- as the units had it then
  own      INTEGER NOT NULL,
  at_once  INTEGER NOT NULL,
  by       TEXT NOT NULL,
  created  INTEGER NOT NULL,
  updated  INTEGER NOT NULL,
  reviewer TEXT NOT NULL DEFAULT '',
  approver TEXT NOT NULL DEFAULT '',
  due      INTEGER NOT NULL DEFAULT 0, -- when to publish, 0: with the approval
  accepted TEXT NOT NULL DEFAULT '[]', -- warnings that the approver took upon themselves
  revision INTEGER NOT NULL DEFAULT 0  -- of its publication
) STRICT, WITHOUT ROWID;
CREATE INDEX submissions_state ON submissions (state, updated);
CREATE INDEX submissions_due ON submissions (due) WHERE state = 'approved';

CREATE TABLE submission_items (
  submission TEXT NOT NULL REFERENCES submissions,
  type       TEXT NOT NULL,
  id         TEXT NOT NULL,
  unit       TEXT NOT NULL,
  version    INTEGER NOT NULL, -- to go live, 0: to be taken off
  base       INTEGER NOT NULL, -- live when it was submitted, 0: none
  recalled   INTEGER NOT NULL, -- the item's, when it was submitted
  sha        TEXT NOT NULL,    -- of the version's bytes
  title      TEXT NOT NULL,
  PRIMARY KEY (submission, type, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX submission_items_item ON submission_items (type, id);

-- What became of a submission, step by step.
CREATE TABLE submission_steps (
  submission TEXT NOT NULL REFERENCES submissions,
  n          INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  by         TEXT NOT NULL, -- '' is the server, at the time that was set
  verb       TEXT NOT NULL,
  vi         TEXT NOT NULL, -- reason or fault
  en         TEXT NOT NULL,
  PRIMARY KEY (submission, n)
) STRICT, WITHOUT ROWID;
