package main

import (
	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/scene"
)

// embedded parses the fonts of this build; they are what every kiosk starts with.
func (f *faceBook) embedded() (*scene.Faces, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.embeddedLocked()
}

func (f *faceBook) embeddedLocked() (*scene.Faces, error) {
	if f.own != nil {
		return f.own, nil
	}
	all, err := fonts.All()
	if err != nil {
		return nil, err
	}
	ttf := map[scene.Weight][]byte{}
	f.ownSums = map[scene.Weight]string{}
	for w, b := range all {
		ttf[scene.Weight(w)] = b
		f.ownSums[scene.Weight(w)] = slides.Sum(b)
	}
	f.own, err = scene.NewFaces(ttf)
	return f.own, err
}

// learn makes the faces of a content ready. Fonts that can't be read are
// replaced by the embedded ones; the error says why.
func (f *faceBook) learn(c *player.Content) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	own, err := f.embeddedLocked()
	faces := own
	same := true
	for _, r := range c.Manifest.Fonts {
		same = same && f.ownSums[scene.Weight(r.Weight)] == r.Blob
	}
	if !same || own == nil && len(c.Manifest.Fonts) > 0 {
		var theirs *scene.Faces
		if theirs, err = f.read(c.Manifest.Fonts); err == nil {
			faces = theirs
		}
	}
	if f.contents == nil {
		f.contents = map[string]*scene.Faces{}
	}
	if f.contents[c.ID] == nil {
		if f.order = append(f.order, c.ID); len(f.order) > 2 {
			delete(f.contents, f.order[0])
			f.order = f.order[1:]
		}
	}
	f.contents[c.ID] = faces
	return err
}

func (f *faceBook) read(refs []slides.FontRef) (*scene.Faces, error) {
	ttf := map[scene.Weight][]byte{}
	for _, r := range refs {
		b, err := f.blob(r.Blob)
		if err != nil {
			return nil, err
		}
		ttf[scene.Weight(r.Weight)] = b
	}
	return scene.NewFaces(ttf)
}

// of is the faces of a content that was learnt, else the embedded ones.
func (f *faceBook) of(content string) *scene.Faces {
	f.mu.Lock()
	defer f.mu.Unlock()
	if faces := f.contents[content]; faces != nil {
		return faces
	}
	return f.own
}
