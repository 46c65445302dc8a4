package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"motcua/server/fleet"
	"motcua/server/store"
)

const newSlide = `{"unit":"a","content":{"kind":"slogan","topic":"T04","title":{"vi":"Mới"},"body":{"text":{"vi":"Khẩu hiệu"}}}}`

func TestContentHasVersions(t *testing.T) {
	o := newOffice(t)
	token := o.token("cổng", "a", store.ReadContent, store.WriteContent)
	var made item[json.RawMessage]
	a := o.call("POST", "/api/v1/slides", token, newSlide).is(201).into(&made)
	if a.header.Get("ETag") != `"1"` || made.Version != 1 || made.State != store.Draft || made.Unit != "a" {
		t.Fatalf("%q %+v", a.header.Get("ETag"), made)
	}
	at := "/api/v1/slides/" + made.ID
	edited := strings.ReplaceAll(strings.Replace(newSlide, `"unit":"a",`, "", 1), "Mới", "Sửa")
	o.call("PUT", at, token, edited).is(428)
	o.call("PUT", at, token, edited, "If-Match", `"7"`).is(412)
	o.call("PUT", at, token, edited, "If-Match", `1`).is(412)
	o.call("PUT", at, token, edited, "If-None-Match", `*`).is(412)
	if a := o.call("PUT", at, token, edited, "If-Match", `"1"`).is(200); a.header.Get("ETag") != `"2"` {
		t.Errorf("%v", a.header)
	}
	o.call("PUT", at, token, strings.ReplaceAll(edited, "Sửa", "Muộn"), "If-Match", `"1"`).is(412)
	o.call("PUT", at, token, strings.ReplaceAll(edited, "Sửa", "Đè"), "If-Match", `*`).is(200)
	o.call("PUT", at, token, newSlide[:len(newSlide)-1]+`,"x":1}`, "If-Match", `*`).is(422).names("x")
	o.call("PUT", at, token, `{"unit":"so","content":{}}`, "If-Match", `*`).is(422).names("unit")
	o.call("PUT", "/api/v1/slides/tu-dat", token, newSlide, "If-None-Match", "*").is(200)
	o.call("PUT", "/api/v1/slides/khong-co", token, newSlide, "If-Match", "*").is(404)
	o.call("DELETE", at, token, "").is(428)
	o.call("DELETE", at, token, "", "If-Match", `"2"`).is(412)
	if a := o.call("DELETE", at, token, "", "If-Match", `"3"`).is(204); len(a.body) > 0 {
		t.Errorf("%q", a.body)
	}
	o.call("GET", at, token, "").is(404)
	// What is done is written to the token's account.
	rows, err := o.store.Audit(ctx, store.AuditFilter{Object: "slide:" + made.ID})
	check(t, err)
	for _, r := range rows {
		if !strings.HasPrefix(r.User, "token:k-") || r.Name != "cổng" {
			t.Errorf("%+v", r)
		}
	}
	if len(rows) != 4 {
		t.Errorf("%d rows", len(rows))
	}
}

// What nobody knows is named, wherever it stands.
func TestBodiesAreReadStrictly(t *testing.T) {
	o := newOffice(t)
	token := o.token("cổng", "a", store.Scopes...)
	const good = `"kind":"slogan","topic":"T04","title":{"vi":"Mới"}`
	for _, c := range []struct{ path, body, at string }{
		{"slides", `{"unit":"a","contents":{}}`, "contents"},
		{"slides", `{"unit":"a"}`, "content"},
		{"slides", `{"unit":"a","content":[]}`, "content"},
		{"slides", `{"unit":"khong-co","content":{` + good + `,"body":{"text":{"vi":"x"}}}}`, "unit"},
		{"slides", `{"unit":"a","content":{` + good + `,"colour":"red","body":{"text":{"vi":"x"}}}}`, "content.colour"},
		{"slides", `{"unit":"a","content":{` + good + `,"body":{"text":{"vi":"x"},"colour":"red"}}}`, "content.body.colour"},
		{"slides", `{"unit":"a","content":{` + good + `,"body":{"text":7}}}`, "content.body.text"},
		{"slides", `{"unit":"a","content":{` + good + `,"body":{"text":{}}}}`, "content.body.text"},
		{"slides", `{"unit":"a","content":{"kind":"film"}}`, "content.kind"},
		{"slides", `{"unit":"a","content":{"kind":"slogan","topic":"T99","title":{"vi":"x"},"body":{"text":{"vi":"x"}}}}`, "content.topic"},
		{"playlists", `{"unit":"a","content":{"name":"x","items":[{"slide":"s-b"}]}}`, "content.items"},
		{"playlists", `{"unit":"a","content":{"name":"x","items":[{"slide":"khong-co"}]}}`, "content.items.0.slide"},
		{"entries", `{"unit":"a","content":{"playlist":"p-a","zone":"Asia/Ho_Chi_Minh","start":"2026-02-01T07:00","end":"2026-02-01T17:00","priority":10,"where":{"all":true}}}`, "content.where"},
		{"entries", `{"unit":"a","content":{"playlist":"p-a","zone":"Asia/Ho_Chi_Minh","start":"2026-02-01T07:00","end":"2026-02-01T17:00","priority":10,"where":{"kiosks":["` + o.kiosk["b"] + `"]}}}`, "content.where"},
		{"procedures", `{"unit":"a","content":{"code":"1.00","name":{"vi":"x"},"field":{"vi":"x"},"source":"QĐ 1"}}`, "content.code"},
		{"kiosks/" + o.kiosk["a"] + "/commands", `{"verb":"invite"}`, "verb"},
	} {
		o.call("POST", "/api/v1/"+c.path, token, c.body).is(422).names(c.at)
	}
	o.call("POST", "/api/v1/entries", token, `{"unit":"a","content":{"playlist":"p-a","zone":"Asia/Ho_Chi_Minh","start":"2026-02-01T07:00","end":"2026-02-01T17:00","priority":90,"where":{"units":["a"]}}}`).is(403)
}

func TestListsComeByPage(t *testing.T) {
	o := newOffice(t)
	token := o.token("cổng", "a", store.ReadContent, store.WriteContent)
	for i := range 7 {
		o.call("PUT", fmt.Sprintf("/api/v1/slides/x-%d", i), token, newSlide, "If-None-Match", "*").is(200)
	}
	var seen []string
	for cursor, pages := "", 0; ; pages++ {
		var p page[item[json.RawMessage]]
		o.call("GET", "/api/v1/slides?limit=4&cursor="+cursor, token, "").is(200).into(&p)
		for _, x := range p.Items {
			seen = append(seen, x.ID)
		}
		if cursor = p.Next; cursor == "" {
			if pages != 2 {
				t.Errorf("%d pages", pages+1)
			}
			break
		}
	}
	if want := []string{"d-a", "s-a", "x-0", "x-1", "x-2", "x-3", "x-4", "x-5", "x-6"}; !slices.Equal(seen, want) {
		t.Errorf("%v", seen)
	}
	o.call("GET", "/api/v1/slides?limit=0", token, "").is(422).names("limit")
	o.call("GET", "/api/v1/slides?unit=b", token, "").is(422).names("unit")
	o.call("GET", "/api/v1/slides?state=x", token, "").is(422).names("state")
	var found page[item[json.RawMessage]]
	if o.call("GET", "/api/v1/slides?q=trang+cua+a", token, "").is(200).into(&found); len(found.Items) != 1 {
		t.Errorf("%+v", found)
	}
	var p page[publication]
	if o.call("GET", "/api/v1/publications", token, "").is(200).into(&p); len(p.Items) != 1 || len(p.Items[0].Items) != 4 || p.Items[0].Note != "của a" {
		t.Errorf("%+v", p)
	}
}

// However calls are sent again, one after another or at once, each key does one
// thing once, and all answers to it are the same.
func TestKeysNeverDouble(t *testing.T) {
	o := newOffice(t)
	token := o.token("cổng", "a", store.ReadContent, store.WriteContent)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		before := o.count()
		keys := rapid.IntRange(1, 3).Draw(rt, "keys")
		calls := rapid.SliceOfN(rapid.IntRange(0, keys-1), 1, 6).Draw(rt, "calls")
		atOnce := rapid.Bool().Draw(rt, "at once")
		answers := make([]string, len(calls))
		one := func(i, key int) {
			answers[i] = string(o.call("POST", "/api/v1/slides", token, newSlide, "Idempotency-Key", fmt.Sprintf("%d-%d", n, key)).is(201).body)
		}
		var wg sync.WaitGroup
		for i, key := range calls {
			if atOnce {
				wg.Go(func() { one(i, key) })
			} else {
				one(i, key)
			}
		}
		wg.Wait()
		distinct := slices.Compact(slices.Sorted(slices.Values(calls)))
		if got := slices.Compact(slices.Sorted(slices.Values(answers))); len(got) != len(distinct) {
			rt.Fatalf("%d answers to %d keys", len(got), len(distinct))
		}
		if made := o.count() - before; made != len(distinct) {
			rt.Fatalf("%d slides by %d keys", made, len(distinct))
		}
	})
	o.call("POST", "/api/v1/slides", token, newSlide, "Idempotency-Key", "khac").is(201)
	o.call("POST", "/api/v1/slides", token, strings.ReplaceAll(newSlide, "Mới", "Khác"), "Idempotency-Key", "khac").is(422)
	o.call("POST", "/api/v1/slides", token, newSlide, "Idempotency-Key", "có dấu").is(422)
	// What failed did nothing and may be sent again.
	o.call("POST", "/api/v1/slides", token, `{"unit":"b","content":{}}`, "Idempotency-Key", "sai").is(422)
	if a := o.call("POST", "/api/v1/slides", token, newSlide, "Idempotency-Key", "sai").is(201); a.header.Get("Idempotency-Replayed") != "" {
		t.Error("a failure was kept")
	}
	if a := o.call("POST", "/api/v1/slides", token, newSlide, "Idempotency-Key", "sai").is(201); a.header.Get("Idempotency-Replayed") != "true" {
		t.Error("the answer is not marked")
	}
}

func (o *office) count() (n int) {
	rows, err := o.store.Content(ctx, store.ContentFilter{Type: store.SlideItem, Limit: 100_000})
	check(o.t, err)
	return len(rows)
}

// What is to be seen goes by the unit's rule: at once, or by somebody's approval.
func TestPublishAndSubmit(t *testing.T) {
	o := newOffice(t)
	token := o.token("cổng", "a", store.Scopes...)
	long := strings.ReplaceAll(newSlide, "Mới", "quá dài")
	o.call("PUT", "/api/v1/slides/dai", token, long, "If-None-Match", "*").is(200)
	o.call("POST", "/api/v1/publications", token, `{"items":[{"type":"slide","id":"dai","version":1}]}`).is(422).names("items.0.body.text")
	o.call("POST", "/api/v1/publications", token, `{"items":[]}`).is(422).names("items")
	o.call("POST", "/api/v1/publications", token, `{"items":[{"type":"look","id":"look","version":1}]}`).is(422).names("items.0.type")
	o.call("POST", "/api/v1/publications", token, `{"items":[{"type":"slide","id":"d-a","version":7}],"accept":["items.0.until"]}`).is(409)
	o.call("POST", "/api/v1/publications", token, `{"items":[{"type":"slide","id":"d-a","version":1}]}`).is(422).names("accept").names("items.0.until")
	o.call("POST", "/api/v1/publications", token, `{"items":[{"type":"slide","id":"dai","version":1}],"accept":["items.0.body.text"]}`).is(422).names("items.0.body.text") // an error is not to be accepted
	const good = `{"items":[{"type":"slide","id":"d-a","version":1}],"note":"sáng nay","accept":["items.0.until"]}`
	var p publication
	if o.call("POST", "/api/v1/publications", token, good, "Idempotency-Key", "1").is(201).into(&p); len(p.Items) != 1 || p.Items[0].After != 1 {
		t.Fatalf("%+v", p)
	}
	o.call("POST", "/api/v1/publications", token, good, "Idempotency-Key", "1").is(201)
	if n, err := o.store.Revision(ctx); err != nil || n != p.Revision {
		t.Fatalf("%d %v", n, err)
	}
	if i, err := o.store.Item(ctx, store.ItemRef{Type: store.SlideItem, ID: "d-a"}); err != nil || i.State != store.Live {
		t.Fatalf("%+v %v", i, err)
	}
	if subs, _, err := o.store.Submissions(ctx, store.SubmissionFilter{}); err != nil || len(subs) == 0 || len(subs[0].Accepted) != 1 || !strings.Contains(subs[0].Accepted[0], "Sắp hết hạn.") {
		t.Fatalf("%+v %v", subs, err)
	}
	o.call("POST", "/api/v1/slides/d-a/recall", token, "").is(201)
	// Where two people are asked for, a program is not one of them.
	check(t, o.store.SetApprovalRule(ctx, store.Actor{}, "so", store.ApprovalRule{Way: store.WayApprove}))
	o.call("PUT", "/api/v1/slides/d-a", token, newSlide, "If-Match", `"1"`).is(200)
	const again = `{"items":[{"type":"slide","id":"d-a","version":2}],"accept":["items.0.until"]}`
	o.call("POST", "/api/v1/publications", token, again).is(403)
	var s, read submission
	o.call("POST", "/api/v1/submissions", token, again).is(201).into(&s)
	if o.call("GET", "/api/v1/submissions/"+s.ID, token, "").is(200).into(&read); read.State != store.Submitted || read.Unit != "a" {
		t.Errorf("%+v", read)
	}
	_, err := o.store.RejectSubmission(ctx, store.Actor{User: "u-2"}, s.ID, "Sai số điện thoại.")
	check(t, err)
	if o.call("GET", "/api/v1/submissions/"+s.ID, token, "").is(200).into(&read); read.State != store.Rejected || read.Reason != "Sai số điện thoại." {
		t.Errorf("%+v", read)
	}
	o.call("POST", "/api/v1/submissions", token, again).is(201).into(&s)
	if o.call("POST", "/api/v1/submissions/"+s.ID+"/withdraw", token, "").is(200).into(&read); read.State != store.Withdrawn {
		t.Errorf("%+v", read)
	}
}

func TestCommandsAndState(t *testing.T) {
	o := newOffice(t)
	token := o.token("giám sát", "a", store.ReadKiosks, store.RunKiosks)
	at := "/api/v1/kiosks/" + o.kiosk["a"]
	var k kiosk
	if o.call("GET", at, token, "").is(200).into(&k); !k.Online || !k.Paired || k.State == fleet.Silent || k.Name != "Quầy a" {
		t.Errorf("%+v", k)
	}
	var sent, read command
	o.call("POST", at+"/commands", token, `{"verb":"reload"}`, "Idempotency-Key", "1").is(202).into(&sent)
	o.call("POST", at+"/commands", token, `{"verb":"reload"}`, "Idempotency-Key", "1").is(202)
	if o.call("GET", at+"/commands/"+sent.ID, token, "").is(200).into(&read); read.State != "pending" || read != sent {
		t.Errorf("%+v %+v", sent, read)
	}
	waiting, err := o.store.PendingCommands(ctx, o.kiosk["a"])
	if check(t, err); len(waiting) != 1 {
		t.Errorf("%+v", waiting)
	}
}

// FuzzDecode: whatever comes is read or refused with a sentence, and what is
// read leaves nothing out.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "{}", `{"unit":"a","content":{}}`, `{"unit":7}`, `{"x":1}`, `{"unit":"a"}{}`, "null", `{"unit":"a","unit":"b"}`, "{\"unit\":\"\xff\"}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var w written[json.RawMessage]
		err := decode(b, &w, "at.")
		if err != nil {
			if e, ok := asError(err); !ok || e.Vi == "" || e.En == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		var all map[string]any
		if len(strings.TrimSpace(string(b))) > 0 {
			if err := json.Unmarshal(b, &all); err != nil {
				t.Fatalf("%q was read, and is no object: %v", b, err)
			}
		}
		for name := range all {
			if !strings.EqualFold(name, "unit") && !strings.EqualFold(name, "content") {
				t.Fatalf("%q was read over %q", b, name)
			}
		}
	})
}

// What another unit has deleted stays its own, and its lists are not to be shown.
func TestOtherUnitsIDsAndLists(t *testing.T) {
	o := newOffice(t)
	token := o.token("cổng", "a", store.ReadContent, store.WriteContent, store.PublishContent)
	check(t, o.store.DeleteItem(ctx, store.Actor{}, store.ItemRef{Type: store.SlideItem, ID: "s-b"}, 1)) // still on b's screens
	mine := strings.Replace(newSlide, `"content":{`, `"content":{"id":"s-b",`, 1)
	o.call("POST", "/api/v1/slides", token, mine).is(409)
	check(t, o.store.DeleteItem(ctx, store.Actor{}, store.ItemRef{Type: store.SlideItem, ID: "d-b"}, 1)) // and never live
	o.call("PUT", "/api/v1/slides/d-b", token, newSlide, "If-None-Match", "*").is(412)
	for _, id := range []string{"s-b", "d-b"} {
		i, err := o.store.Item(ctx, store.ItemRef{Type: store.SlideItem, ID: id})
		check(t, err)
		if i.Unit != "b" {
			t.Errorf("%s is %q's", id, i.Unit)
		}
	}
	e := `{"unit":"a","content":{"playlist":"p-b","zone":"Asia/Ho_Chi_Minh","start":"2026-01-01T07:00","end":"2026-01-01T17:00","priority":10,"where":{"units":["a"]}}}`
	o.call("POST", "/api/v1/entries", token, e).is(422).names("content.playlist")
	o.call("POST", "/api/v1/entries", token, strings.Replace(e, "p-b", "p-a", 1)).is(201)
}
