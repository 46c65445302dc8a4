-- How staff have set up a kiosk (slides.Terminal, JSON).
ALTER TABLE kiosks ADD COLUMN terminal TEXT NOT NULL DEFAULT '{}';
