package citizen

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"motcua/server/opening"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/letter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// desk is the public pages over a real database with the starter content and a
// paired kiosk.
type desk struct {
	t     testing.TB
	store *store.Store
	web   *httptest.Server
	kiosk store.Kiosk
	key   ed25519.PrivateKey
	later atomic.Int64 // ms added to the clock
	log   bytes.Buffer
}

func newDesk(t testing.TB, forms ...string) *desk {
	t.Helper()
	if _, err := fonts.All(); err != nil {
		t.Skip("no fonts: run make assets")
	}
	d := &desk{t: t}
	now := func() time.Time { return time.Now().Add(time.Duration(d.later.Load()) * time.Millisecond) }
	st, err := store.Open(t.TempDir(), store.Options{Now: now, Suspect: store.SuspectRules{Rapid: -1, Burst: -1}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- st.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	d.store = st
	if _, err := opening.Load(ctx, st); err != nil {
		t.Fatal(err)
	}
	d.pair(forms...)
	p, err := New(st, slog.New(slog.NewTextHandler(&d.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Register(mux)
	d.web = httptest.NewServer(mux)
	t.Cleanup(d.web.Close)
	return d
}

// pair makes a kiosk that asks the first of forms.
func (d *desk) pair(forms ...string) {
	d.t.Helper()
	ctx := context.Background()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		d.t.Fatal(err)
	}
	p, err := d.store.CreatePairing(ctx, store.PairingRequest{Key: pub, Nonce: make([]byte, 32)})
	if err != nil {
		d.t.Fatal(err)
	}
	units, err := d.store.Units(ctx, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	e := store.KioskEdit{Name: "Sảnh tầng 1", Unit: units[0].ID, Counter: "quay-2"}
	e.Terminal.Desk = slides.Text{"vi": "Quầy 2 – Lao động, việc làm", "en": "Counter 2 – Labour, jobs"}
	e.Terminal.AtDesk, e.Terminal.Officer = true, &slides.OfficerCard{ID: "cb-1", Name: "Nguyễn Thị Khuyên"}
	for _, f := range forms {
		e.Terminal.Forms = append(e.Terminal.Forms, slides.FormRule{Form: f})
	}
	if d.kiosk, err = d.store.ApprovePairing(ctx, store.Actor{}, store.Approval{Code: p.Code, KioskEdit: e}); err != nil {
		d.t.Fatal(err)
	}
	d.key = key
}

func (d *desk) pass(purpose wire.Purpose) string {
	path := map[wire.Purpose]string{wire.ToRate: wire.PathRate, wire.ToWrite: wire.PathWrite}[purpose]
	return path + wire.NewPass(d.key, purpose, d.store.Now())
}

// shown is a page as a phone has it.
type shown struct {
	t      testing.TB
	path   string
	code   int
	header http.Header
	body   string
}

func (d *desk) read(res *http.Response, err error) shown {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if len(res.Header.Values("Set-Cookie")) > 0 {
		d.t.Errorf("%s sets a cookie", res.Request.URL.Path)
	}
	return shown{d.t, res.Request.URL.RequestURI(), res.StatusCode, res.Header, string(b)}
}

func (d *desk) get(path string) shown {
	d.t.Helper()
	return d.read(http.Get(d.web.URL + path))
}

func (d *desk) post(path string, f url.Values) shown {
	d.t.Helper()
	return d.read(http.PostForm(d.web.URL+path, f))
}

func (s shown) is(code int) shown {
	s.t.Helper()
	if s.code != code {
		s.t.Fatalf("%s: status %d, want %d:\n%s", s.path, s.code, code, s.body)
	}
	return s
}

func (s shown) has(texts ...string) shown {
	s.t.Helper()
	for _, x := range texts {
		if !strings.Contains(s.body, x) {
			s.t.Fatalf("%s lacks %q:\n%s", s.path, x, s.body)
		}
	}
	return s
}

func (s shown) hasNot(texts ...string) shown {
	s.t.Helper()
	for _, x := range texts {
		if strings.Contains(s.body, x) {
			s.t.Fatalf("%s has %q:\n%s", s.path, x, s.body)
		}
	}
	return s
}

var inputs = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// hidden are what the form of a page carries along.
func (s shown) hidden() url.Values {
	f := url.Values{}
	for _, m := range inputs.FindAllStringSubmatch(s.body, -1) {
		f.Add(m[1], m[2])
	}
	return f
}

// ratings are all that are kept.
func (d *desk) ratings() (out []store.RatingRow) {
	d.t.Helper()
	for r, err := range d.store.Ratings(context.Background(), store.RatingFilter{}) {
		if err != nil {
			d.t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func TestRateOnThePhone(t *testing.T) {
	d := newDesk(t)
	to := d.pass(wire.ToRate)
	page := d.get(to).is(200).has("Ông/Bà có hài lòng", "Rất hài lòng", "Quầy 2 – Lao động, việc làm", "English").hasNot("checked", "<script")
	f := page.hidden()
	f.Set("a.chung", "5")
	d.post(to, f).is(200).has("Cảm ơn Ông/Bà!")
	// The back button and a second tap, a reload, the address opened anew.
	d.post(to, f).is(200).has("Cảm ơn Ông/Bà!")
	d.get(to).is(200).has("Cảm ơn Ông/Bà!")
	got := d.ratings()
	if len(got) != 1 {
		t.Fatalf("%d ratings", len(got))
	}
	r := got[0]
	if r.Kiosk != d.kiosk.ID || r.Counter != "quay-2" || !bytes.Contains(r.Sections[0].Body, []byte(`"officer":"cb-1"`)) || r.Unit != d.kiosk.Unit || r.Channel != survey.OnPhone || r.Suspect != "" || r.Lang != "vi" {
		t.Fatalf("%+v", r)
	}
	if err := d.store.CheckRollups(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// A low answer asks for reasons; what is given there is kept with it, numbers masked.
func TestReasonsOnThePhone(t *testing.T) {
	d := newDesk(t)
	to := d.pass(wire.ToRate) + "?l=en"
	f := d.get(to).is(200).has("satisfied").hidden()
	f.Set("a.chung", "1")
	page := d.post(to, f).is(200).has("Please tell us more", "Long wait")
	if len(d.ratings()) != 0 {
		t.Fatal("kept before it was sent")
	}
	f = page.hidden()
	f["tag"] = []string{"cho-lau", "khong-co"}
	f.Set("text", "Gọi tôi 0912 345 678")
	d.post(to, f).is(200).has("Thank you!")
	got := d.ratings()
	if len(got) != 1 || got[0].Lang != "en" {
		t.Fatalf("%+v", got)
	}
	var all string
	for _, s := range got[0].Sections {
		all += string(s.Body)
	}
	if !strings.Contains(all, `"cho-lau"`) || strings.Contains(all, "khong-co") || strings.Contains(all, "345") {
		t.Fatal(all)
	}
}

// The long form with Phần A, left out and filled in.
func TestLongFormOnThePhone(t *testing.T) {
	d := newDesk(t, "daydu")
	q, err := d.store.Survey(context.Background(), "daydu", 0)
	if err != nil {
		t.Fatal(err)
	}
	to := d.pass(wire.ToRate)
	page := d.get(to).is(200).has(fmt.Sprintf("Câu 1/%d", len(q.Questions)), fmt.Sprintf("Câu %d/%d", len(q.Questions), len(q.Questions)))
	f := page.hidden()
	d.post(to, f).is(http.StatusUnprocessableEntity).has("Xin chọn một mức")
	for i, k := range q.Questions {
		f.Set("a."+k.ID, fmt.Sprint(1+i%5))
	}
	page = d.post(to, f).is(200)
	f = page.hidden()
	for _, c := range q.PartA {
		page.has(c.Text.In("vi"))
		f.Set("p."+c.ID, c.Options[0].ID)
	}
	wrong := url.Values{}
	for k, v := range f {
		wrong[k] = v
	}
	wrong.Set("p."+q.PartA[0].ID, "khong-co")
	d.post(to, wrong).is(http.StatusUnprocessableEntity).has(q.PartA[1].Text.In("vi"), "selected")
	d.post(to, f).is(200).has("Cảm ơn")
	got := d.ratings()
	if len(got) != 1 {
		t.Fatalf("%d ratings", len(got))
	}
	// Who told of themselves has no exact moment kept.
	for _, s := range got[0].Sections {
		if s.Kind == 2 {
			t.Error("the moment is kept beside Phần A")
		}
	}
}

func TestPassesThatDoNotServe(t *testing.T) {
	d := newDesk(t)
	to := d.pass(wire.ToRate)
	forged := []byte(to)
	if forged[40]++; forged[40] > 'z' || !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", rune(forged[40])) {
		forged[40] = 'A'
	}
	other := newDesk(t)
	for _, path := range []string{
		"/r/xyz", "/r/", "/g/", "/r/a/b", strings.Replace(to, "/r/", "/g/", 1), string(forged), other.pass(wire.ToRate),
	} {
		d.get(path).is(http.StatusNotFound).has("quét lại mã QR")
		if strings.Count(path, "/") == 2 && path != "/r/" && path != "/g/" {
			d.post(path, url.Values{"a.chung": {"5"}}).is(http.StatusNotFound)
		}
	}
	f := d.get(to).is(200).hidden()
	f.Set("a.chung", "4")
	d.later.Store(wire.PassOpen.Milliseconds() + 1000)
	d.get(to).is(http.StatusUnprocessableEntity).has("đã hết hạn")
	// Who has opened it in time may take longer to fill it in.
	d.post(to, f).is(200).has("Cảm ơn")
	late := d.pass(wire.ToRate)
	d.later.Add(wire.PassSend.Milliseconds() + 1000)
	d.post(late, f).is(http.StatusUnprocessableEntity).has("đã hết hạn")
	if n := len(d.ratings()); n != 1 {
		t.Fatalf("%d ratings", n)
	}
	for _, f := range []url.Values{{}, {"form": {"nhanh"}}, {"form": {"nhanh"}, "version": {"x"}}, {"form": {"khong"}, "version": {"1"}}} {
		if s := d.post(d.pass(wire.ToRate), f); s.code < 400 || s.code >= 500 {
			t.Errorf("%v: %d", f, s.code)
		}
	}
	big := url.Values{"text": {strings.Repeat("x", maxBody)}}
	d.post(d.pass(wire.ToRate), big).is(http.StatusRequestEntityTooLarge)
	if strings.Contains(d.log.String(), "level=ERROR") {
		t.Error(d.log.String())
	}
}

// A pass rates what its kiosk asks, in a version that is or was on the air, and
// nothing else of the database.
func TestAPassRatesWhatItsKioskAsks(t *testing.T) {
	d := newDesk(t)
	ctx := context.Background()
	q, err := d.store.Survey(ctx, "nhanh", 0)
	if err != nil {
		t.Fatal(err)
	}
	// Published, but on no kiosk.
	other := *q
	other.ID, other.Version = "noi-bo", 1
	if _, err := d.store.SaveSurvey(ctx, store.Actor{}, d.kiosk.Unit, &other, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.Publish(ctx, store.Actor{}, store.PublishRequest{Items: []store.ItemRef{{Type: store.SurveyItem, ID: "noi-bo"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.Survey(ctx, "noi-bo", 1); err != nil {
		t.Fatal(err)
	}
	for _, x := range [][2]string{{"noi-bo", "1"}, {"nhanh", fmt.Sprint(q.Version + 1)}, {"nhanh", "0"}, {"nhanh", "-1"}, {"khong", "1"}} {
		f := url.Values{"form": {x[0]}, "version": {x[1]}, "a.chung": {"5"}}
		d.post(d.pass(wire.ToRate), f).is(http.StatusUnprocessableEntity).has("Ki-ốt này không hỏi phiếu khảo sát đó.")
	}
	if n := len(d.ratings()); n != 0 {
		t.Fatalf("%d ratings", n)
	}
	d.post(d.pass(wire.ToRate), url.Values{"form": {"nhanh"}, "version": {fmt.Sprint(q.Version)}, "a.chung": {"5"}}).is(200).has("Cảm ơn")
}

// What is to be put right is told without where it is in the data.
func TestSentencesForCitizensHaveNoPaths(t *testing.T) {
	d := newDesk(t, "daydu")
	q, err := d.store.Survey(context.Background(), "daydu", 0)
	if err != nil {
		t.Fatal(err)
	}
	to := d.pass(wire.ToRate)
	f := d.get(to).is(200).hidden()
	for _, k := range q.Questions {
		f.Set("a."+k.ID, "9")
	}
	f.Set("step", "2")
	const level = "Mức trả lời phải từ 0 (không áp dụng) đến 5."
	if s := d.post(to, f).is(http.StatusUnprocessableEntity).has(level).hasNot("answers.", ".a: "); strings.Count(s.body, level) != 1 {
		t.Errorf("told %d times", strings.Count(s.body, level))
	}
	write := d.pass(wire.ToWrite)
	f = d.get(write).is(200).hidden()
	f.Set("category", "khen")
	d.post(write, f).is(http.StatusUnprocessableEntity).has(`role="alert">Ý kiến còn trống.`).hasNot("text: ")
	f.Set("text", "Rất tốt")
	f.Set("name", strings.Repeat("x", letter.MaxContact+1))
	d.post(write, f).is(http.StatusUnprocessableEntity).has("Họ tên dài 81 ký tự").hasNot("name: ")
	f.Set("name", "")
	f.Set("phone", "gọi sau")
	f.Set("mail", "Người gửi <mau@example.vn>")
	d.post(write, f).is(http.StatusUnprocessableEntity).has("Số điện thoại gồm 8–15 chữ số", "Thư điện tử có dạng", "Rất tốt", "gọi sau")
	d.post(write+"?l=en", f).is(http.StatusUnprocessableEntity).has("A phone number has 8 to 15 digits")
	f.Set("phone", "+84 (900) 000-000")
	f.Set("mail", "mau@example.vn")
	d.post(write, f).is(200).has("Đã nhận")
}

func TestLetterOnThePhone(t *testing.T) {
	d := newDesk(t)
	to := d.pass(wire.ToWrite)
	page := d.get(to).is(200).has("Góp ý", "Phản ánh", "Liên hệ lại").hasNot("checked")
	f := page.hidden()
	f.Set("text", "Bảng chỉ dẫn bị mờ")
	f.Set("name", "Người gửi mẫu")
	d.post(to, f).is(http.StatusUnprocessableEntity).has("Xin chọn loại ý kiến", "Bảng chỉ dẫn bị mờ", "Người gửi mẫu")
	f.Set("category", "phan-anh")
	f.Set("text", " ")
	d.post(to, f).is(http.StatusUnprocessableEntity).has("còn trống", "Người gửi mẫu", "checked")
	f.Set("text", "Bảng chỉ dẫn bị mờ, CCCD 020123456789")
	done := d.post(to, f).is(200).has("Đã nhận")
	code := regexp.MustCompile(`<p class="code">([^<]+)</p>`).FindStringSubmatch(done.body)
	if code == nil {
		t.Fatal(done.body)
	}
	again := d.post(to, f).is(200).has(code[1])
	d.get(to).is(200).has(code[1])
	list, _, err := d.store.Letters(context.Background(), store.LetterFilter{})
	if err != nil || len(list) != 1 || letter.Spell(list[0].Code) != code[1] || list[0].Text != "Bảng chỉ dẫn bị mờ, CCCD "+survey.Masked || !list[0].Contact {
		t.Fatalf("%+v, %v", list, err)
	}
	// How far it is; nothing of what it says.
	link := regexp.MustCompile(`href="(/s/[^"]+)"`).FindStringSubmatch(again.body)
	d.get(link[1]).is(200).has("Đã tiếp nhận", "Đang xử lý").hasNot("mờ", "Người gửi", "phan-anh")
	if _, err := d.store.UpdateLetter(context.Background(), store.Actor{}, list[0].ID, 1, store.LetterEdit{State: store.LetterAnswered, Answer: "Đã thay bảng mới.", Shown: true, Note: "riêng"}); err != nil {
		t.Fatal(err)
	}
	d.get(link[1]+"?l=en").is(200).has("Answered", "Đã thay bảng mới.").hasNot("riêng")
	d.get("/s/?code=" + url.QueryEscape(strings.ToLower(code[1]))).is(200).has("Đã thay bảng mới.")
	d.get("/s/").is(200).has("Mã biên nhận")
	d.get("/s/" + letter.NewCode()).is(http.StatusNotFound).has("Chưa thấy mã này")
	d.get("/s/?code=xyz").is(http.StatusUnprocessableEntity).has("10 chữ và số", `value="xyz"`)
}

// A double tap, or one phone's many: one counts, all are thanked.
func TestManyTapsCountOnce(t *testing.T) {
	d := newDesk(t)
	to := d.pass(wire.ToRate)
	f := d.get(to).hidden()
	f.Set("a.chung", "4")
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			res, err := http.PostForm(d.web.URL+to, f)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != 200 || !bytes.Contains(b, []byte("Cảm ơn")) {
				t.Errorf("%d, %v", res.StatusCode, err)
			}
		})
	}
	wg.Wait()
	if n := len(d.ratings()); n != 1 {
		t.Fatalf("%d ratings", n)
	}
}

// Strangers are slowed by their address; receipts can't be guessed by the thousand.
func TestStrangersAreSlowed(t *testing.T) {
	d := newDesk(t)
	p, err := New(d.store, nil)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Register(mux)
	codes := map[int]int{}
	for range lookBurst + 20 {
		r := httptest.NewRequest("GET", "/s/"+letter.NewCode(), nil)
		r.RemoteAddr = "203.0.113.5:1000"
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		codes[w.Code]++
	}
	if codes[http.StatusTooManyRequests] < 15 || codes[http.StatusNotFound] < lookBurst {
		t.Fatalf("%v", codes)
	}
}

// Every page: under the promised weight, no script, a strict policy, nothing
// from elsewhere, valid in both languages.
func TestPagesAreLight(t *testing.T) {
	d := newDesk(t)
	var pages []shown
	for _, form := range []string{"nhanh", "rutgon", "daydu"} {
		d.pair(form)
		q, err := d.store.Survey(context.Background(), form, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []string{"", "?l=en"} {
			to := d.pass(wire.ToRate) + l
			first := d.get(to).is(200)
			f := first.hidden()
			for _, k := range q.Questions {
				f.Set("a."+k.ID, "1")
			}
			more := d.post(to, f).is(200)
			f = more.hidden()
			f.Set("text", strings.Repeat("Được ", 100))
			pages = append(pages, first, more, d.post(to, f).is(200))
		}
	}
	for _, l := range []string{"", "?l=en"} {
		to := d.pass(wire.ToWrite) + l
		pages = append(pages, d.get(to), d.post(to, url.Values{"category": {"khen"}, "text": {strings.Repeat("ố", letter.MaxText)}}), d.get("/s/"+l), d.get("/r/x"+l))
	}
	css := d.get(stylePath).is(200)
	heaviest := 0
	for _, p := range pages {
		weight := len(p.body) + len(css.body)
		heaviest = max(heaviest, weight)
		if weight >= 60_000 {
			t.Errorf("%s weighs %d bytes", p.path, weight)
		}
		if p.header.Get("Content-Security-Policy") != policy || p.header.Get("Referrer-Policy") != "no-referrer" || !strings.HasPrefix(p.header.Get("Cache-Control"), "no-store") && !strings.HasPrefix(p.header.Get("Cache-Control"), "private, no-cache") {
			t.Errorf("%s: %v", p.path, p.header)
		}
		p.hasNot("<script", "<img", "style=\"", "http://", "https://", "ZgotmplZ", "%!", "<no value>")
		for _, m := range regexp.MustCompile(`<label for="([^"]+)"`).FindAllStringSubmatch(p.body, -1) {
			if !strings.Contains(p.body, `id="`+m[1]+`"`) {
				t.Errorf("%s: a label for nothing: %s", p.path, m[1])
			}
		}
		ids := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(p.body, -1) {
			if ids[m[1]] {
				t.Errorf("%s: the id %s stands twice", p.path, m[1])
			}
			ids[m[1]] = true
		}
	}
	t.Logf("the heaviest page with its style sheet is %d bytes", heaviest)
}

// Whatever a phone sends, the pages answer in words and keep nothing wrong.
func FuzzForms(f *testing.F) {
	f.Add("form=nhanh&version=1&a.chung=5&step=2&tag=cho-lau&text=x", true)
	f.Add("category=khen&text=tốt&name=%00", false)
	d := newDesk(f)
	f.Fuzz(func(t *testing.T, body string, rate bool) {
		purpose := wire.ToWrite
		if rate {
			purpose = wire.ToRate
		}
		p, err := New(d.store, nil)
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		p.Register(mux)
		r := httptest.NewRequest("POST", d.pass(purpose), strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
	})
}
