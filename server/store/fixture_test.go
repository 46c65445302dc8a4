package store

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"motcua/server/compile"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/chain"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

var editor = Actor{User: "u-test", Name: "Người thử", Addr: "192.0.2.1"}

// clock is the injected time.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock {
	// 10:00 on a Wednesday in Lạng Sơn.
	return &clock{t: time.Date(2023, 3, 8, 3, 0, 0, 0, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	c.t = c.t.Add(d)
	c.mu.Unlock()
}

func openTest(t testing.TB, dir string, c *clock, change ...func(*Options)) *Store {
	t.Helper()
	o := Options{Now: c.now, Server: "srv-1", Suspect: SuspectRules{Rapid: -1, Burst: -1}}
	for _, f := range change {
		f(&o)
	}
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// running runs the store's Run until the test ends.
func running(t testing.TB, s *Store) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t testing.TB, err error, kind slides.ErrKind) {
	t.Helper()
	if slides.KindOf(err) != kind {
		t.Fatalf("got %v (%s), want kind %s", err, slides.KindOf(err), kind)
	}
	if kind != "" && (slides.Sentence(err, "vi") == "" || slides.Sentence(err, "en") == "") {
		t.Fatalf("%v lacks a sentence", err)
	}
}

func slogan(id, text string) *slides.Slide {
	return &slides.Slide{ID: id, Kind: "slogan", Topic: "T01", Audience: slides.Public, Title: slides.Vi(text), Body: json.RawMessage(`{"text":{"vi":` + toJSON(text) + `}}`)}
}

func quick() *survey.Questionnaire {
	return &survey.Questionnaire{
		Format: 1, ID: "nhanh", Version: 1, Title: slides.Vi("Đánh giá nhanh"), Ask: slides.Vi("Bạn có hài lòng không?"),
		Questions: []survey.Question{{ID: "chung", Factor: survey.Overall, Text: slides.Vi("Sự phục vụ"), NA: true}}, OnIdle: survey.Drop, Method: survey.MethodPooled,
	}
}

func short() *survey.Questionnaire {
	q := quick()
	q.ID, q.Title = "rutgon", slides.Vi("Đánh giá rút gọn")
	q.Questions = nil
	for _, f := range survey.Factors {
		q.Questions = append(q.Questions, survey.Question{ID: "c-" + string(f), Factor: f, Text: slides.Vi("Câu " + string(f)), NA: true})
	}
	// A question on the whole beside the factors: it has its own line and is not in the overall index.
	q.Questions = append(q.Questions, survey.Question{ID: "c-all", Factor: survey.Overall, Text: slides.Vi("Nói chung"), NA: true})
	return q
}

// office fills a store with three levels of units and a little live content.
func office(t testing.TB, s *Store) {
	t.Helper()
	_, err := s.ImportStarter(context.Background(), Actor{}, Starter{
		Units: []Unit{
			{ID: "tinh", Name: slides.Vi("UBND tỉnh Lạng Sơn")},
			{ID: "so", Parent: "tinh", Name: slides.Vi("Sở Lao động – Thương binh và Xã hội"), Office: slides.Vi("Bộ phận Tiếp nhận và Trả kết quả")},
			{ID: "mot-cua", Parent: "so", Name: slides.Vi("Bộ phận Một cửa")},
			{ID: "so-khac", Parent: "tinh", Name: slides.Vi("Sở Nội vụ")},
		},
		Slides:     []StarterSlide{{Slide: slogan("s1", "Cải cách hành chính vì nhân dân phục vụ")}, {Slide: slogan("s2", "Kỷ cương, trách nhiệm, tận tụy")}},
		Playlists:  []slides.Playlist{{ID: "chung", Name: "Danh sách chung", Items: []slides.Item{{Slide: "s1"}, {Slide: "s2"}}}},
		Entries:    []compile.Entry{{Entry: slides.Entry{ID: "e1", Playlist: "chung", Zone: "Asia/Ho_Chi_Minh", Start: "2023-01-01T00:00", Priority: slides.Normal}, Where: compile.Where{All: true}}},
		Surveys:    []*survey.Questionnaire{quick(), short()},
		Procedures: []catalogue.Procedure{{Code: "1.000001", Field: slides.Vi("Người có công"), Name: slides.Vi("Thủ tục thử"), Source: "QĐ 1/QĐ-UBND"}},
		Look:       &compile.Look{Languages: []string{"vi"}, Hosts: []string{"dichvucong.gov.vn"}, Surveys: []string{"nhanh", "rutgon"}},
		Unit:       "so", Publish: true,
	})
	ok(t, err)
}

// device is a paired screen with its chain.
type device struct {
	Kiosk
	key  ed25519.PrivateKey
	seq  uint64
	hash chain.Hash
}

func pair(t testing.TB, s *Store, unit, again string) *device {
	t.Helper()
	ctx := context.Background()
	pub, key, _ := ed25519.GenerateKey(rand.Reader)
	p := must[Pairing](t)(s.CreatePairing(ctx, PairingRequest{Key: pub, Nonce: make([]byte, 32), Previous: again}))
	k := must[Kiosk](t)(s.ApprovePairing(ctx, editor, Approval{Code: p.Code, Kiosk: again, KioskEdit: KioskEdit{Name: "Ki-ốt sảnh", Unit: unit, Counter: "quay-1"}}))
	return &device{Kiosk: k, key: key, hash: chain.Genesis(k.Chain, pub)}
}

// rating is a plausible one at a moment.
func (d *device) rating(at time.Time, form string, levels ...survey.Level) survey.Rating {
	r := survey.Rating{
		Questionnaire: form, Version: 1, Unit: d.Unit, Kiosk: d.ID, Counter: "quay-1", Procedure: "1.000001", Channel: survey.AtKiosk, Lang: "vi",
		Hour: survey.HourOf(slides.At(at), vietnam), Clock: survey.Synced, Took: 4000,
	}
	q := map[string]*survey.Questionnaire{"nhanh": quickForm, "rutgon": shortForm}[form]
	for i, l := range levels {
		if q != nil {
			r.Answers = append(r.Answers, survey.Answer{Question: q.Questions[i].ID, Level: l})
		}
	}
	return r
}

var (
	vietnam, _ = time.LoadLocation("Asia/Ho_Chi_Minh")
	quickForm  = quick()
	shortForm  = short()
)

// record adds to the device's chain.
func (d *device) record(core any, at time.Time) chain.Record {
	b, _ := json.Marshal(core)
	m, _ := json.Marshal(survey.Moment{At: slides.At(at)})
	d.seq++
	r, h := chain.Next(d.Chain, d.seq, d.hash, []chain.Section{chain.NewSection(chain.Core, b), chain.NewSection(chain.Moment, m)})
	d.hash = h
	return r
}

func (d *device) batch(records ...chain.Record) wire.Ratings {
	h := chain.Head{Chain: d.Chain, Seq: d.seq, Hash: d.hash, At: slides.At(time.Date(2023, 3, 8, 3, 0, 0, 0, time.UTC))}
	return wire.Ratings{Chain: d.Chain, Records: records, Head: h.Sign(d.key)}
}
