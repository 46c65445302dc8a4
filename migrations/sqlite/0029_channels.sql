-- The channels by which a unit is reached: Zalo, Facebook, its portal. A unit without any has those of the one above.
CREATE TABLE channels (
  unit TEXT NOT NULL,
  no   INTEGER NOT NULL, -- in the order of the unit's page
  kind TEXT NOT NULL,
  name TEXT NOT NULL, -- JSON, by language
  url  TEXT NOT NULL,
  PRIMARY KEY (unit, no)
) STRICT, WITHOUT ROWID;
