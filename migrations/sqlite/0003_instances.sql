-- Which start of a kiosk's program holds the lease: a reconnect of the same one
-- after a broken line is no second screen.
ALTER TABLE leases ADD COLUMN instance TEXT NOT NULL DEFAULT '';
