package studio

import (
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"motcua/slides"
)

// The assets: what is written here, and what `make assets` fetches into dist.
// dist always holds README.md, so that a plain clone compiles.
//
//go:embed web/*.css web/*.js web/*.svg web/dist
var webFiles embed.FS

// build names this build's assets, so that a new build is fetched at once.
var build = func() string {
	var all []byte
	for _, glob := range []string{"web/*.css", "web/*.js", "web/dist/*.js"} {
		files, err := fs.Glob(webFiles, glob)
		if err != nil {
			return "0"
		}
		for _, f := range files {
			b, err := webFiles.ReadFile(f)
			if err != nil {
				return "0"
			}
			all = append(all, b...)
		}
	}
	return slides.Sum(all)[:12]
}()

// Build is what pages append to the assets' addresses.
func (v *view) Build() string { return build }

// asset serves one file. They are the same for everybody and hold no secret.
func (s *server) asset(q *request) error {
	name := q.r.PathValue("file")
	if name == kioskModule {
		return s.module(q)
	}
	b, err := fs.ReadFile(webFiles, "web/"+name)
	if err != nil || path.Ext(name) == ".json" {
		b, err = fs.ReadFile(webFiles, "web/dist/"+name)
	}
	if err != nil || path.Ext(name) == ".md" || strings.HasPrefix(name, ".") {
		return slides.E(slides.NotFound, "studio.asset", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), err)
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".woff2" {
		kind = "font/woff2"
	}
	h := q.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=3600")
	if q.r.URL.Query().Get("v") == build || path.Ext(name) == ".woff2" {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	etag := `"` + slides.Sum(b)[:16] + `"`
	h.Set("ETag", etag)
	if q.r.Header.Get("If-None-Match") == etag {
		q.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	q.wrote = true
	_, err = q.w.Write(b)
	return err
}
