package studio

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"motcua/server/auth"
	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/letter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// fill puts an id that does not exist into a route's path.
func fill(path string) string {
	path = strings.ReplaceAll(path, "{$}", "")
	return regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "khong-co")
}

// Every route without a session answers with the way to sign in, or 401, but
// for those that the table opens to anyone; the list of these is written here
// again so that opening one more is seen.
func TestEveryRouteWithoutSession(t *testing.T) {
	open := map[string]bool{
		"GET /{$}": true, "GET /studio/assets/{file}": true, "POST /studio/language": true,
		"GET /studio/sign-in": true, "POST /studio/sign-in": true, "GET /studio/setup": true, "POST /studio/setup": true,
		"GET /studio/sign-in/code": true, "POST /studio/sign-in/code": true, "POST /studio/sign-in/passkey/begin": true, "POST /studio/sign-in/passkey": true,
		"GET /studio/sign-in/sso": true, "GET /studio/sign-in/sso/return": true, "GET /studio/join": true, "POST /studio/join": true,
	}
	o := newOffice(t)
	for _, r := range (&server{}).table() {
		name := r.method + " " + r.path
		if (r.right == auth.Anyone) != open[name] {
			t.Errorf("%s: open to anyone is %v", name, r.right == auth.Anyone)
		}
		if r.right == auth.Anyone {
			continue
		}
		if r.method == "GET" {
			a := o.get(fill(r.path)).is(http.StatusSeeOther)
			if to := a.header.Get("Location"); !strings.HasPrefix(to, "/studio/sign-in?next=") {
				t.Errorf("%s: to %q", name, to)
			}
			continue
		}
		if r.method == "HEAD" {
			o.send(r.method, fill(r.path), nil).is(http.StatusSeeOther) // as GET, and no body
			continue
		}
		o.send(r.method, fill(r.path), url.Values{"do": {"save"}}).is(http.StatusUnauthorized).has("Phiên đăng nhập đã hết")
	}
}

// A person without any role may only do what a session alone allows.
func TestEveryRouteWithoutRight(t *testing.T) {
	o := newOffice(t).enter()
	phc, err := auth.NewHasher(auth.Params{Memory: 64, Time: 1, Threads: 1}).Hash(context.Background(), testPassword)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.CreateUser(context.Background(), store.Actor{}, store.User{Login: "khach", Name: "Khách", Hash: phc}); err != nil {
		t.Fatal(err)
	}
	o.client = o.browser()
	o.post("/studio/sign-in", url.Values{"login": {"khach"}, "password": {testPassword}}).is(http.StatusSeeOther)
	for _, r := range (&server{}).table() {
		if r.right == auth.Anyone || r.right == auth.SignedIn {
			continue
		}
		a := o.send(r.method, fill(r.path), nil).is(http.StatusForbidden)
		if r.method != "HEAD" {
			a.has("chưa có quyền")
		}
	}
	o.get("/studio/").is(http.StatusOK).hasNot("/studio/audit", "/studio/statistics")
}

// pagesOf lists what a clerk can open, with what must be there.
var pagesOf = []struct{ path, has string }{
	{"/studio/", "Bàn làm việc"},
	{"/studio/slides", "Trang trình chiếu"},
	{"/studio/slides?q=khau+hieu&topic=T04&state=live", "Trang trình chiếu"},
	{"/studio/new-slide", "chọn loại"},
	{"/studio/playlists", "Danh sách phát"},
	{"/studio/playlists/new", "Danh sách mới"},
	{"/studio/feeds", "Nguồn tin"},
	{"/studio/voices", "Thêm bản ghi"},
	{"/studio/hosts", "Mỗi dòng một tên miền"},
	{"/studio/media", "Kho ảnh, video"},
	{"/studio/media?q=khong+co+gi&kind=film", "Kho ảnh, video"},
	{"/studio/procedures", "Thủ tục"},
	{"/studio/procedures?q=khong+co+gi&stale=on&reference=on&online=unknown&state=draft", "Thủ tục"},
	{"/studio/procedures/new", "Viết như 1.014200"},
	{"/studio/imports", "Nhập thủ tục từ tệp"},
	{"/studio/postings", "Sổ niêm yết"},
	{"/studio/schedule", "Lịch phát"},
	{"/studio/schedule/new", "Thêm lịch phát"},
	{"/studio/calendar", "Lịch phát"},
	{"/studio/emergencies", "Thông báo khẩn"},
	{"/studio/plays", "Bằng chứng phát"},
	{"/studio/publish", "Phát hành"},
	{"/studio/submissions", "Phê duyệt"},
	{"/studio/submissions?tab=mine", "Tôi trình"},
	{"/studio/submissions?tab=due", "Hẹn giờ phát"},
	{"/studio/submissions?tab=all", "Tất cả"},
	{"/studio/works", "Việc đang chạy"},
	{"/studio/publications", "Các lần phát hành gần đây"},
	{"/studio/kiosks", "Ki-ốt"},
	{"/studio/alerts", "Ai được báo"},
	{"/studio/kiosks?sort=state&state=silent&q=khong", "Ki-ốt"},
	{"/studio/kiosks/approve", "Mã hiện trên màn hình ki-ốt"},
	{"/studio/statistics", "Kết quả khảo sát tại chỗ, tính theo cách của SIPAS – không phải Chỉ số SIPAS do Bộ Nội vụ công bố"},
	{"/studio/statistics?period=today", "Hôm nay"},
	{"/studio/statistics?period=30", "30 ngày"},
	{"/studio/statistics?period=custom&from=2023-03-01&to=2023-03-31", "Tùy chọn"},
	{"/studio/units", "Đơn vị"},
	{"/studio/letters", "Góp ý"},
	{"/studio/letters?state=new&category=khen&late=on&q=ghe", "Góp ý"},
	{"/studio/audit", "Nhật ký"},
	{"/studio/account", "Đổi mật khẩu"},
	{"/studio/account/totp", "Quét mã này"},
	{"/studio/users", "Người dùng"},
	{"/studio/tokens", "Tạo khóa mới"},
	{"/studio/hooks", "Thêm webhook"},
	{"/studio/interface", "Các kiểu dữ liệu"},
	{"/studio/users/new", "Mời người dùng"},
}

func TestPagesEmptyAndStocked(t *testing.T) {
	for _, stocked := range []bool{false, true} {
		t.Run(fmt.Sprintf("stocked=%v", stocked), func(t *testing.T) {
			o := newOffice(t).enter()
			extra := pagesOf[:len(pagesOf):len(pagesOf)]
			if stocked {
				needFonts(t)
				extra = append(extra, o.fill()...)
			}
			for _, lang := range []string{"vi", "en"} {
				o.post("/studio/language", url.Values{"language": {lang}, "back": {"/studio/"}}).is(http.StatusSeeOther)
				for _, p := range extra {
					a := o.get(p.path).is(http.StatusOK)
					if lang == "vi" && p.has != "Tùy chọn" {
						a.has(p.has)
					}
					checkPage(t, a)
				}
			}
			if s := o.log.String(); strings.Contains(s, "level=ERROR") {
				t.Error(s)
			}
		})
	}
}

// busyTerminal is a kiosk of which nearly everything is set.
var busyTerminal = slides.Terminal{
	Tiles: []slides.Tile{slides.TileRate, slides.TileLookup, slides.TileGuides}, AtDesk: true, Desk: slides.Text{"vi": "Quầy 1 – Lao động, người có công và xã hội", "en": "Counter 1 – Labour and social affairs"},
	Forms:  []slides.FormRule{{Form: "daydu", Spans: []slides.Span{{Days: []int{5}, From: "08:00", Until: "10:00"}}}, {Form: "nhanh"}},
	Hours:  []slides.Span{{Days: []int{1, 2, 3, 4, 5}, From: "07:30", Until: "11:30"}, {Days: []int{1, 2, 3, 4, 5}, From: "13:30", Until: "17:00"}},
	Closed: slides.Closing{Text: slides.Text{"vi": "Bộ phận Một cửa đã hết giờ làm việc. Ông/Bà có thể nộp hồ sơ trực tuyến bất cứ lúc nào.", "en": "The desk is closed. You may apply online at any time."}, URL: "https://dichvucong.gov.vn"},
	Night:  &slides.Night{Span: slides.Span{From: "18:00", Until: "06:00"}, Level: 40}, Power: []slides.Span{{From: "06:00", Until: "22:00"}}, OldTone: true, Sound: true,
	Officer: &slides.OfficerCard{ID: "cb-1", Name: "Cán bộ trực", Title: slides.Vi("Chuyên viên")},
}

// letters writes some, in each state; it lists the page of one.
func (o *office) letters(k *screen, unit string) []struct{ path, has string } {
	o.t.Helper()
	ctx := context.Background()
	texts := []struct{ category, text string }{
		{"gop-y", "Ghế chờ ở sảnh ít quá, người già phải đứng lâu. Mong cơ quan bố trí thêm ghế và quạt trong những ngày nắng nóng, nhất là buổi sáng đầu tuần khi bà con các xã xa xuống rất đông."},
		{"phan-anh", "Bảng chỉ dẫn ở tầng 2 bị mờ."},
		{"khen", "Cán bộ quầy 3 hướng dẫn rất tận tình, xin cảm ơn."},
		{"hoi", "Làm lại giấy phép lao động thì nộp ở quầy nào ạ?"},
	}
	var id string
	for i, x := range texts {
		var c letter.Contact
		if i == 1 {
			c = letter.Contact{Name: "Người gửi mẫu", Phone: "0900 000 000", Mail: "mau@example.vn"}
		}
		one := o.letter(k, unit, x.category, x.text, c)
		e := store.LetterEdit{State: store.LetterStates[i%3]}
		switch i {
		case 1:
			id, e.Due, e.Note = one, o.store.Now()-1, "Đã chuyển phòng quản trị."
		case 2:
			e.Answer, e.Shown = "Cảm ơn Ông/Bà đã động viên.", true
		}
		if _, err := o.store.UpdateLetter(ctx, store.Actor{}, one, 1, e); err != nil {
			o.t.Fatal(err)
		}
	}
	return []struct{ path, has string }{{"/studio/letters/" + id, "Bảng chỉ dẫn ở tầng 2 bị mờ."}}
}

// fillHook makes a webhook that has sent, waits, and has failed for good.
func (o *office) fillHook(unit string) []struct{ path, has string } {
	o.t.Helper()
	ctx := context.Background()
	h, err := o.store.AddHook(ctx, store.Actor{}, store.Hook{Name: "Trung tâm điều hành thông minh (IOC) tỉnh Lạng Sơn", Unit: unit, URL: "https://ioc.langson.example.gov.vn/motcua/su-kien/nhan", Events: store.Events}, store.NewSecret())
	if err != nil {
		o.t.Fatal(err)
	}
	for i := range 3 {
		if _, err := o.store.TestHook(ctx, store.Actor{}, h.ID); err != nil {
			o.t.Fatal(err)
		}
		list, err := o.store.ClaimDeliveries(ctx, 8, time.Minute)
		if err != nil || len(list) != 1 {
			o.t.Fatal(list, err)
		}
		status, fault := 204, slides.Text(nil)
		if i > 0 {
			status, fault = 503, slides.Text{"vi": "Bên nhận trả lời 503.", "en": "The receiver answered 503."}
		}
		if i == 2 {
			o.later.Add((25 * time.Hour).Milliseconds())
			defer o.later.Add(-(25 * time.Hour).Milliseconds())
		}
		if err := o.store.Settle(ctx, list[0], status, fault, 0); err != nil {
			o.t.Fatal(err)
		}
	}
	return []struct{ path, has string }{{"/studio/hooks/" + h.ID, "Các lần gửi"}}
}

// fill gives an office content, kiosks and ratings; it lists the pages that
// come with them.
func (o *office) fill() []struct{ path, has string } {
	o.t.Helper()
	o.stock()
	ctx := context.Background()
	shelf := o.library()
	o.news()
	units, err := o.store.Units(ctx, 0)
	if err != nil {
		o.t.Fatal(err)
	}
	unit := units[0].ID
	out := shelf
	for i, name := range []string{"Sảnh tầng 1", "Quầy 2 – Lao động, việc làm"} {
		k := o.paired(name, unit)
		for day := range 9 {
			var rows [][]survey.Answer
			for n := range 6 + day {
				rows = append(rows, quick(survey.Level(1+(n*7+day*3+i)%5)))
			}
			o.rate(k, unit, "nhanh", time.Duration(day)*24*time.Hour+time.Duration(day%4)*time.Hour, rows...)
		}
		if i == 0 {
			out = append(out, o.letters(k, unit)...)
			q, err := o.store.Survey(ctx, "rutgon", 0)
			if err != nil {
				o.t.Fatal(err)
			}
			var rows [][]survey.Answer
			for n := range 12 {
				var row []survey.Answer
				for j, x := range q.Questions {
					row = append(row, survey.Answer{Question: x.ID, Level: survey.Level(2 + (n+j)%4)})
				}
				rows = append(rows, row)
			}
			o.rate(k, unit, "rutgon", 2*time.Hour, rows...)
		}
		o.shown(k)
		list, err := o.store.Slides(ctx, store.SlideFilter{Limit: 1})
		if err != nil || len(list) == 0 {
			o.t.Fatal("no slides", err)
		}
		if _, err := o.store.TakeLease(ctx, k.id, "c1", store.Hello{Program: "motcua-kiosk 0.1", Screen: wire.Screen{W: 1080, H: 1920}}, time.Hour); err != nil {
			o.t.Fatal(err)
		}
		if err := o.store.SaveHealth(ctx, k.id, &wire.Health{
			Program: "motcua-kiosk 0.1", Uptime: 7_300_000, Offset: int64(i) * 65_000, DiskFree: 3 << 30, Memory: 120 << 20, Slide: list[0].ID, SlideSince: o.store.Now(), View: "loop", Pending: i,
			Errors:   []wire.Fault{{At: o.store.Now(), Where: "blob:abc", Text: "tệp hỏng, đã tải lại", Count: 2}},
			Recovery: []*wire.Recovery{nil, {Rung: wire.RungSafe, Since: o.store.Now(), Why: "the screen", Reloads: 2, Restarts: 1, Safe: 1}}[i%2],
		}); err != nil {
			o.t.Fatal(err)
		}
		out = append(out, struct{ path, has string }{"/studio/kiosks/" + k.id, name},
			struct{ path, has string }{"/studio/kiosks/" + k.id + "/shows?at=2026-11-26T09:40", "vì sao"}, struct{ path, has string }{"/studio/calendar?kiosk=" + k.id, "Lịch phát"})
	}
	for _, kind := range []string{"slogan", "guide", "procedure", "notice", "news", "image", "video", "index", "faq", "commendation", "links", "ticker"} {
		out = append(out, struct{ path, has string }{"/studio/new-slide/" + kind, "Lưu nháp"})
		list, err := o.store.Slides(ctx, store.SlideFilter{Kind: kind, Limit: 1})
		if err != nil {
			o.t.Fatal(err)
		}
		if len(list) > 0 {
			out = append(out, struct{ path, has string }{"/studio/slides/" + list[0].ID, list[0].Slide.Title.In("vi")})
		}
	}
	lists, err := o.store.Playlists(ctx)
	if err != nil || len(lists) == 0 {
		o.t.Fatal("no playlists", err)
	}
	urgent, err := o.store.AskEmergency(ctx, store.Actor{User: "u-khac"}, store.Emergency{Unit: unit, Text: slides.Vi("Có cháy ở tầng 2. Mời Ông/Bà bình tĩnh ra ngoài theo cửa số 2, không dùng thang máy."), Where: compile.Where{All: true}, Minutes: 30, Zone: "Asia/Ho_Chi_Minh"})
	if err != nil {
		o.t.Fatal(err)
	}
	waiting, err := o.store.AskEmergency(ctx, store.Actor{User: "u-khac"}, store.Emergency{Unit: unit, Text: slides.Vi("Mất điện"), Where: compile.Where{Units: []string{unit}}, Minutes: 30, Zone: "Asia/Ho_Chi_Minh"})
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.store.ConfirmEmergency(ctx, store.Actor{User: "u-hai"}, urgent.ID); err != nil {
		o.t.Fatal(err)
	}
	out = append(out, struct{ path, has string }{"/studio/emergencies/" + urgent.ID, "ki-ốt đang chiếu"}, struct{ path, has string }{"/studio/emergencies/" + waiting.ID, "Xác nhận và chiếu ngay"})
	o.post("/studio/workdays/"+unit, url.Values{"do": {"own"}, "year": {"2026"}}).is(http.StatusSeeOther)
	out = append(out, struct{ path, has string }{"/studio/workdays/" + unit + "?year=2026", "Giỗ Tổ Hùng Vương"}, struct{ path, has string }{"/studio/workdays/" + units[1].ID, "Theo lịch của"})
	entries, err := o.store.Entries(ctx)
	if err != nil || len(entries) == 0 {
		o.t.Fatal("no entries", err)
	}
	out = append(out, o.fillProcedures()...)
	p, _ := o.pairing()
	kiosks, err := o.store.Kiosks(ctx, "")
	if err != nil {
		o.t.Fatal(err)
	}
	out = append(out, struct{ path, has string }{"/studio/playlists/" + lists[0].ID, lists[0].Playlist.Name},
		struct{ path, has string }{"/studio/schedule/" + entries[0].ID, "Sửa lịch phát"},
		struct{ path, has string }{"/studio/kiosks/approve?code=" + p.Code, "So sáu từ này"})
	for _, k := range kiosks {
		if k.Name == "Sảnh tầng 1" {
			e := k.Edit()
			e.Groups, e.Terminal = []string{"tang-1"}, busyTerminal
			if _, err := o.store.UpdateKiosk(ctx, store.Actor{}, k.ID, e); err != nil {
				o.t.Fatal(err)
			}
			out = append(out, struct{ path, has string }{"/studio/kiosks/" + k.ID + "/settings", "Phiếu đánh giá theo giờ"},
				struct{ path, has string }{"/studio/kiosks/" + k.ID + "/copy", "Sang các ki-ốt"})
		}
	}
	if err := o.store.SaveDefaults(ctx, store.Actor{}, unit, slides.Defaults{Hours: busyTerminal.Hours, Closed: busyTerminal.Closed, Languages: []string{"vi", "en", "tyz"}}, ""); err != nil {
		o.t.Fatal(err)
	}
	for _, k := range []store.APIToken{
		{Name: "Máy lấy số tự động tầng 1 – Trung tâm Phục vụ hành chính công tỉnh Lạng Sơn", Unit: unit, Scopes: store.Scopes, Expires: o.store.Now() + 3600_000},
		{Name: "Cổng thông tin", Scopes: []store.Scope{store.ReadContent}},
	} {
		if _, err := o.store.AddAPIToken(ctx, store.Actor{}, auth.Digest(auth.NewToken()), k); err != nil {
			o.t.Fatal(err)
		}
	}
	out = append(out, o.fillHook(unit)...)
	mai, _, err := o.guard.Invite(ctx, &auth.Session{}, "tranbinh", "Trần Văn Bình", []store.Grant{{Role: "editor", Unit: unit}, {Role: "technician", Unit: unit}})
	if err != nil {
		o.t.Fatal(err)
	}
	out = append(out, struct{ path, has string }{"/studio/units/" + unit, "Giờ mở cửa"}, struct{ path, has string }{"/studio/users/" + mai.ID, "Vai trò theo đơn vị"},
		struct{ path, has string }{"/studio/units/" + unit + "/tree", "Có hiệu lực từ ngày"}, struct{ path, has string }{"/studio/units/" + unit + "/below", "Thêm đơn vị"},
		struct{ path, has string }{"/studio/units/" + unit + "/desks", "Quầy và người trực"})
	for i, name := range []string{"Quầy 1 – Lao động, việc làm", "Quầy 2 – Người có công"} {
		c, err := o.store.SaveCounter(ctx, store.Actor{}, store.Counter{Unit: unit, Name: name})
		if err != nil {
			o.t.Fatal(err)
		}
		of, err := o.store.SaveOfficer(ctx, store.Actor{}, store.Officer{Unit: unit, Name: fmt.Sprintf("Cán bộ %d", i+1)})
		if err != nil {
			o.t.Fatal(err)
		}
		if err := o.store.SetDuty(ctx, store.Actor{}, c.ID, of.ID); err != nil {
			o.t.Fatal(err)
		}
	}
	// One slide edited and one recalled, so that each state is seen.
	rows, err := o.store.Slides(ctx, store.SlideFilter{Kind: "slogan", Limit: 2})
	if err != nil || len(rows) < 2 {
		o.t.Fatal("slogans", err)
	}
	edited := rows[0].Slide
	edited.Title["vi"] += " (sửa)"
	if _, err := o.store.SaveSlide(ctx, store.Actor{}, rows[0].Unit, edited, rows[0].Version); err != nil {
		o.t.Fatal(err)
	}
	p2, err := o.store.RecallSlide(ctx, store.Actor{}, rows[1].ID, "thử")
	if err != nil {
		o.t.Fatal(err)
	}
	out = append(out, o.fillSlides(unit)...)
	out = append(out, struct{ path, has string }{fmt.Sprintf("/studio/publications/%d", p2.Revision), "Ki-ốt đã nhận"})
	return append(out, o.fillSubmissions(unit)...)
}

var inline = regexp.MustCompile(`(?i)<[^>]+\s(style|on[a-z]+)\s*=|<style|<script(?:\s[^>]*)?>[^<]|(href|src|action)="\s*javascript:`)

// checkPage checks what every page must keep to.
func checkPage(t *testing.T, a answer) {
	t.Helper()
	if got := a.header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("%s: policy %q", a.what, got)
	}
	for k, v := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if a.header.Get(k) != v {
			t.Errorf("%s: %s is %q", a.what, k, a.header.Get(k))
		}
	}
	if m := inline.FindString(a.body); m != "" {
		t.Errorf("%s: against the policy: %s", a.what, m)
	}
	for _, bad := range []string{"ZgotmplZ", "<no value>", "%!", "&lt;nil&gt;"} {
		if strings.Contains(a.body, bad) {
			t.Errorf("%s: the page says %q near %s", a.what, bad, near(a.body, bad))
		}
	}
	// A key that has no words stands for itself: it would be seen as text.
	for _, m := range regexp.MustCompile(`>\s*([a-z]+\.[a-z.-]+)\s*<`).FindAllStringSubmatch(a.body, -1) {
		if !strings.Contains(m[1], "blob") {
			t.Errorf("%s: no words for %q", a.what, m[1])
		}
	}
}

func near(s, part string) string {
	i := strings.Index(s, part)
	return s[max(0, i-120):min(len(s), i+80)]
}

func TestUnknownPlacesInWords(t *testing.T) {
	o := newOffice(t).enter()
	o.get("/studio/khong-co").is(http.StatusNotFound).has("Không có trang này")
	o.get("/studio/slides/khong-co").is(http.StatusNotFound)
	o.get("/studio/kiosks/khong-co").is(http.StatusNotFound)
	o.get("/studio/playlists/khong-co").is(http.StatusNotFound).has("Không có danh sách phát này")
	o.get("/studio/schedule/khong-co").is(http.StatusNotFound).has("Không có lịch phát này")
	o.get("/studio/new-slide/khong-co").is(http.StatusNotFound).has("Không có loại trang")
	a := o.post("/studio/audit", nil).is(http.StatusMethodNotAllowed).has("không nhận kiểu yêu cầu")
	if !strings.Contains(a.header.Get("Allow"), "GET") {
		t.Errorf("Allow is %q", a.header.Get("Allow"))
	}
	o.get("/").is(http.StatusSeeOther)
	o.get("/studio/assets/..%2f..%2fstudio.go").is(http.StatusNotFound)
	o.get("/studio/assets/README.md").is(http.StatusNotFound)
	o.get("/studio/assets/studio.css").is(http.StatusOK)
}

func TestOtherSitesAreRefused(t *testing.T) {
	o := newOffice(t).enter()
	for _, h := range []map[string]string{
		{"Origin": "https://ac.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"},
	} {
		r, err := http.NewRequest("POST", o.web.URL+"/studio/account/sign-out-everywhere", nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range h {
			r.Header.Set(k, v)
		}
		o.do(r, nil).is(http.StatusForbidden).has("từ một trang khác")
	}
	o.get("/studio/").is(http.StatusOK) // still signed in
}

func TestZoneOfUnit(t *testing.T) {
	o := newOffice(t).enter()
	if err := o.store.SaveUnit(context.Background(), store.Actor{}, store.Unit{ID: "so", Name: slides.Vi("Sở"), Zone: "Asia/Tokyo"}); err != nil {
		t.Fatal(err)
	}
	a := o.get("/studio/statistics").is(http.StatusOK)
	a.has("Chưa có phiếu nào")
	o.get("/studio/new-slide/slogan").has("Asia/Tokyo")
}
