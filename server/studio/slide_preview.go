package studio

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"motcua/server/store"
	"motcua/slides"
)

// The live preview: the kiosk itself, built to WebAssembly, in a frame beside
// the form. The frame has a policy of its own, the only one that lets a page
// compile: it can be shown by the studio's pages alone and loads only what this
// server serves. (The sandbox attribute would add nothing: with scripts and the
// own origin, which the browser's cache of the compiled kiosk goes by, a frame
// can leave it.)
const previewPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

const kioskModule = "kiosk.wasm"

// moduleVersion names the built-in kiosk; "" where `make assets` has built none.
var moduleVersion = sync.OnceValue(func() string {
	b, err := fs.ReadFile(webFiles, "web/dist/"+kioskModule+".gz")
	if err != nil {
		return ""
	}
	return slides.Sum(b)[:12]
})

// previewPage is the frame that the kiosk runs in. Where it can not run (no WebGL)
// it says so to the page around it, which shows the drawn pictures instead.
func (s *server) previewPage(q *request) error {
	q.w.Header().Set("Content-Security-Policy", previewPolicy)
	q.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	q.wrote = true
	_, err := fmt.Fprintf(q.w, `<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<title>Một Cửa</title>
<link rel="stylesheet" href="/studio/assets/preview.css?v=%[1]s">
<script src="/studio/assets/wasm_exec.js?v=%[1]s" defer></script>
<script src="/studio/assets/preview.js?v=%[1]s" data-module="/studio/assets/%[2]s?v=%[3]s" defer></script>
</head>
<body></body>
</html>
`, build, kioskModule, moduleVersion())
	return err
}

// module serves the built-in kiosk as it is kept: packed.
func (s *server) module(q *request) error {
	version := moduleVersion()
	if version == "" {
		return slides.E(slides.NotFound, "studio.module", q.words.say("vi", "preview.missing"), q.words.say("en", "preview.missing"), nil)
	}
	h := q.w.Header()
	h.Set("Content-Type", "application/wasm")
	h.Set("Content-Encoding", "gzip")
	h.Set("ETag", `"`+version+`"`)
	h.Set("Cache-Control", "public, max-age=3600")
	if q.r.URL.Query().Get("v") == version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if q.r.Header.Get("If-None-Match") == `"`+version+`"` {
		q.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	b, err := fs.ReadFile(webFiles, "web/dist/"+kioskModule+".gz")
	if err != nil {
		return err
	}
	q.wrote = true
	_, err = q.w.Write(b)
	return err
}

// shown is what a preview needs to show a draft: a manifest that has only it,
// the blobs that are texts, and the names of those that the frame fetches.
type shown struct {
	Manifest string            `json:"manifest"`
	Blobs    map[string]string `json:"blobs"`
	Files    []string          `json:"files"`
}

// mostNews is how many of the live news lines a preview shows below a slide.
const mostNews = 3

// manifestOf compiles a manifest that shows one slide for as long as it is
// looked at, whatever its validity, with the news and the questionnaire of the
// house, so that its frame is a kiosk's.
func (q *request) manifestOf(sl *slides.Slide, f *frame) (shown, error) {
	ctx := q.r.Context()
	m := slides.Manifest{
		Class: "preview", Epoch: "preview", Revision: 1, Issued: 1, Flip: slides.AtOnce, Zone: q.zone.String(), Languages: textLanguages(f.look.Languages),
		Unit: f.Unit, UnitShort: f.UnitShort, Office: f.Office, UnitID: "preview", Hosts: f.look.Hosts,
	}
	m.Format.Major = slides.FormatMajor
	out := shown{Blobs: map[string]string{}, Files: []string{}}
	keep := func(v any) (string, error) {
		b, err := json.Marshal(v)
		if err != nil {
			return "", err
		}
		sha := slides.Sum(b)
		if _, twice := out.Blobs[sha]; !twice {
			m.Blobs = append(m.Blobs, slides.BlobRef{SHA: sha, Size: int64(len(b)), Type: "application/json"})
		}
		out.Blobs[sha] = string(b)
		return sha, nil
	}
	var err error
	if m.Theme, err = json.Marshal(f.Theme); err != nil {
		return out, err
	}
	one := presentable(sl)
	sha, err := keep(one)
	if err != nil {
		return out, err
	}
	if one.Kind == "ticker" {
		m.Ticker = []slides.SlideRef{{ID: one.ID, Blob: sha}}
	} else {
		m.Slides = []slides.SlideRef{{ID: one.ID, Blob: sha}}
		m.Playlists = []slides.Playlist{{ID: "preview", Name: "preview", Items: []slides.Item{{Slide: one.ID, Dwell: slides.MaxDwell.Milliseconds()}}}}
		m.Schedule = []slides.Entry{{ID: "preview", Playlist: "preview", Zone: m.Zone, Start: "2020-01-01T00:00", Priority: slides.Normal}}
		news, err := q.Store.Slides(ctx, store.SlideFilter{Kind: "ticker", State: store.Live, Limit: mostNews})
		if err != nil {
			return out, err
		}
		for _, n := range news {
			if sha, err = keep(n.Slide); err != nil {
				return out, err
			}
			m.Ticker = append(m.Ticker, slides.SlideRef{ID: n.ID, Blob: sha})
		}
	}
	forms, err := q.Store.Surveys(ctx)
	if err != nil {
		return out, err
	}
	if len(forms) > 0 {
		if sha, err = keep(forms[0].Questionnaire); err != nil {
			return out, err
		}
		m.Surveys = []slides.SurveyRef{{ID: forms[0].ID, Blob: sha}}
	}
	file := func(sha string) error {
		ref, err := q.Store.BlobRef(ctx, sha)
		if slides.KindOf(err) == slides.NotFound {
			return nil // the checks tell it
		}
		if err == nil && strings.HasPrefix(ref.Type, "image/") {
			m.Blobs, out.Files = append(m.Blobs, ref), append(out.Files, sha)
		}
		return err
	}
	if f.Logo != "" {
		if err := file(f.Logo); err != nil {
			return out, err
		}
		if len(out.Files) > 0 {
			m.Logo = f.Logo
		}
	}
	for _, sha := range slideFiles(one) {
		if err := file(sha); err != nil {
			return out, err
		}
	}
	b, err := slides.EncodeManifest(&m)
	out.Manifest = string(b)
	return out, err
}

// presentable is a draft with what no kiosk would take put right, so that it can
// be seen while it is being written; the checks and the form tell what is wrong.
func presentable(sl *slides.Slide) *slides.Slide {
	one := *sl
	one.From, one.Until, one.Dwell = 0, 0, 0
	if _, ok := slides.TopicNames[one.Topic]; !ok {
		one.Topic = "T04"
	}
	if !slides.ValidID(one.ID) {
		one.ID = "draft"
	}
	one.Audience = slides.Public
	var p slides.Problems
	if one.Title.Check(&p, "title", true, slides.MaxTitle); len(p.List) > 0 {
		one.Title = slides.Vi("–")
	}
	p = slides.Problems{}
	if one.Check(&p); len(p.List) > 0 { // its document or its source
		one.Document, one.Source = nil, ""
	}
	return &one
}
