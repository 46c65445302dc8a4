-- The roles have one name each, the one that the code uses.
INSERT INTO roles VALUES
  ('leader',     '{"vi":"Lãnh đạo","en":"Leader"}'),
  ('technician', '{"vi":"Kỹ thuật","en":"Technician"}');
UPDATE OR IGNORE grants SET role = 'leader' WHERE role = 'manager';
UPDATE OR IGNORE grants SET role = 'technician' WHERE role = 'tech';
DELETE FROM grants WHERE role IN ('manager', 'tech');
DELETE FROM roles WHERE id IN ('manager', 'tech');

-- Links by which somebody makes or renews their sign-in.
CREATE TABLE invites (
  hash    TEXT PRIMARY KEY, -- SHA-256 of the link's token
  user    TEXT NOT NULL REFERENCES users,
  by      TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
