package studio

import (
	"bytes"
	"container/list"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"

	"motcua/server/compile"
	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// shape is a size in which a slide is pictured: composed for a screen of W×H
// and drawn wide pixels wide.
type shape struct{ W, H, Wide int }

var shapes = map[string]shape{
	"small":      {1920, 1080, 480}, // lists
	"small-tall": {1080, 1920, 270},
	"landscape":  {1920, 1080, 1920}, // as citizens see it
	"portrait":   {1080, 1920, 1080},
}

// thumbBytes bounds the cache of pictures: about 1,500 thumbnails.
const thumbBytes = 48 << 20

// thumbs caches pictures of slides by what they show: slide, look and shape.
// It draws at most two at once, so that a page of fifty thumbnails leaves a
// processor to the kiosks.
type thumbs struct {
	mu    sync.Mutex
	byKey map[string]*list.Element
	used  *list.List // of *thumb, newest first
	bytes int
	once  singleflight.Group
	slots chan struct{}
}

type thumb struct {
	key string
	png []byte
}

func newThumbs() *thumbs {
	return &thumbs{byKey: map[string]*list.Element{}, used: list.New(), slots: make(chan struct{}, 2)}
}

func (t *thumbs) get(key string) ([]byte, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.byKey[key]
	if !ok {
		return nil, false
	}
	t.used.MoveToFront(e)
	return e.Value.(*thumb).png, true
}

func (t *thumbs) put(key string, b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.byKey[key]; ok {
		return
	}
	t.byKey[key] = t.used.PushFront(&thumb{key, b})
	for t.bytes += len(b); t.bytes > thumbBytes && t.used.Len() > 1; {
		old := t.used.Remove(t.used.Back()).(*thumb)
		delete(t.byKey, old.key)
		t.bytes -= len(old.png)
	}
}

// picture is the PNG of a slide in a shape.
func (q *request) picture(ctx context.Context, sl *slides.Slide, f *frame, sh shape) ([]byte, *scene.Scene, error) {
	faces, err := q.faces()
	if err != nil {
		return nil, nil, err
	}
	select {
	case q.thumbs.slots <- struct{}{}:
		defer func() { <-q.thumbs.slots }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	sc, err := kinds.Scene(sl, f.Frame, faces, sh.W, sh.H)
	if err != nil {
		return nil, nil, err
	}
	img := raster.Thumbnail(sc, sh.Wide, q.images(ctx))
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&b, img); err != nil {
		return nil, nil, err
	}
	return b.Bytes(), sc, nil
}

// images reads a slide's pictures from the store.
func (q *request) images(ctx context.Context) raster.Images {
	return func(sha string) (image.Image, bool) {
		b, err := q.Store.Blob(ctx, sha)
		if err != nil {
			return nil, false
		}
		defer b.Close()
		data, err := io.ReadAll(io.LimitReader(b, raster.MaxPictureBytes+1))
		if err != nil {
			return nil, false
		}
		img, err := raster.DecodePicture(data)
		return img, err == nil
	}
}

// frame is what surrounds a slide in a picture, and its name for caches.
type frame struct {
	scene.Frame
	sum  string
	look compile.Look
}

// frame is that of the unit that owns a slide ("": the first unit).
func (q *request) frame(unit string) (*frame, error) {
	look, _, err := q.Store.Look(q.r.Context())
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return nil, err
	}
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return nil, err
	}
	f := &frame{Frame: scene.Frame{Theme: scene.DefaultTheme(), Logo: look.Logo, Lang: "vi", Scale: 1, Hint: true, Ticker: true}, look: look}
	if len(look.Theme) > 0 {
		if err := json.Unmarshal(look.Theme, &f.Theme); err != nil {
			return nil, slides.E(slides.Corrupt, "studio.frame", "Bảng màu của đơn vị không đọc được.", "The unit's colours can't be read.", err)
		}
	}
	for _, u := range units {
		if u.ID == unit || unit == "" {
			f.Unit, f.UnitShort, f.Office = u.Name, u.Short, u.Office
			break
		}
	}
	sum, err := json.Marshal([]any{f.Frame})
	if err != nil {
		return nil, err
	}
	f.sum = slides.Sum(sum)[:16]
	return f, nil
}

// slidePicture serves a saved draft's picture. With the draft's hash in the
// address it may be kept for good.
func (s *server) slidePicture(q *request) error {
	row, err := s.Store.Slide(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	if n := number(q.r.URL.Query().Get("of")); n > 0 && n != row.Version { // an older version
		if row.Slide, err = s.Store.SlideVersion(q.r.Context(), row.ID, n); err != nil {
			return err
		}
		b, err := json.Marshal(row.Slide)
		if err != nil {
			return err
		}
		row.SHA = slides.Sum(b)
	}
	return q.sendPicture(row.Slide, row.SHA, row.Unit)
}

// sendPicture serves the picture of a slide of a unit in the shape that the
// address names; sha is that of the slide's bytes.
func (q *request) sendPicture(sl *slides.Slide, sha, unit string) error {
	sh, ok := shapes[strings.TrimSuffix(q.r.PathValue("shape"), ".png")]
	if !ok {
		return slides.E(slides.NotFound, "studio.sendPicture", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	f, err := q.frame(unit)
	if err != nil {
		return err
	}
	key := sha + "-" + f.sum + "-" + q.r.PathValue("shape")
	etag := `"` + slides.Sum([]byte(key))[:24] + `"`
	h := q.w.Header()
	h.Set("ETag", etag)
	h.Set("Cache-Control", "private, no-cache")
	if q.r.URL.Query().Get("v") == version(sha, f) {
		h.Set("Cache-Control", "private, max-age=604800, immutable")
	}
	if q.r.Header.Get("If-None-Match") == etag {
		q.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	b, ok := q.thumbs.get(key)
	if !ok {
		v, err, _ := q.thumbs.once.Do(key, func() (any, error) {
			// The others who wait for it must not lose it when the first one leaves.
			b, _, err := q.picture(context.WithoutCancel(q.r.Context()), sl, f, sh)
			if err == nil && sh.Wide < sh.W {
				q.thumbs.put(key, b)
			}
			return b, err
		})
		if err != nil {
			h.Del("ETag")
			h.Set("Cache-Control", "no-store")
			return err
		}
		b = v.([]byte)
	}
	h.Set("Content-Type", "image/png")
	q.wrote = true
	_, err = q.w.Write(b)
	return err
}

// version names what a picture of a slide shows.
func version(sha string, f *frame) string { return slides.Sum([]byte(sha + f.sum))[:12] }
