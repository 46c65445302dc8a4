package studio

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"motcua/slides/wire"
)

// A slide's page tells how citizens found it, once anyone has said so.
func TestASlidesPageTellsWhetherItIsUseful(t *testing.T) {
	o := newOffice(t).enter().stock()
	k := o.paired("Sảnh tầng 1", o.firstUnitID())
	o.get("/studio/slides/faq-o-xa").is(http.StatusOK).hasNot("Người dân thấy hữu ích")
	plays := wire.Plays{Disk: "d", Plays: []wire.Play{
		{ID: 1, Slide: "faq-o-xa", From: 1, Until: 2}, {ID: 2, Slide: "faq-o-xa", From: 1, Until: 1, Yes: 12}, {ID: 3, Slide: "faq-o-xa", From: 1, Until: 1, No: 3}, {ID: 4, Slide: "faq-tre-hen", From: 1, Until: 1, No: 9},
	}}
	if _, err := o.store.SavePlays(context.Background(), k.id, plays); err != nil {
		t.Fatal(err)
	}
	checkPage(t, o.get("/studio/slides/faq-o-xa").has("Người dân thấy hữu ích: 12 có, 3 không"))
	o.post("/studio/language", url.Values{"language": {"en"}})
	o.get("/studio/slides/faq-o-xa").has("Citizens found it useful: 12 yes, 3 no")
}
