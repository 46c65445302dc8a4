package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"motcua/kiosk/vault"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// terminal is the real kiosk program on a display.
type terminal struct {
	*process
	d    *display
	logs *os.File
}

// cached makes a kiosk's data folder as it is after a while of service: paired,
// with an active manifest and all its blobs. change edits what is published.
func (p *proof) cached(ctx context.Context, name string, change func(*store.Starter)) (dir, server string, s *seed, err error) {
	home, err := p.folder(name)
	if err != nil {
		return "", "", nil, err
	}
	dir, server = filepath.Join(home, "kiosk"), filepath.Join(home, "server")
	s, err = fillWith(ctx, server, 0, change, func(ctx context.Context, st *store.Store, s *seed) error {
		v, err := vault.OpenFolder(dir, vault.Options{})
		if err != nil {
			return err
		}
		k, err := pairVault(ctx, st, v, s, "Ki-ốt đo")
		if err == nil {
			s.kiosks = append(s.kiosks, k)
			err = cache(ctx, st, v, k)
		}
		if cerr := v.Close(); err == nil {
			err = cerr
		}
		return err
	})
	return dir, server, s, err
}

// cache puts the class's newest manifest and its blobs into a vault, as the link does.
func cache(ctx context.Context, st *store.Store, v *vault.Vault, k paired) error {
	m, err := st.Manifest(ctx, k.class)
	if err != nil {
		return err
	}
	if _, err := v.Manifests().SavePending(m.Bytes, wire.Sign(st.ServerKey(), wire.ContextManifest, m.Bytes), k.epoch); err != nil {
		return err
	}
	parsed, err := slides.ParseManifest(m.Bytes)
	if err != nil {
		return err
	}
	for _, ref := range parsed.Blobs {
		b, err := st.Blob(ctx, ref.SHA)
		if err != nil {
			return err
		}
		data, err := io.ReadAll(b)
		b.Close()
		if err == nil {
			err = v.Blobs().Put(ref.SHA, data)
		}
		if err != nil {
			return err
		}
	}
	_, err = v.Manifests().Flip()
	return err
}

// startKiosk starts the kiosk program; its server may be away.
func (p *proof) startKiosk(d *display, dir, server string, args ...string) (*terminal, error) {
	logs, err := os.OpenFile(dir+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	proc, err := start(logs, d.env(), p.kiosk, append([]string{"-server", server, "-data", dir}, args...)...)
	if err != nil {
		logs.Close()
		return nil, err
	}
	return &terminal{proc, d, logs}, nil
}

func (t *terminal) end() {
	t.kill()
	t.logs.Close()
}

// nobody is a server that is not there: a kiosk must do without.
const nobody = "http://127.0.0.1:9"

// still leaves one slogan for ten minutes, with or without the news lines.
func still(news bool) func(*store.Starter) {
	return func(in *store.Starter) {
		sl, err := sloganOnScreens()
		if err != nil {
			return // the starter's own playlists then; the row says what it saw
		}
		keep := in.Slides[:0]
		for _, s := range in.Slides {
			if s.Slide.ID == sl.ID || s.Slide.Kind == "ticker" && news {
				keep = append(keep, s)
			}
		}
		in.Slides = keep
		in.Playlists = []slides.Playlist{{ID: "mot-trang", Name: "Một trang", Items: []slides.Item{{Slide: sl.ID, Dwell: slides.MaxDwell.Milliseconds()}}}}
		in.Entries = in.Entries[:1]
		in.Entries[0].Playlist = "mot-trang"
	}
}

// quick shows every slide for the shortest time there is.
func quick(in *store.Starter) {
	for i := range in.Playlists {
		for k := range in.Playlists[i].Items {
			in.Playlists[i].Items[k].Dwell = slides.MinDwell.Milliseconds()
		}
	}
}
