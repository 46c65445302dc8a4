package studio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/server/auth"
	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/letter"
	"motcua/slides/wire"
)

// branch is a unit with one of everything in it.
type branch struct {
	unit, name                          string
	kiosk, slide, list, entry, cp, proc string
	hook                                string
	token                               string
	user, letter, media                 string
	order                               string
	submission, publication             string
	feed                                string
}

// branches makes a tree: "tren" above "trong", which has "trong-1" below it,
// and "ngoai" beside it.
func (o *office) branches() map[string]branch {
	o.t.Helper()
	ctx := context.Background()
	out := map[string]branch{}
	for _, u := range []store.Unit{
		{ID: "tren", Name: slides.Vi("Cấp trên")},
		{ID: "trong", Parent: "tren", Name: slides.Vi("Cấp giữa")},
		{ID: "trong-1", Parent: "trong", Name: slides.Vi("Nhánh trong")},
		{ID: "ngoai", Parent: "tren", Name: slides.Vi("Nhánh ngoài")},
	} {
		if err := o.store.SaveUnit(ctx, store.Actor{}, u); err != nil {
			o.t.Fatal(err)
		}
		if u.ID == "trong" {
			continue
		}
		b := branch{unit: u.ID, name: u.Name["vi"]}
		k := o.paired("Ki-ốt của "+b.name, u.ID)
		b.kiosk = k.id
		b.letter = o.letter(k, u.ID, "gop-y", "Góp ý cho "+b.name, letter.Contact{})
		body, err := json.Marshal(map[string]any{"text": slides.Vi("Khẩu hiệu")})
		if err != nil {
			o.t.Fatal(err)
		}
		sl := &slides.Slide{ID: "s-" + u.ID, Kind: "slogan", Title: slides.Vi("Trang của " + b.name), Topic: "T04", Audience: slides.Public, Body: body}
		row, err := o.store.SaveSlide(ctx, store.Actor{}, u.ID, sl, 0)
		if err != nil {
			o.t.Fatal(err)
		}
		b.slide = row.ID
		list, err := o.store.SavePlaylist(ctx, store.Actor{}, u.ID, slides.Playlist{ID: "p-" + u.ID, Name: "Danh sách của " + b.name, Items: []slides.Item{{Slide: b.slide}}}, 0)
		if err != nil {
			o.t.Fatal(err)
		}
		b.list = list.ID
		e := compile.Entry{Where: compile.Where{Units: []string{u.ID}}}
		e.ID, e.Playlist, e.Zone, e.Start, e.End, e.Priority = "e-"+u.ID, b.list, "Asia/Ho_Chi_Minh", "2026-01-01T07:00", "2026-01-01T17:00", slides.Normal
		entry, err := o.store.SaveEntry(ctx, store.Actor{}, u.ID, e, 0)
		if err != nil {
			o.t.Fatal(err)
		}
		b.entry = entry.ID
		c, err := o.store.CopyTerminal(ctx, store.Actor{}, b.kiosk, map[string]slides.Terminal{b.kiosk: {Sound: true}})
		if err != nil {
			o.t.Fatal(err)
		}
		b.cp = c.ID
		if b.order, err = o.store.AddCommands(ctx, store.Actor{}, []string{b.kiosk}, store.Order{Verb: wire.Reload}, time.Minute); err != nil {
			o.t.Fatal(err)
		}
		proc, err := o.store.SaveProcedure(ctx, store.Actor{}, u.ID, &catalogue.Procedure{Code: fmt.Sprintf("1.00000%d", len(out)), Name: slides.Vi("Thủ tục của " + b.name), Field: slides.Vi("Lĩnh vực của " + b.name), Source: "QĐ 1"}, 0)
		if err != nil {
			o.t.Fatal(err)
		}
		b.proc = proc.ID
		shown, err := o.store.SaveSlide(ctx, store.Actor{}, u.ID, &slides.Slide{ID: "d-" + u.ID, Kind: "slogan", Title: slides.Vi("Trang đang chiếu của " + b.name), Topic: "T04", Audience: slides.Public, Body: body}, 0)
		if err != nil {
			o.t.Fatal(err)
		}
		pub, err := o.store.Publish(ctx, store.Actor{}, store.PublishRequest{Items: []store.ItemRef{shown.ItemRef}})
		if err != nil {
			o.t.Fatal(err)
		}
		b.publication = fmt.Sprint(pub.Revision)
		sub, err := o.store.Submit(ctx, store.Actor{}, store.SubmitRequest{Items: []store.ItemAt{{ItemRef: row.ItemRef, Version: row.Version}}, Title: "Phiếu trình của " + b.name})
		if err != nil {
			o.t.Fatal(err)
		}
		b.submission = sub.ID
		who, err := o.store.CreateUser(ctx, store.Actor{}, store.User{Login: "o." + u.ID, Name: "Người của " + b.name, Hash: "x", Grants: []store.Grant{{Role: "editor", Unit: u.ID}}})
		if err != nil {
			o.t.Fatal(err)
		}
		b.user = who.ID
		ref, err := o.store.PutBlob(ctx, "image/png", strings.NewReader("tệp của "+u.ID), 1<<20)
		if err != nil {
			o.t.Fatal(err)
		}
		m, _, err := o.store.AddMedia(ctx, store.Actor{}, store.Media{Unit: u.ID, Kind: store.PictureMedia, Name: "Ảnh của " + b.name, Blob: ref.SHA, Type: ref.Type, Source: ref.SHA, Thumb: ref.SHA})
		if err != nil {
			o.t.Fatal(err)
		}
		b.media = m.ID
		f, err := o.store.SaveFeed(ctx, store.Actor{}, store.Feed{Unit: u.ID, Name: "Nguồn của " + b.name, URL: "https://vd.vn/" + u.ID, Topic: "T08", Shows: store.FeedNews, Days: 9})
		if err != nil {
			o.t.Fatal(err)
		}
		b.feed = f.ID
		token, err := o.store.AddAPIToken(ctx, store.Actor{}, auth.Digest(auth.NewToken()), store.APIToken{Name: "Khóa của " + b.name, Unit: u.ID, Scopes: []store.Scope{store.ReadContent}})
		if err != nil {
			o.t.Fatal(err)
		}
		b.token = token.ID
		hook, err := o.store.AddHook(ctx, store.Actor{}, store.Hook{Name: "Webhook của " + b.name, Unit: u.ID, URL: "https://vi-du.vn", Events: store.Events}, store.NewSecret())
		if err != nil {
			o.t.Fatal(err)
		}
		b.hook = hook.ID
		out[u.ID] = b
	}
	return out
}

// as is a browser of somebody new with these grants.
func (o *office) as(login string, grants ...store.Grant) *http.Client {
	o.t.Helper()
	phc, err := auth.NewHasher(auth.Params{Memory: 64, Time: 1, Threads: 1}).Hash(context.Background(), testPassword)
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.store.CreateUser(context.Background(), store.Actor{}, store.User{Login: login, Name: "Người " + login, Hash: phc, Grants: grants}); err != nil {
		o.t.Fatal(err)
	}
	was := o.client
	defer func() { o.client = was }()
	o.client = o.browser()
	o.signIn(login, testPassword).is(http.StatusSeeOther)
	return o.client
}

// objects are the routes about one thing of a unit, written here again: a new
// one that forgets to say whose its object is must be seen.
var objects = regexp.MustCompile(`^/studio/(hooks|tokens|workdays|slides|playlists|schedule|kiosks|kiosk-copies|kiosk-orders|units|procedures|users|letters|submissions|publications|media|feeds)/\{id\}`)

// lists are the routes that keep to the caller's units by themselves.
var lists = []string{
	"/studio/hooks",
	"/studio/tokens", "/studio/interface",
	"/studio/slides", "/studio/new-slide", "/studio/new-slide/{kind}", "/studio/blobs/{sha}", "/studio/publish", "/studio/playlists", "/studio/playlists/new",
	"/studio/slide-changes", "/studio/slide-changes/{key}", "/studio/slide-changes/{key}/undo", "/studio/new-slide/{kind}/draft", "/studio/new-slide/{kind}/draft/drop",
	"/studio/procedures", "/studio/procedures/new", "/studio/procedures/export", "/studio/procedures/sheet", "/studio/postings", "/studio/postings/{id}/remove",
	"/studio/schedule", "/studio/schedule/new", "/studio/schedule/say", "/studio/calendar", "/studio/workdays", "/studio/calendar/events", "/studio/calendar/place", "/studio/calendar/move", "/studio/calendar/undo", "/studio/kiosks", "/studio/kiosks/approve", "/studio/kiosks/refuse", "/studio/units", "/studio/statistics",
	"/studio/users", "/studio/users/new", "/studio/letters",
	"/studio/kiosks-chosen", "/studio/kiosk-labels", "/studio/kiosk-orders",
	"/studio/letters/export",
	"/studio/submissions", "/studio/checks/{id}", "/studio/works", "/studio/publications", "/studio/publications/{id}",
	"/studio/media", "/studio/media-pick", "/studio/uploads", "/studio/uploads/{id}",
	"/studio/feeds", "/studio/feed-items",
}

// at is a route's path about a branch's thing.
func (b branch) at(path string) string {
	id := map[string]string{"hooks": b.hook, "tokens": b.token, "workdays": b.unit, "slides": b.slide, "playlists": b.list, "schedule": b.entry, "kiosks": b.kiosk, "kiosk-copies": b.cp, "kiosk-orders": b.order, "units": b.unit, "procedures": b.proc, "users": b.user, "letters": b.letter, "submissions": b.submission, "publications": b.publication, "media": b.media, "feeds": b.feed, "imports": "khong-co", "checks": "khong-co", "uploads": "khong-co", "postings": "khong-co"}[strings.Split(path, "/")[2]]
	return strings.Replace(path, "{id}", id, 1)
}

// Every route × every role × a unit inside, beside and above the one in which
// the role was given.
func TestEveryRouteRoleAndUnit(t *testing.T) {
	for _, role := range auth.Roles {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t).enter()
			tree := o.branches()
			everywhere := o.as("moi-noi", store.Grant{Role: string(role)})
			within := o.as("trong", store.Grant{Role: string(role), Unit: "trong"})
			for _, rt := range (&server{}).table() {
				if rt.right == auth.Anyone || rt.right == auth.SignedIn {
					continue
				}
				gives := auth.NewReach(rt.right, []store.Grant{{Role: string(role)}}, nil).Everywhere()
				for _, unit := range []string{"trong-1", "ngoai", "tren"} {
					ask := func(c *http.Client, want bool, who string) {
						t.Helper()
						o.client = c
						path := fill(tree[unit].at(o.urgent(unit, rt.path)))
						a := o.send(rt.method, path, nil)
						if got := a.code != http.StatusForbidden; got != want {
							t.Errorf("%s %s in %s, %s: %d", rt.method, rt.path, unit, who, a.code)
						}
						if a.code >= 500 {
							t.Errorf("%s %s: %d", rt.method, rt.path, a.code)
						}
					}
					inside := false
					switch {
					case slices.Contains(lists, rt.path):
						inside = true
					case objects.MatchString(rt.path):
						inside = unit == "trong-1" || unit == "tren" && rt.right == auth.SeeContent
					}
					ask(within, gives && inside, "role given in the unit above it")
					ask(everywhere, gives, "role given everywhere")
				}
			}
		})
	}
}

// Lists and forms show nothing of other units, but for content that comes down
// from above; and nothing is taken to or from there.
func TestOtherUnitsStayUnseen(t *testing.T) {
	o := newOffice(t).enter()
	tree := o.branches()
	mine := o.as("trong", store.Grant{Role: "admin", Unit: "trong"})
	o.client = mine
	seen := 0
	for _, p := range []string{
		"/studio/hooks",
		"/studio/tokens",
		"/studio/", "/studio/slides", "/studio/media", "/studio/media-pick", "/studio/feeds", "/studio/media/" + tree["trong-1"].media, "/studio/procedures", "/studio/procedures/new", "/studio/postings", "/studio/playlists", "/studio/playlists/new", "/studio/schedule", "/studio/schedule/new", "/studio/calendar", "/studio/calendar/events?from=2026-01-01&to=2026-01-08", "/studio/publish", "/studio/kiosks", "/studio/units",
		"/studio/submissions", "/studio/submissions?tab=all", "/studio/submissions/" + tree["trong-1"].submission, "/studio/works", "/studio/publications", "/studio/publications/" + tree["ngoai"].publication,
		"/studio/statistics", "/studio/letters", "/studio/letters/" + tree["trong-1"].letter, "/studio/new-slide/slogan", "/studio/kiosks/" + tree["trong-1"].kiosk + "/copy", "/studio/kiosks/" + tree["trong-1"].kiosk + "/settings", "/studio/kiosks/approve", "/studio/users", "/studio/users/new",
	} {
		a := o.get(p).is(http.StatusOK).hasNot("Nhánh ngoài", tree["ngoai"].slide, tree["ngoai"].kiosk)
		seen += strings.Count(a.body, "Nhánh trong")
	}
	if seen < 8 {
		t.Errorf("its own units are seen %d times", seen)
	}
	o.get("/studio/slides").has("Trang của Cấp trên")
	o.get("/studio/slides/"+tree["tren"].slide).is(http.StatusOK).hasNot(`name="do" value="save">Lưu nháp</button><button`, "Xem thử")
	refused := func(a answer) {
		t.Helper()
		if a.code < 400 || a.code >= 500 {
			t.Errorf("%s: %d\n%s", a.what, a.code, a.text())
		}
	}
	slide := slideForm()
	slide.Set("unit", "ngoai")
	refused(o.post("/studio/new-slide/slogan", slide).has("chưa được giao quyền này"))
	path := "/studio/kiosks/" + tree["trong-1"].kiosk + "/settings"
	v := o.get(path).form(path, "do=save")
	v.Set("unit", "ngoai")
	refused(o.post(path, v).has("chưa được giao quyền này"))
	entry := url.Values{"playlist": {tree["trong-1"].list}, "where": {"all"}, "zone": {"Asia/Ho_Chi_Minh"}, "start": {"2027-01-01T07:00"}, "end": {"2027-01-01T17:00"}, "repeat": {"none"}, "priority": {"10"}, "base": {"0"}}
	refused(o.post("/studio/schedule/new", entry).has("ngoài đơn vị của bạn"))
	entry.Set("where", "some")
	entry.Set("kiosk", tree["ngoai"].kiosk)
	refused(o.post("/studio/schedule/new", entry).has("ngoài đơn vị của bạn"))
	entry.Set("kiosk", tree["trong-1"].kiosk)
	o.post("/studio/schedule/new", entry).is(http.StatusSeeOther)
	entry.Set("playlist", tree["ngoai"].list)
	refused(o.post("/studio/schedule/new", entry).has("chưa được giao quyền này"))
	list := url.Values{"name": {"Của tôi"}, "slide": {tree["trong-1"].slide}, "base": {"0"}, "do": {"save"}}
	o.post("/studio/playlists/new", list).is(http.StatusSeeOther)
	list.Add("slide", tree["ngoai"].slide)
	refused(o.post("/studio/playlists/new", list))
	entry.Set("playlist", "slide:"+tree["ngoai"].slide)
	refused(o.post("/studio/schedule/new", entry))
	refused(o.post("/studio/publish", url.Values{"item": {fmt.Sprintf("slide:%s:1", tree["ngoai"].slide)}}))
	refused(o.post("/studio/tokens", url.Values{"name": {"Cổng"}, "unit": {"ngoai"}, "scope": {"read-content"}}).has("chưa được giao quyền này"))
	refused(o.post("/studio/tokens", url.Values{"name": {"Cổng"}, "unit": {""}, "scope": {"read-content"}}).has("chưa được giao quyền này"))
	refused(o.post("/studio/statistics/export", url.Values{"format": {"csv"}}))
	cp := "/studio/kiosks/" + tree["trong-1"].kiosk + "/copy"
	refused(o.post(cp, url.Values{"part": {"sound"}, "kiosk": {tree["ngoai"].kiosk}, "do": {"copy"}}))
	p, _ := o.pairing()
	pair := url.Values{"code": {p.Code}, "name": {"Sảnh"}, "unit": {"ngoai"}, "match": {"on"}}
	refused(o.post("/studio/kiosks/approve", pair))
	pair.Set("unit", "trong-1")
	pair.Set("kiosk", tree["ngoai"].kiosk)
	refused(o.post("/studio/kiosks/approve", pair))
	pair.Del("kiosk")
	o.post("/studio/kiosks/approve", pair).is(http.StatusSeeOther)
	// Nor is anything asked of others' kiosks, or put on them, named or found.
	both := url.Values{"kiosk": {tree["trong-1"].kiosk, tree["ngoai"].kiosk}, "verb": {"reload"}, "addtags": {"của tôi"}}
	o.post("/studio/kiosks-chosen", both).is(http.StatusOK).has("Ki-ốt của Nhánh trong", "Đã chọn 1 ki-ốt").hasNot("Nhánh ngoài")
	o.post("/studio/kiosks-chosen", url.Values{"all": {"on"}, "filter": {""}}).is(http.StatusOK).hasNot("Nhánh ngoài")
	o.post("/studio/kiosk-labels", both).is(http.StatusSeeOther)
	to := o.post("/studio/kiosk-orders", both).is(http.StatusSeeOther).header.Get("Location")
	o.get(to).is(http.StatusOK).has("Ki-ốt của Nhánh trong").hasNot("Nhánh ngoài")
	refused(o.post("/studio/kiosk-orders", url.Values{"kiosk": {tree["ngoai"].kiosk}, "verb": {"reload"}}))
	if k, err := o.store.Kiosk(context.Background(), tree["ngoai"].kiosk); err != nil || len(k.Tags) > 0 {
		t.Errorf("%v, %v", k.Tags, err)
	}
	if list, err := o.store.Commands(context.Background(), tree["ngoai"].kiosk, 9); err != nil || len(list) != 1 { // its own
		t.Errorf("%v, %v", list, err)
	}
	// A copying that reached others' kiosks is not undone by who has but one of them.
	c, err := o.store.CopyTerminal(context.Background(), store.Actor{}, tree["trong-1"].kiosk, map[string]slides.Terminal{tree["ngoai"].kiosk: {Switch: true}})
	if err != nil {
		t.Fatal(err)
	}
	refused(o.post("/studio/kiosk-copies/"+c.ID+"/undo", nil))
}
