package studio

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// rank pairs n kiosks in a unit, of which the first are connected.
func (o *office) rank(unit string, n, online int) []string {
	o.t.Helper()
	var ids []string
	for i := range n {
		k := o.paired(fmt.Sprintf("Ki-ốt %03d", i+1), unit)
		ids = append(ids, k.id)
		if i < online {
			if _, err := o.store.TakeLease(context.Background(), k.id, fmt.Sprint("c", i), store.Hello{}, time.Hour); err != nil {
				o.t.Fatal(err)
			}
		}
	}
	return ids
}

// took says that kiosks have the newest manifest of their class.
func (o *office) took(ids ...string) {
	o.t.Helper()
	ctx := context.Background()
	for _, id := range ids {
		k, err := o.store.KioskStatus(ctx, id)
		if err != nil {
			o.t.Fatal(err)
		}
		if err := o.store.SaveHealth(ctx, id, &wire.Health{Manifest: k.Should, Revision: k.ShouldRevision}); err != nil {
			o.t.Fatal(err)
		}
	}
}

// Kiosks are seen taking a publication, without touching the page, in words and
// in the bar; the page can be left, and the header of another one leads back.
func TestKiosksTurnGreen(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	ids := o.rank(unit, 5, 4)
	row, err := o.store.Slides(context.Background(), store.SlideFilter{Kind: "slogan", State: store.Live, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	changed := *row[0].Slide
	changed.Title = slides.Vi("Khẩu hiệu mới của buổi sáng")
	at := o.saved(row[0].Unit, &changed)
	d := o.sit(t)
	d.do(chromedp.Navigate(o.web.URL+"/studio/publish?item=slide:"+at.ID), chromedp.WaitVisible(chromedp.CSS("#publish")), chromedp.Click(chromedp.CSS("#publish")), chromedp.WaitVisible(chromedp.CSS(".delivery")))
	count := func(want string) {
		t.Helper()
		if got := d.read(`(t => t.includes(` + fmt.Sprintf("%q", want) + `) ? t : "")(document.querySelector(".delivery-count").textContent)`); got == "" {
			t.Fatal(got)
		}
	}
	count("0/5 ki-ốt đã nhận, 4 đang tải, 1 mất kết nối.")
	o.took(ids[:2]...)
	count("2/5 ki-ốt đã nhận, 2 đang tải, 1 mất kết nối.")
	d.do(chromedp.Navigate(o.web.URL+"/studio/playlists"), chromedp.WaitVisible(chromedp.CSS(".side .running")), chromedp.Click(chromedp.CSS(".side .running")),
		chromedp.WaitVisible(chromedp.CSS(".work a")), chromedp.Click(chromedp.CSS(".work a")), chromedp.WaitVisible(chromedp.CSS(".delivery")))
	o.took(ids[2:4]...)
	count("4/5 ki-ốt đã nhận, 1 mất kết nối.")
	o.took(ids[4])
	d.do(chromedp.Navigate(o.web.URL + "/studio/playlists"))
	if got := d.read(`String(document.querySelectorAll(".running").length)`); got != "0" {
		t.Errorf("%s works run", got)
	}
	if says := d.complaints(); says != "" {
		t.Error(says)
	}
}

// Five hundred kiosks are counted, and those that lack it named up to a number
// that a page can bear.
func TestPublicationOfManyKiosks(t *testing.T) {
	needFonts(t)
	if testing.Short() {
		t.Skip("pairs 500 kiosks")
	}
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	ids := o.rank(unit, 500, 490)
	at := o.saved(unit, sloganOf(t, "nam-tram", "Năm trăm màn hình", "Chào ngày mới"))
	list, err := o.store.Playlists(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	pl := list[0].Playlist
	pl.Items = append(pl.Items, slides.Item{Slide: at.ID})
	row, err := o.store.SavePlaylist(context.Background(), store.Actor{}, list[0].Unit, pl, list[0].Version)
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.store.Publish(context.Background(), store.Actor{}, store.PublishRequest{Items: []store.ItemRef{at.ItemRef, row.ItemRef}})
	if err != nil {
		t.Fatal(err)
	}
	o.took(ids[:400]...)
	begun := time.Now()
	o.get(fmt.Sprintf("/studio/publications/%d", p.Revision)).has("400/500 ki-ốt đã nhận, 90 đang tải, ", "10 mất kết nối", "và 40 ki-ốt khác", "Ki-ốt 401", "Ki-ốt 500")
	t.Log("the page took", time.Since(begun))
}
