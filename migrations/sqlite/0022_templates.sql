-- Slides that new ones may begin from.
ALTER TABLE items ADD COLUMN template INTEGER NOT NULL DEFAULT 0;
