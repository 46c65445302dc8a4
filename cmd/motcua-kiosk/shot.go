//go:build !js

package main

import (
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"time"
)

// keepShots writes the screen to a file whenever it has changed, at most once a
// second. Readers never see half a picture: it is renamed into place.
func (k *Kiosk) keepShots(ctx context.Context, file string) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	last, failed := int64(-1), false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		frames := k.screen.Stats().Frames
		if frames == last {
			continue
		}
		wait, cancel := context.WithTimeout(ctx, 5*time.Second)
		img, err := k.Screenshot(wait)
		cancel()
		if err == nil {
			err = writePNG(file, img)
		}
		switch {
		case err == nil:
			last, failed = frames, false
		case ctx.Err() == nil && !failed:
			failed = true
			k.Fault("shot", err.Error())
		}
	}
}

func writePNG(file string, img image.Image) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".shot-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is nothing to remove
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(f, img); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
