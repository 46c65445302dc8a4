package studio

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"motcua/server/store"
	"motcua/slides"
)

// A photograph needs its officer's consent, follows the card where the unit
// shows it, never to another officer's card, and is not in the library.
func TestOfficerPhotoOnCards(t *testing.T) {
	o := newOffice(t).enter().stock()
	ctx, unit := context.Background(), o.firstUnitID()
	var of [2]store.Officer
	for i, name := range []string{"Cán bộ Một", "Cán bộ Hai"} {
		var err error
		if of[i], err = o.store.SaveOfficer(ctx, store.Actor{}, store.Officer{Unit: unit, Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	k := o.paired("Quầy 1", unit)
	base, photo := "/studio/units/"+unit, pngOf(t, 40, 40)
	v := url.Values{"officer": {of[0].ID}, "do": {"save"}}
	o.upload(base+"/officer-photo", v, "file", photo).is(http.StatusUnprocessableEntity).has("Chưa xác nhận cán bộ đồng ý")
	v.Set("agreed", "on")
	o.upload(base+"/officer-photo", v, "file", []byte("GIF89a")).is(http.StatusUnprocessableEntity).has("Không nhận ảnh GIF")
	o.upload(base+"/officer-photo", v, "file", photo).is(http.StatusSeeOther)
	o.get(base+"/desks").is(http.StatusOK).has("cán bộ đồng ý ngày", "Ảnh của Cán bộ Một")
	o.get(base + "/officer-photos/" + of[0].ID).is(http.StatusOK)
	o.get(base + "/officer-photos/" + of[1].ID).is(http.StatusNotFound)
	if _, n, err := o.store.MediaList(ctx, store.MediaFilter{}); err != nil || n != 0 {
		t.Error("a person's photograph is in the library", err)
	}
	card := func(officer store.Officer) *slides.OfficerCard {
		t.Helper()
		path := "/studio/kiosks/" + k.id + "/settings"
		f := o.get(path).is(http.StatusOK).form(path, "do=save")
		f.Set(terminalPrefix+"officer.id", officer.ID)
		f.Set(terminalPrefix+"officer.name", officer.Name)
		o.post(path, f).is(http.StatusSeeOther)
		got, err := o.store.Kiosk(ctx, k.id)
		if err != nil || got.Terminal.Officer == nil {
			t.Fatal(got.Terminal, err)
		}
		return got.Terminal.Officer
	}
	if c := card(of[0]); c.Photo != "" {
		t.Error("shown though the unit shows none")
	}
	o.post(base+"/officer-photos", url.Values{"shown": {"on"}}).is(http.StatusSeeOther)
	if c := card(of[0]); c.Photo == "" {
		t.Error("not shown though the unit shows it")
	}
	if c := card(of[1]); c.Photo != "" {
		t.Error("another officer's photograph is shown")
	}
	if c := card(of[0]); c.Photo == "" {
		t.Error("not shown again")
	}
	o.post(base+"/officer-photo", url.Values{"officer": {of[0].ID}, "do": {"remove"}}).is(http.StatusSeeOther)
	if got, err := o.store.Kiosk(ctx, k.id); err != nil || got.Terminal.Officer.Photo != "" {
		t.Error("still shown after it was taken off", err)
	}
}
