package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

func TestInviteByHTTP(t *testing.T) {
	o := newOffice(t)
	token := o.token("Máy lấy số", "", store.InviteScope)
	path := "/api/v1/kiosks/" + o.kiosk["a"] + "/invite"
	for _, c := range []struct {
		name, method, path, token, body string
		want                            int
	}{
		{"no token", "POST", path, "", "", 401},
		{"no such token", "POST", path, auth.NewToken(), "", 401},
		{"no token at all", "POST", path, "secret", "", 401},
		{"no such kiosk", "POST", "/api/v1/kiosks/k-none/invite", token, "", 404},
		{"no JSON", "POST", path, token, "ticket=1", 422},
		{"no such field", "POST", path, token, `{"name":"A"}`, 422},
		{"two objects", "POST", path, token, `{"ticket":"A1"}{"ticket":"A2"}`, 422},
		{"more after", "POST", path, token, `{"ticket":"A1"} x`, 422},
		{"null", "POST", path, token, `null`, 422},
		{"list", "POST", path, token, `[]`, 422},
		{"spaces around", "POST", path, token, " {\"ticket\":\"A1\"}\r\n", 202},
		{"no such procedure", "POST", path, token, `{"procedure":"1.999999"}`, 422},
		{"long ticket", "POST", path, token, `{"ticket":"1234567890123"}`, 422},
		{"too large", "POST", path, token, `{"ticket":"` + strings.Repeat("1", maxBody) + `"}`, 413},
		{"no such address", "GET", "/api/v1/khong-co", token, "", 404},
		{"no such method", "DELETE", path, token, "", 405},
		{"no such scope", "GET", "/api/v1/kiosks", token, "", 403},
		{"no such invitation", "GET", path + "/c-none", token, "", 404},
		{"bare", "POST", path, token, "", 202},
		{"full", "POST", path, token, `{"ticket":"A012","procedure":"1.000105"}`, 202},
	} {
		if a := o.call(c.method, c.path, c.token, c.body); a.status != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.want)
		}
	}
	waiting, err := o.store.PendingCommands(ctx, o.kiosk["a"])
	if err != nil || len(waiting) != 1 || waiting[0].Ticket != "A012" {
		t.Fatalf("%+v %v", waiting, err)
	}
	var got outcome
	id := waiting[0].ID
	if o.call("GET", path+"/"+id, token, "").is(200).into(&got); got.State != "pending" {
		t.Errorf("%v", got)
	}
	check(t, o.store.CommandDone(ctx, o.kiosk["a"], wire.Done{ID: id, Vi: "Màn hình đang có người dùng.", En: "Somebody is using the screen."}))
	if o.call("GET", path+"/"+id, token, "").is(200).into(&got); got.State != "failed" || got.Vi == "" {
		t.Errorf("%v", got)
	}
	for _, scheme := range []string{"bearer ", "BEARER  ", "Basic ", "Bearer", ""} {
		a := o.call("GET", path+"/"+id, "", "", "Authorization", scheme+token)
		if (a.status == 200) != strings.HasPrefix(strings.ToLower(scheme), "bearer ") {
			t.Errorf("scheme %q: %d", scheme, a.status)
		}
	}
}

func TestOneCallerIsBraked(t *testing.T) {
	o := newOffice(t)
	o.handler = New(o.store, slog.New(slog.DiscardHandler), from, nil)
	token := o.token("Máy lấy số", "", store.InviteScope)
	throttled := false
	for range 2 * burst {
		r := httptest.NewRequest("GET", "/api/v1/units", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		o.handler.ServeHTTP(w, r)
		throttled = throttled || w.Code == 429
		if after := w.Header().Get("Retry-After"); (w.Code == 429) != (after == retryAfter) {
			t.Fatalf("%d with Retry-After %q", w.Code, after)
		}
	}
	if !throttled {
		t.Error("one caller may call without end")
	}
}

// sample is a body for a route about a unit's things, and the path's names.
func (o *office) sample(rt *route, unit string) (path, body string, header []string) {
	names := map[string]string{"slides": "s-" + unit, "playlists": "p-" + unit, "entries": "e-" + unit, "procedures": map[string]string{"a": "1.000200", "b": "1.000201"}[unit], "kiosks": o.kiosk[unit]}
	path = rt.path
	if parts := strings.Split(rt.path, "/"); len(parts) > 3 {
		path = strings.ReplaceAll(path, "{id}", names[parts[3]])
	}
	rows, err := o.store.Publications(ctx, 0, 100)
	check(o.t, err)
	for _, p := range rows { // the newest that took the unit's slide
		if slices.ContainsFunc(p.Items, func(x store.PublishedItem) bool { return x.ID == "s-"+unit }) {
			path = strings.ReplaceAll(path, "{revision}", fmt.Sprint(p.Revision))
			break
		}
	}
	path = strings.NewReplacer("{command}", "c-none", "{invitation}", "c-none").Replace(path)
	if strings.HasPrefix(rt.path, "/api/v1/submissions/{id}") {
		path = strings.Replace(rt.path, "{id}", o.submission[unit], 1)
	}
	switch {
	case rt.takes != nil && reflect.TypeOf(rt.takes) == reflect.TypeFor[pieces]():
		body = `{"items":[{"type":"slide","id":"d-` + unit + `","version":1}],"accept":["items.0.until"]}`
	case strings.HasPrefix(rt.path, "/api/v1/statistics") || strings.HasPrefix(rt.path, "/api/v1/plays"):
		path += "?from=2026-01-01&to=2026-01-02&unit=" + unit
	case strings.HasSuffix(rt.path, "/commands"):
		body = `{"verb":"reload"}`
	case rt.path == "/api/v1/slides" || rt.path == "/api/v1/slides/{id}":
		body = `{"unit":"` + unit + `","content":{"kind":"slogan","topic":"T04","title":{"vi":"Sửa"},"body":{"text":{"vi":"Khẩu hiệu mới"}}}}`
	case strings.HasPrefix(rt.path, "/api/v1/playlists"):
		body = `{"unit":"` + unit + `","content":{"name":"Tên mới","items":[]}}`
	case strings.HasPrefix(rt.path, "/api/v1/entries"):
		body = `{"unit":"` + unit + `","content":{"playlist":"p-` + unit + `","zone":"Asia/Ho_Chi_Minh","start":"2026-02-01T07:00","end":"2026-02-01T17:00","priority":10,"where":{"units":["` + unit + `"]}}}`
	case strings.HasPrefix(rt.path, "/api/v1/procedures"):
		code := names["procedures"]
		if rt.method == "POST" {
			code = map[string]string{"a": "1.000300", "b": "1.000301"}[unit]
		}
		body = `{"unit":"` + unit + `","content":{"code":"` + code + `","name":{"vi":"Tên mới"},"field":{"vi":"Việc làm"},"source":"QĐ 2"}}`
	}
	if rt.ifs {
		header = []string{"If-Match", "*"}
	}
	if rt.method == "GET" || rt.method == "DELETE" {
		body = ""
	}
	return path, body, header
}

// Every route, with every scope, about a thing of the token's unit and one of
// its neighbour's: what is outside is as if it were not there.
func TestEveryRouteScopeAndUnit(t *testing.T) {
	for _, rt := range routes() {
		if rt.open {
			continue
		}
		t.Run(operationID(&rt), func(t *testing.T) {
			o := newOffice(t)
			path, body, header := o.sample(&rt, "a")
			o.call(rt.method, path, "", body, header...).is(401)
			for _, scope := range store.Scopes {
				if scope != rt.scope && rt.scope != "" {
					o.call(rt.method, path, o.token("chỉ "+string(scope), "a", scope), body, header...).is(403)
				}
			}
			scope := rt.scope
			if scope == "" {
				scope = store.ReadContent
			}
			none := strings.HasSuffix(path, "c-none")
			out, outBody, _ := o.sample(&rt, "b")
			mine := o.token("ở a", "a", scope)
			a := o.call(rt.method, out, mine, outBody, header...)
			switch {
			case strings.Contains(rt.path, "{"):
				a.is(404)
			case strings.Contains(out, "unit=b") || rt.method == "POST":
				a.is(422)
			case strings.Contains(string(a.is(200).body), `"b"`) || strings.Contains(string(a.body), "của b"):
				t.Errorf("%s shows what is the neighbour's: %s", path, a.body)
			}
			if none {
				o.call(rt.method, path, mine, body, header...).is(404)
				return
			}
			if strings.HasSuffix(rt.path, "/withdraw") { // somebody else's
				o.call(rt.method, path, mine, body, header...).is(403)
				return
			}
			o.call(rt.method, path, mine, body, header...).is(rt.status)
			// From above it holds as well, and for the other one, too.
			o.call(rt.method, out, o.token("ở trên", "so", scope), outBody, header...).is(rt.status)
			o.call(rt.method, out, o.token("mọi nơi", "", store.Scopes...), outBody, header...)
		})
	}
}

func TestDocumentNamesEveryRoute(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		b, err := json.Marshal(Document(lang))
		check(t, err)
		var d struct {
			Paths map[string]map[string]struct {
				OperationID string `json:"operationId"`
				Summary     string
				Scope       string `json:"x-scope"`
			}
		}
		check(t, json.Unmarshal(b, &d))
		n := 0
		ids := map[string]bool{}
		for path, ops := range d.Paths {
			for method, op := range ops {
				n++
				ids[op.OperationID] = true
				if !slices.ContainsFunc(routes(), func(rt route) bool {
					return rt.path == path && strings.ToLower(rt.method) == method && op.Summary == rt.does[lang] && op.Scope == string(rt.scope)
				}) {
					t.Errorf("%s %s is in the document and not in the table", method, path)
				}
			}
		}
		if n != len(routes()) || len(ids) != n {
			t.Errorf("%d operations with %d names of %d routes", n, len(ids), len(routes()))
		}
	}
	c, err := documented()
	check(t, err)
	for name := range Document("en")["components"].(object)["schemas"].(object) {
		if _, err := c.Compile("doc.json#/components/schemas/" + name); err != nil {
			t.Error(err)
		}
	}
	o := newOffice(t)
	if a := o.call("GET", "/api/v1/openapi.json", "", ""); a.status != http.StatusOK || !strings.Contains(string(a.body), `"openapi":"3.1.0"`) {
		t.Errorf("%d %.200s", a.status, a.body)
	}
}

// What the document says of a parameter is what a call is held to: each one of
// each route, with values inside and outside its bounds.
func TestParametersAreAsDocumented(t *testing.T) {
	o := newOffice(t)
	token := o.token("mọi nơi", "", store.Scopes...)
	tried := 0
	for _, rt := range routes() {
		if rt.open {
			continue
		}
		path, body, header := o.sample(&rt, "a")
		bare, query, _ := strings.Cut(path, "?")
		for _, p := range rt.query {
			var good, bad []string
			switch p.is {
			case isText:
				good, bad = []string{strings.Repeat("ệ", p.longest())}, []string{strings.Repeat("ệ", p.longest()+1), "\xff"}
			case isInteger:
				good, bad = []string{fmt.Sprint(p.least), fmt.Sprint(p.most)}, []string{fmt.Sprint(p.least - 1), fmt.Sprint(p.most + 1), "x", "1.5", " 1"}
			case isDate:
				good, bad = []string{"2026-01-02"}, []string{"2026-02-30", "31/1/2026", "2026-1-1"}
			case isChoice:
				good, bad = p.oneOf, []string{"khac", p.oneOf[0] + " "}
			}
			with := func(values ...string) reply {
				q, err := url.ParseQuery(query)
				check(t, err)
				q[p.name] = values
				tried++
				return o.call(rt.method, bare+"?"+q.Encode(), token, body, header...)
			}
			for _, v := range bad {
				if a := with(v); a.status != 422 || !strings.Contains(string(a.body), `"path":"`+p.name+`"`) {
					t.Errorf("%s %s=%q: %d %s", rt.path, p.name, v, a.status, a.body)
				}
			}
			if a := with(good[0], good[0]); a.status != 422 {
				t.Errorf("%s %s twice: %d", rt.path, p.name, a.status)
			}
			for _, v := range good {
				if a := with(v); a.status == 422 && p.is != isText { // a text may name what is not there
					t.Errorf("%s %s=%q: %d %s", rt.path, p.name, v, a.status, a.body)
				}
			}
			if a := with(); p.needs && (a.status != 422 || !strings.Contains(string(a.body), `"path":"`+p.name+`"`)) {
				t.Errorf("%s without %s: %d %s", rt.path, p.name, a.status, a.body)
			}
		}
		sep := "?"
		if query != "" {
			sep = "&"
		}
		o.call(rt.method, path+sep+"khac=1", token, body, header...).is(422)
	}
	if tried < 100 {
		t.Errorf("only %d tried", tried)
	}
}

// What kiosks reported is told by slide, topic, kiosk and day, by page, of the
// token's units only; nothing is counted twice or left out between the pages.
func TestPlaysAreTold(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	day := o.store.Now().Time().UTC().Truncate(24 * time.Hour).Add(2 * time.Hour) // 9:00 in Vietnam, today
	for unit, n := range map[string]int{"a": 3, "b": 5} {
		var plays []wire.Play
		for i := range n {
			from := slides.At(day.Add(time.Duration(i) * time.Minute))
			plays = append(plays, wire.Play{ID: uint64(i + 1), Slide: fmt.Sprintf("s-%d", i%2), From: from, Until: from + 10_000})
		}
		_, err := o.store.SavePlays(ctx, o.kiosk[unit], wire.Plays{Disk: "d-" + unit, Plays: plays})
		check(t, err)
	}
	date := day.Format(time.DateOnly)
	sums := func(token, more string) (out []string) {
		for cursor := ""; ; {
			var p playsPage
			o.call("GET", "/api/v1/plays?limit=1&from="+date+"&to="+date+more+"&cursor="+url.QueryEscape(cursor), token, "").is(200).into(&p)
			for _, x := range p.Items {
				if x.Times > 0 {
					out = append(out, fmt.Sprintf("%s %d %.0f %d", x.Key, x.Times, x.Seconds, x.Kiosks))
				}
			}
			if cursor = p.Next; cursor == "" {
				return out
			}
		}
	}
	all, mine := o.token("mọi nơi", "", store.ReadStatistics), o.token("ở a", "a", store.ReadStatistics)
	two := []string{o.kiosk["a"] + " 3 30 1", o.kiosk["b"] + " 5 50 1"}
	slices.Sort(two)
	for _, x := range []struct {
		token, more string
		want        []string
	}{
		{all, "", []string{"s-0 5 50 2", "s-1 3 30 2"}},
		{all, "&by=topic", []string{" 8 80 2"}},
		{all, "&by=day", []string{date + " 8 80 2"}},
		{all, "&by=kiosk", two},
		{all, "&unit=b", []string{"s-0 3 30 1", "s-1 2 20 1"}},
		{mine, "", []string{"s-0 2 20 1", "s-1 1 10 1"}},
		{mine, "&by=kiosk", []string{o.kiosk["a"] + " 3 30 1"}},
	} {
		if got := sums(x.token, x.more); !slices.Equal(got, x.want) {
			t.Errorf("%s: %q, want %q", x.more, got, x.want)
		}
	}
	o.call("GET", "/api/v1/plays?from="+date+"&to="+date+"&kiosk="+o.kiosk["b"], mine, "").is(422)
	o.call("GET", "/api/v1/plays?from="+date+"&to="+date+"&unit=b", mine, "").is(422)
	o.call("GET", "/api/v1/plays?from=2020-01-01&to=2026-01-01", mine, "").is(422)
}
