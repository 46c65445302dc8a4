-- The version of a draft slide that an emergency put on, which goes off again with it; 0: it put none on.
ALTER TABLE emergencies ADD COLUMN raised INTEGER NOT NULL DEFAULT 0;
