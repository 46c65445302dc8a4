package studio

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// news follows two feeds: one that brought items, one that fails.
func (o *office) news() []store.FeedItem {
	o.t.Helper()
	ctx := context.Background()
	unit := o.firstUnitID()
	for i, name := range []string{"Cổng thông tin điện tử tỉnh (mẫu)", "Trang tin của Sở (mẫu)"} {
		f, err := o.store.SaveFeed(ctx, store.Actor{}, store.Feed{Unit: unit, Name: name, URL: "https://langson.example.vn/rss/tin-cai-cach-hanh-chinh.xml", Topic: "T08", Shows: store.FeedBoth, Days: 14})
		if err != nil {
			o.t.Fatal(err)
		}
		if _, ok, err := o.store.ClaimFeed(ctx, time.Minute); !ok || err != nil {
			o.t.Fatal(ok, err)
		}
		r := store.FeedAnswer{Wait: time.Hour}
		if i == 1 {
			r.Failed = slides.E(slides.Broken, "test", "Nguồn tin trả lời lỗi 503; hãy mở địa chỉ bằng trình duyệt để kiểm tra.", "The feed answers with error 503; open its address in a browser.", nil)
		}
		for n, title := range []string{"Lạng Sơn đẩy mạnh số hóa kết quả giải quyết thủ tục hành chính tại bộ phận một cửa các xã, phường", "Tập huấn dịch vụ công trực tuyến"} {
			r.Items = append(r.Items, store.FeedItem{GUID: title, Title: title, Summary: "Từ tháng này, người dân được hướng dẫn nộp hồ sơ trực tuyến ngay tại bộ phận một cửa; kết quả được trả qua bưu điện theo yêu cầu.", Link: "https://langson.gov.vn/tin/1", Published: o.store.Now() - slides.Millis(n)*3600_000})
		}
		if _, err := o.store.FeedAnswered(ctx, f.ID, r); err != nil {
			o.t.Fatal(err)
		}
	}
	list, err := o.store.FeedItems(ctx, nil, store.ItemWaiting, 10)
	if err != nil || len(list) != 2 {
		o.t.Fatal(list, err)
	}
	return list
}

// Feeds are followed, mended and ended; their news is approved and dismissed by
// those who may publish.
func TestFeeds(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	bad := url.Values{"unit": {unit}, "name": {"Cổng"}, "url": {"ftp://x"}, "topic": {"T08"}, "shows": {"news"}, "days": {"900"}}
	o.post("/studio/feeds", bad).is(http.StatusUnprocessableEntity).has("phải bắt đầu bằng https://", "Số ngày phải từ 1 đến 60", `value="ftp://x"`)
	bad.Set("url", "https://vd.vn/rss")
	bad.Set("days", "9")
	bad.Set("trusted", "on")
	o.post("/studio/feeds", bad).is(http.StatusSeeOther)
	list, err := o.store.Feeds(context.Background(), nil)
	if err != nil || len(list) != 1 || !list[0].Trusted {
		t.Fatal(list, err)
	}
	at := "/studio/feeds/" + list[0].ID
	o.get("/studio/feeds").has("sắp lấy tin", "tin cậy: tự chiếu")
	o.post(at, url.Values{"do": {"end"}}).is(http.StatusSeeOther)
	o.get("/studio/feeds").has("đã ngừng")
	// An editor follows and changes feeds, but does not say whom to trust.
	edit := o.as("bien-tap", store.Grant{Role: "editor", Unit: unit})
	admin := o.client
	o.client = edit
	o.post(at, url.Values{"do": {"begin"}}).is(http.StatusSeeOther)
	bad.Set("name", "Cổng khác")
	bad.Del("trusted")
	o.post(at, bad).is(http.StatusSeeOther)
	if list, err = o.store.Feeds(context.Background(), nil); err != nil || !list[0].Trusted || list[0].Name != "Cổng khác" || list[0].Closed {
		t.Fatal(list, err)
	}
	bad.Set("url", "https://cua-toi.example.vn/rss") // the trust was in another source
	o.post(at, bad).is(http.StatusSeeOther)
	if list, err = o.store.Feeds(context.Background(), nil); err != nil || list[0].Trusted {
		t.Fatal(list, err)
	}
	o.client = admin
	o.post(at, url.Values{"do": {"end"}}).is(http.StatusSeeOther)
	items := o.news()
	o.get("/studio/feeds").has("Tập huấn dịch vụ công trực tuyến", "lỗi 503", "Duyệt các tin đã chọn")
	o.client = edit
	o.get("/studio/feeds").has("Tập huấn").hasNot("Duyệt các tin đã chọn")
	o.post("/studio/feed-items", url.Values{"do": {"approve:" + items[0].Feed + "/" + items[0].GUID}}).is(http.StatusForbidden)
	o.client = admin
	o.post("/studio/feed-items", url.Values{"do": {"approve"}}).is(http.StatusUnprocessableEntity).has("Hãy chọn ít nhất một tin")
	o.post("/studio/feed-items", url.Values{"do": {"approve"}, "item": {items[0].Feed + "/" + items[0].GUID}}).is(http.StatusSeeOther)
	o.post("/studio/feed-items", url.Values{"do": {"dismiss:" + items[1].Feed + "/" + items[1].GUID}}).is(http.StatusSeeOther)
	o.get("/studio/feeds").has("Không có tin nào đang chờ duyệt", "Danh sách phát của nguồn này")
	o.get("/studio/slides/" + items[0].Slide).has("Đã phát hành")
}
