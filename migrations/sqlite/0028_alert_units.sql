-- Who is told of the silent kiosks of a unit and those below, besides who is told of all.
CREATE TABLE alert_units (
  unit  TEXT PRIMARY KEY,
  rcpts TEXT NOT NULL -- JSON list of mail addresses
) STRICT, WITHOUT ROWID;
