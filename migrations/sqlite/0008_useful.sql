-- Answers to "is this information useful?", of slides and, where the name is
-- "procedure:<code>", of procedures. They stand with the plays, not with the ratings.
ALTER TABLE plays ADD COLUMN yes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plays ADD COLUMN no INTEGER NOT NULL DEFAULT 0;
CREATE INDEX plays_useful ON plays (slide) WHERE yes > 0 OR no > 0;
