-- Proof of play: sums by kiosk, slide and local day of the kiosk's unit, so that
-- a page costs what it shows and not what was played. The trigger counts each
-- play once, in the transaction that takes it: a play that comes again is no
-- insert. Plays from before are dealt to days of UTC+7.
ALTER TABLE plays ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
UPDATE plays SET day = (begun + 25200000) / 86400000;
CREATE TABLE play_days (
  day     INTEGER NOT NULL, -- since 1970-01-01
  kiosk   INTEGER NOT NULL,
  slide   INTEGER NOT NULL,
  count   INTEGER NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (day, kiosk, slide)
) STRICT, WITHOUT ROWID;
INSERT INTO play_days
  SELECT day, kiosk, slide, sum(count), sum(CASE WHEN seconds > 0 THEN seconds ELSE (ended - begun) / 1000.0 END)
  FROM plays WHERE count > 0 GROUP BY day, kiosk, slide;
CREATE TRIGGER plays_sum AFTER INSERT ON plays WHEN NEW.count > 0 BEGIN
  INSERT INTO play_days VALUES (NEW.day, NEW.kiosk, NEW.slide, NEW.count, CASE WHEN NEW.seconds > 0 THEN NEW.seconds ELSE (NEW.ended - NEW.begun) / 1000.0 END)
    ON CONFLICT DO UPDATE SET count = count + excluded.count, seconds = seconds + excluded.seconds;
END;
