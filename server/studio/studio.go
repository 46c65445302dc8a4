// Package studio is the staff's pages: slides, playlists, schedule, kiosks,
// statistics. Pages are rendered on the server and work without scripts; the
// one small script only refreshes what lives. Everything it knows comes from
// the store: it never speaks to the hub, so that several servers over one
// database need nothing more.
package studio

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"motcua/server/auth"
	"motcua/server/media"
	"motcua/server/reckon"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/review"
	"motcua/slides/scene"
)

// UploadsPath is where uploads in pieces are served; the media room is made with it.
const UploadsPath = "/studio/uploads/"

// Deps is what the studio needs. Store and Guard are required.
type Deps struct {
	Store  *store.Store
	Guard  *auth.Guard
	Log    *slog.Logger // default: discards
	Faces  *scene.Faces // default: the embedded fonts
	Zone   string       // IANA zone for times without a unit's; default Asia/Ho_Chi_Minh
	Public string       // scheme and host of the studio for browsers; "": as each request names it
	Media  *media.Room  // takes uploads, run by the composition root; default: one that nobody runs
	Mails  bool         // the server is set up to send mail
	OIDC   *auth.OIDC   // single sign-on; nil without
	Secure bool         // TLS ends at a proxy in front: cookies are Secure, though requests come plain
	// ClientAddr tells from where a request comes; default RemoteAddr. Behind a
	// proxy only the composition root knows which header to believe.
	ClientAddr func(*http.Request) string
}

// server holds the handlers. Static after New but for its caches, which guard
// themselves.
type server struct {
	Deps
	zone   *time.Location
	pages  pages
	words  words
	thumbs *thumbs
	works  works

	programs *reckon.Programs
	reviews  reviews
	faces    func() (*scene.Faces, error)
	routes   []route
	mux      *http.ServeMux
	cross    *http.CrossOriginProtection
}

// Studio serves the staff's pages. It is safe for concurrent use.
type Studio struct{ s *server }

func (st *Studio) ServeHTTP(w http.ResponseWriter, r *http.Request) { st.s.serve(w, r) }

// Review says what a citizen of a unit would stumble over in a slide, for who
// publishes without these pages.
func (st *Studio) Review(ctx context.Context, sl *slides.Slide, unit string) ([]review.Finding, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return nil, err
	}
	q := &request{server: st.s, r: r, lang: languages[0]}
	return q.reviewSlide(ctx, sl, unit)
}

// New makes the studio's handler. It serves /studio/ and sends / there; mount
// it at "/". Kind Invalid: a zone that does not exist.
func New(d Deps) (*Studio, error) {
	const op = "studio.New"
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Zone == "" {
		d.Zone = "Asia/Ho_Chi_Minh"
	}
	if d.ClientAddr == nil {
		d.ClientAddr = func(r *http.Request) string { return r.RemoteAddr }
	}
	if d.Media == nil {
		var err error
		if d.Media, err = media.New(d.Store, d.Log, UploadsPath); err != nil {
			return nil, err
		}
	}
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		return nil, slides.E(slides.Invalid, op, "Múi giờ không có: "+d.Zone, "There is no such time zone: "+d.Zone, err)
	}
	s := &server{Deps: d, zone: zone, thumbs: newThumbs(), programs: reckon.New(d.Store), cross: http.NewCrossOriginProtection()}
	s.faces = sync.OnceValues(func() (*scene.Faces, error) {
		if d.Faces != nil {
			return d.Faces, nil
		}
		ttf, err := fonts.All()
		if err != nil {
			return nil, err
		}
		by := map[scene.Weight][]byte{}
		for w, b := range ttf {
			by[scene.Weight(w)] = b
		}
		return scene.NewFaces(by)
	})
	if s.words, err = loadWords(); err != nil {
		return nil, slides.E(slides.Broken, op, "Không đọc được lời của trang quản trị.", "The studio's words can't be read.", err)
	}
	if s.pages, err = loadPages(); err != nil {
		return nil, slides.E(slides.Broken, op, "Không đọc được mẫu trang quản trị.", "The studio's templates can't be read.", err)
	}
	if m, _ := fs.Glob(webFiles, "web/dist/*.woff2"); len(m) == 0 {
		d.Log.Warn("the studio's fonts are not built in; pages use the system's: run `make assets` and build again")
	}
	s.routes = s.table()
	s.mux = http.NewServeMux()
	for _, r := range s.routes {
		s.mux.Handle(r.method+" "+r.path, s.handler(r))
	}
	return &Studio{s}, nil
}
