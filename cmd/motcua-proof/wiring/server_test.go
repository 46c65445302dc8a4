package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"motcua/server/compile"
	"motcua/server/hub"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/survey"
)

var staff = store.Actor{User: "u-test", Name: "Người thử"}

// server is a real store and hub behind real HTTP.
type server struct {
	t     testing.TB
	dir   string
	store *store.Store
	hub   *hub.Hub
	reg   *prometheus.Registry
	stop  func() // gracefully; once is enough
}

// startServer serves dir on lis until the test ends or stop is called.
func startServer(t testing.TB, dir string, lis net.Listener, change ...func(*hub.Options)) *server {
	t.Helper()
	return startServerAt(t, dir, lis, time.Now, change...)
}

// startServerAt is startServer with another clock.
func startServerAt(t testing.TB, dir string, lis net.Listener, now func() time.Time, change ...func(*hub.Options)) *server {
	t.Helper()
	st, err := store.Open(dir, store.Options{Now: now, Suspect: store.SuspectRules{Rapid: -1, Burst: -1}})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, dir: dir, store: st, reg: prometheus.NewRegistry()}
	o := hub.Options{Metrics: hub.NewMetrics(s.reg)}
	for _, f := range change {
		f(&o)
	}
	s.hub = hub.New(st, o)
	mux := http.NewServeMux()
	s.hub.Register(mux)
	web := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	ctx, cancel := context.WithCancel(context.Background())
	storeCtx, stopStore := context.WithCancel(context.Background())
	hubEnded, storeEnded, webEnded := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	go func() { hubEnded <- s.hub.Run(ctx) }()
	go func() { storeEnded <- st.Run(storeCtx) }()
	go func() { webEnded <- web.Serve(lis) }()
	stopped := false
	s.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-hubEnded; err != nil {
			t.Errorf("hub: %v", err)
		}
		if err := web.Close(); err != nil {
			t.Errorf("closing the web server: %v", err)
		}
		if err := <-webEnded; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("web server: %v", err)
		}
		stopStore()
		if err := <-storeEnded; err != nil {
			t.Errorf("store: %v", err)
		}
		if err := st.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
		if fake() {
			time.Sleep(time.Second) // the web server lingers on refused bodies
		}
	}
	t.Cleanup(s.stop)
	return s
}

// count reads a metric; labels are "name=value".
func (s *server) count(name string, labels ...string) float64 {
	s.t.Helper()
	families, err := s.reg.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
	metrics:
		for _, m := range f.GetMetric() {
			for _, want := range labels {
				found := false
				for _, l := range m.GetLabel() {
					found = found || l.GetName()+"="+l.GetValue() == want
				}
				if !found {
					continue metrics
				}
			}
			if m.GetCounter() != nil {
				return m.GetCounter().GetValue()
			}
			return m.GetGauge().GetValue()
		}
	}
	return 0
}

var quick = &survey.Questionnaire{
	Format: 1, ID: "nhanh", Version: 1, Title: slides.Vi("Đánh giá nhanh"), Ask: slides.Vi("Bạn có hài lòng không?"),
	Questions: []survey.Question{{ID: "chung", Factor: survey.Overall, Text: slides.Vi("Sự phục vụ"), NA: true}}, OnIdle: survey.Drop, Method: survey.MethodPooled,
}

// furnish gives the server an office with two desks' units and some live slides.
func (s *server) furnish() {
	s.t.Helper()
	_, err := s.store.ImportStarter(context.Background(), staff, store.Starter{
		Units: []store.Unit{
			{ID: "tinh", Name: slides.Vi("Tỉnh mẫu")},
			{ID: "mot-cua", Parent: "tinh", Name: slides.Vi("Bộ phận Một cửa")},
			{ID: "so-khac", Parent: "tinh", Name: slides.Vi("Sở khác")},
		},
		Slides:    []store.StarterSlide{{Slide: slogan("s1", "Vì nhân dân phục vụ")}, {Slide: slogan("s2", "Kỷ cương, trách nhiệm")}},
		Playlists: []slides.Playlist{{ID: "chung", Name: "Danh sách chung", Items: []slides.Item{{Slide: "s1"}, {Slide: "s2"}}}},
		Entries: []compile.Entry{{
			Entry: slides.Entry{ID: "e1", Playlist: "chung", Zone: "Asia/Ho_Chi_Minh", Start: "2000-01-01T00:00", Priority: slides.Normal},
			Where: compile.Where{All: true},
		}},
		Surveys: []*survey.Questionnaire{quick},
		Look:    &compile.Look{Languages: []string{"vi"}, Hosts: []string{"dichvucong.gov.vn"}, Surveys: []string{"nhanh"}},
		Unit:    "mot-cua", Publish: true,
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func slogan(id, text string) *slides.Slide {
	b, err := json.Marshal(map[string]slides.Text{"text": slides.Vi(text)})
	if err != nil {
		panic(err) // strings always encode
	}
	return &slides.Slide{ID: id, Kind: "slogan", Topic: "T01", Audience: slides.Public, Title: slides.Vi(text), Body: b}
}

// publish changes slide s1's text and publishes; now flips at once.
func (s *server) publish(text string, now bool) store.Publication {
	s.t.Helper()
	ctx := context.Background()
	old, err := s.store.Slide(ctx, "s1")
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.store.SaveSlide(ctx, staff, "mot-cua", slogan("s1", text), old.Version); err != nil {
		s.t.Fatal(err)
	}
	p, err := s.store.Publish(ctx, staff, store.PublishRequest{Now: now})
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// approve takes a code as staff would; again is the kiosk to pair again, or "".
func (s *server) approve(code, again, unit string) store.Kiosk {
	s.t.Helper()
	k, err := s.store.ApprovePairing(context.Background(), staff, store.Approval{
		Code: strings.ToLower(code), Kiosk: again, KioskEdit: store.KioskEdit{Name: "Ki-ốt sảnh", Unit: unit, Counter: "quay-1"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}

func (s *server) kiosk(id string) store.KioskStatus {
	s.t.Helper()
	k, err := s.store.KioskStatus(context.Background(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}
