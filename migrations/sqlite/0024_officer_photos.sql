-- Photographs of officers, each with the day on which its officer agreed; and
-- the units that let cards on counters' screens show them.
CREATE TABLE officer_photos (
  officer TEXT PRIMARY KEY REFERENCES officers,
  blob    TEXT NOT NULL,
  agreed  INTEGER NOT NULL,
  by      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE unit_photos (
  unit TEXT PRIMARY KEY REFERENCES units
) STRICT, WITHOUT ROWID;
