-- The unit under which a piece went live. Its draft may have been given to another
-- one since: until that is published, the screens and their rules are the former's.
ALTER TABLE items ADD COLUMN live_unit TEXT NOT NULL DEFAULT '';
UPDATE items SET live_unit = unit WHERE live > 0;
