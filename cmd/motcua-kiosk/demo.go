package main

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	_ "time/tzdata" // kiosks may have no zone files, browsers have none

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/fonts"
	"motcua/slides/scene"
	"motcua/slides/starter"
)

// demoSpace is how many bytes a vault in memory may take.
const demoSpace = 256 << 20

// demoVault is a vault in memory with the starter content, as if it had been
// paired and published to. form names the questionnaire; only, if not "", the
// one slide to show.
func demoVault(form, only string) (*vault.Vault, error) {
	v, err := vault.Open(vault.NewMemory(demoSpace), vault.Options{})
	if err != nil {
		return nil, err
	}
	nobody := make(ed25519.PublicKey, ed25519.PublicKeySize) // there is no server whose word would count
	return v, fill(v, nobody, form, only)
}

// fill pairs a fresh vault with a server and makes the starter content its own.
func fill(v *vault.Vault, server ed25519.PublicKey, form, only string) error {
	if err := v.Pair(vault.Identity{Kiosk: "demo", Name: "Chiếu thử", Server: server, Chain: chain.ID{1}, Class: "demo", Epoch: "demo"}); err != nil {
		return err
	}
	manifest, blobs, err := demoContent(form, only)
	if err != nil {
		return err
	}
	if _, err := v.Manifests().SavePending(manifest, make([]byte, ed25519.SignatureSize), "demo"); err != nil {
		return err
	}
	for sha, b := range blobs {
		if err := v.Blobs().Put(sha, b); err != nil {
			return err
		}
	}
	_, err = v.Manifests().Flip()
	return err
}

// demoContent compiles the starter content into a manifest.
func demoContent(form, only string) ([]byte, map[string][]byte, error) {
	c, err := starter.Load()
	if err != nil {
		return nil, nil, err
	}
	blobs := map[string][]byte{}
	m := slides.Manifest{
		Class: "demo", Epoch: "demo", Revision: 1, Issued: 1, Flip: slides.AtOnce, Zone: c.Office.Zone, Languages: c.Office.Languages,
		Unit: c.Office.Unit, UnitShort: c.Office.UnitShort, Office: c.Office.Office, UnitID: c.Office.UnitID,
		Playlists: c.Playlists, Schedule: c.Schedule, Hosts: c.Office.Hosts,
	}
	m.Format.Major = slides.FormatMajor
	if only != "" {
		m.Playlists = []slides.Playlist{{ID: "demo", Name: "demo", Items: []slides.Item{{Slide: only, Dwell: slides.MaxDwell.Milliseconds()}}}}
		m.Schedule = []slides.Entry{{ID: "demo", Playlist: "demo", Zone: c.Office.Zone, Start: "2020-01-01T00:00", Priority: slides.Normal}}
	}
	keep := func(b []byte, kind string) string {
		sha := slides.Sum(b)
		if blobs[sha] == nil {
			m.Blobs = append(m.Blobs, slides.BlobRef{SHA: sha, Size: int64(len(b)), Type: kind})
		}
		blobs[sha] = b
		return sha
	}
	if m.Theme, err = json.Marshal(scene.DefaultTheme()); err != nil {
		return nil, nil, err
	}
	news := map[string]bool{}
	for _, id := range c.Ticker {
		news[id] = true
	}
	for i := range c.Slides {
		b, err := json.Marshal(&c.Slides[i])
		if err != nil {
			return nil, nil, err
		}
		ref := slides.SlideRef{ID: c.Slides[i].ID, Blob: keep(b, "application/json")}
		if news[ref.ID] {
			m.Ticker = append(m.Ticker, ref)
		} else {
			m.Slides = append(m.Slides, ref)
		}
	}
	f := c.Form(form)
	if f == nil {
		return nil, nil, slides.E(slides.Invalid, "motcua-kiosk", fmt.Sprintf("Không có phiếu khảo sát %q; dùng nhanh, rutgon hoặc daydu.", form),
			fmt.Sprintf("There is no questionnaire %q; use nhanh, rutgon or daydu.", form), nil)
	}
	m.Surveys = []slides.SurveyRef{{ID: form, Blob: keep(f, "application/json")}}
	for _, other := range c.Forms {
		if other.ID != form { // for a terminal that asks by the hour
			m.Surveys = append(m.Surveys, slides.SurveyRef{ID: other.ID, Blob: keep(other.Bytes, "application/json")})
		}
	}
	m.Catalogue = keep(c.Catalogue, "application/json")
	if all, err := fonts.All(); err == nil {
		for _, w := range fonts.Weights {
			m.Fonts = append(m.Fonts, slides.FontRef{Weight: w, Blob: keep(all[w], fonts.Type)})
		}
	}
	b, err := slides.EncodeManifest(&m)
	return b, blobs, err
}
