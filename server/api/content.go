package api

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"

	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/kinds"
)

// item is a draft and how it stands. C is its content's type in the document;
// on the wire it is the stored bytes.
type item[C any] struct {
	ID      string          `json:"id"`
	Unit    string          `json:"unit"` // that owns it; "" the whole office
	State   store.ItemState `json:"state"`
	Version int             `json:"version"` // of the draft, rises with each change
	Live    int             `json:"live"`    // version on the screens, 0: none
	Updated slides.Millis   `json:"updated"`
	Content C               `json:"content"`
}

// page is a part of a list.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // cursor of the next page; not there on the last
}

// written is a draft as a caller sends it.
type written[C any] struct {
	Unit    string `json:"unit,omitempty"` // that is to own it; only for something new
	Content C      `json:"content"`
}

func shown[C any](i store.Item, content C) item[C] {
	return item[C]{i.ID, i.Unit, i.State, i.Version, i.Live, i.Updated, content}
}

// show is what the answer of a change looks like.
func show(result any) any {
	switch r := result.(type) {
	case store.SlideRow:
		return shown(r.Item, r.Slide)
	case store.PlaylistRow:
		return shown(r.Item, r.Playlist)
	case store.EntryRow:
		return shown(r.Item, r.Entry)
	case store.ProcedureRow:
		return shown(r.Item, r.Procedure)
	}
	return showMore(result)
}

// genre is one type of content: what is the same for all of them is written
// once, in this file.
type genre struct {
	name  string // of the path: "slides"
	typ   store.ItemType
	vi    string
	en    string
	shape any // item of its content, for the document
	sent  any
	save  func(c *call, unit, id string, content json.RawMessage, base int) (any, store.Item, error)
}

var genres = []genre{
	{"slides", store.SlideItem, "trang trình chiếu", "slide", item[slides.Slide]{}, written[slides.Slide]{}, saveSlide},
	{"playlists", store.PlaylistItem, "danh sách phát", "playlist", item[slides.Playlist]{}, written[slides.Playlist]{}, savePlaylist},
	{"entries", store.EntryItem, "lịch phát", "schedule entry", item[compile.Entry]{}, written[compile.Entry]{}, saveEntry},
	{"procedures", store.ProcedureItem, "thủ tục", "procedure", item[catalogue.Procedure]{}, written[catalogue.Procedure]{}, saveProcedure},
}

func (g *genre) ref(c *call) store.ItemRef {
	id := c.r.PathValue("id")
	if g.typ == store.ProcedureItem {
		id = store.ProcedureID(id)
	}
	return store.ItemRef{Type: g.typ, ID: id}
}

// owner is whose the item of the path is.
func (g *genre) owner(c *call) (string, error) {
	i, err := c.store.Item(c.r.Context(), g.ref(c))
	return i.Unit, err
}

// putOwner is owner for PUT, which may make something new: that must lie where
// the token holds, which save checks.
func (g *genre) putOwner(c *call) (string, error) {
	i, err := c.store.Item(c.r.Context(), g.ref(c))
	if slides.KindOf(err) == slides.NotFound || i.State == store.Removed {
		return c.token.Unit, nil
	}
	return i.Unit, err
}

func (g *genre) list(c *call) (any, error) {
	q := c.r.URL.Query()
	limit := c.limit()
	f := store.ContentFilter{Type: g.typ, State: store.ItemState(q.Get("state")), Search: clip(q.Get("q")), After: clip(q.Get("cursor")), Limit: limit + 1}
	var err error
	if f.Units, err = c.contentUnits(q.Get("unit")); err != nil {
		return nil, err
	}
	rows, err := c.store.Content(c.r.Context(), f)
	if err != nil {
		return nil, err
	}
	out := page[item[json.RawMessage]]{Items: []item[json.RawMessage]{}}
	if len(rows) > limit {
		rows = rows[:limit]
		out.Next = rows[limit-1].ID
	}
	for _, r := range rows {
		out.Items = append(out.Items, shown(r.Item, r.Bytes))
	}
	return out, nil
}

// contentUnits are the units whose content a list shows; nil all. one is a unit
// that the caller asks for, with all below it.
func (c *call) contentUnits(one string) ([]string, error) {
	if one == "" && c.reach.Everywhere() {
		return nil, nil
	}
	units, err := c.units(one)
	if err != nil {
		return nil, err
	}
	out := []string{}
	if one == "" {
		out = append(out, "")
	}
	for _, u := range units {
		if c.sees(u.ID) {
			out = append(out, u.ID)
		}
	}
	return out, nil
}

func (g *genre) read(c *call) (any, error) {
	r, err := c.store.ContentItem(c.r.Context(), g.ref(c))
	if slides.KindOf(err) == slides.NotFound {
		return nil, noThing()
	}
	c.etag = etag(r.Version)
	return shown(r.Item, r.Bytes), err
}

func (g *genre) create(c *call) (any, error) {
	w, err := g.readWritten(c)
	if err != nil {
		return nil, err
	}
	return g.keep(c, w, "", 0)
}

// put changes an item, or makes one under an id that the caller chose.
func (g *genre) put(c *call) (any, error) {
	base, err := c.base()
	if err != nil {
		return nil, err
	}
	w, err := g.readWritten(c)
	if err != nil {
		return nil, err
	}
	ref := g.ref(c)
	old, err := c.store.ContentItem(c.r.Context(), ref)
	switch {
	case slides.KindOf(err) == slides.NotFound && base != 0:
		return nil, noThing()
	case slides.KindOf(err) == slides.NotFound:
	case err != nil:
		return nil, err
	default:
		if w.Unit != "" && w.Unit != old.Unit {
			return nil, badQuery("unit", "Không chuyển nội dung sang đơn vị khác được.", "Content can't be moved to another unit.")
		}
		w.Unit = old.Unit
		if base < 0 {
			base = old.Version
		}
	}
	v, err := g.keep(c, w, ref.ID, base)
	return v, stale(err)
}

func (g *genre) readWritten(c *call) (w written[json.RawMessage], err error) {
	if err := decode(c.body, &w, ""); err != nil {
		return w, err
	}
	if b := bytes.TrimSpace(w.Content); len(b) == 0 || b[0] != '{' {
		return w, badQuery("content", "Thiếu nội dung.", "The content is missing.")
	}
	return w, nil
}

// keep saves what was written. id is what the path says, "" for a new one.
func (g *genre) keep(c *call, w written[json.RawMessage], id string, base int) (any, error) {
	if base == 0 {
		if w.Unit == "" {
			w.Unit = c.token.Unit
		}
		if !c.reach.In(w.Unit) {
			return nil, badQuery("unit", "Khóa không có quyền ở đơn vị này.", "The token has no right in this unit.")
		}
		if w.Unit == "" {
			return nil, badQuery("unit", "Thiếu đơn vị sở hữu nội dung.", "The unit that owns the content is missing.")
		}
	}
	v, i, err := g.save(c, w.Unit, id, w.Content, base)
	if err != nil {
		return nil, err
	}
	c.etag = etag(i.Version)
	return show(v), nil
}

// remove deletes the draft. What is live stays until that is published.
func (g *genre) remove(c *call) (any, error) {
	base, err := c.base()
	if err != nil {
		return nil, err
	}
	ref := g.ref(c)
	if base <= 0 {
		i, err := c.store.Item(c.r.Context(), ref)
		if err != nil {
			return nil, err
		}
		base = i.Version
	}
	return nil, stale(c.store.DeleteItem(c.r.Context(), c.actor, ref, base))
}

// named settles an id: the path's, the content's, or a new one.
func named(have *string, path, prefix string) error {
	switch {
	case *have == "" && path == "":
		*have = prefix + "-" + strings.ToLower(rand.Text()[:12])
	case *have == "":
		*have = path
	case path != "" && *have != path:
		return badQuery("content.id", "Mã trong nội dung khác mã trên địa chỉ.", "The id of the content differs from the address's.")
	}
	return nil
}

// below puts an error's problems under a path.
func below(at string, err error) error {
	if e, ok := asError(err); ok && len(e.Problems) > 0 {
		var p slides.Problems
		for _, x := range e.Problems {
			p.Add(strings.TrimSuffix(at+"."+x.Path, "."), x.Vi, x.En)
		}
		return p.Err(e.Op)
	}
	return err
}

func saveSlide(c *call, unit, id string, content json.RawMessage, base int) (any, store.Item, error) {
	var none store.Item
	var sl slides.Slide
	if err := decode(content, &sl, "content."); err != nil {
		return nil, none, err
	}
	if err := named(&sl.ID, id, "s"); err != nil {
		return nil, none, err
	}
	if sl.Audience == "" {
		sl.Audience = slides.Public
	}
	k, ok := kinds.Find(sl.Kind)
	if !ok {
		return nil, none, badQuery("content.kind", "Không có loại trang này.", "There is no such kind of slide.")
	}
	if err := decode(sl.Body, k.New(), "content.body."); err != nil {
		return nil, none, err
	}
	body, err := kinds.Parse(&sl)
	if err != nil {
		return nil, none, err
	}
	look, _, err := c.store.Look(c.r.Context())
	if err != nil {
		return nil, none, err
	}
	var p slides.Problems
	if len(look.Hosts) > 0 {
		kinds.CheckHosts(body, look.Hosts, &p)
	}
	if err := c.store.CheckFiles(c.r.Context(), body, &p); err != nil {
		return nil, none, err
	}
	if err := p.Err("api.saveSlide"); err != nil {
		return nil, none, below("content", err)
	}
	r, err := c.store.SaveSlide(c.r.Context(), c.actor, unit, &sl, base)
	return r, r.Item, below("content", err)
}

func savePlaylist(c *call, unit, id string, content json.RawMessage, base int) (any, store.Item, error) {
	var l slides.Playlist
	err := decode(content, &l, "content.")
	if err == nil {
		err = named(&l.ID, id, "p")
	}
	if err != nil {
		return nil, store.Item{}, err
	}
	if l.Items == nil {
		l.Items = []slides.Item{}
	}
	for _, it := range l.Items { // slides of other units' are not to be shown here, nor told of
		i, err := c.store.Item(c.r.Context(), store.ItemRef{Type: store.SlideItem, ID: it.Slide})
		if err == nil && !c.sees(i.Unit) {
			return nil, store.Item{}, badQuery("content.items", "Có trang không có, hoặc ở đơn vị khác: "+clip(it.Slide), "A slide is not there, or is another unit's: "+clip(it.Slide))
		}
		if err != nil && slides.KindOf(err) != slides.NotFound {
			return nil, store.Item{}, err
		}
	}
	r, err := c.store.SavePlaylist(c.r.Context(), c.actor, unit, l, base)
	return r, r.Item, below("content", err)
}

func saveEntry(c *call, unit, id string, content json.RawMessage, base int) (any, store.Item, error) {
	var e compile.Entry
	err := decode(content, &e, "content.")
	if err == nil {
		err = named(&e.ID, id, "e")
	}
	if err != nil {
		return nil, store.Item{}, err
	}
	if e.Priority >= slides.Emergency {
		return nil, store.Item{}, &refusal{http.StatusForbidden, slides.E(slides.Denied, "api.saveEntry", "Phát khẩn cấp cần hai người xác nhận trên trang quản trị, không làm được qua API.", "An emergency needs two people in the studio; it can't be made here.", nil)}
	}
	list, err := c.store.Item(c.r.Context(), store.ItemRef{Type: store.PlaylistItem, ID: e.Playlist})
	if err == nil && !c.sees(list.Unit) { // not to be shown here, nor told of
		return nil, store.Item{}, badQuery("content.playlist", "Không có danh sách phát này, hoặc nó ở đơn vị khác.", "There is no such playlist, or it is another unit's.")
	}
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return nil, store.Item{}, err
	}
	if !c.reach.Everywhere() {
		kiosks, err := c.store.Kiosks(c.r.Context(), "")
		if err != nil {
			return nil, store.Item{}, err
		}
		if !c.reach.Covers(&e.Where, kiosks) {
			return nil, store.Item{}, badQuery("content.where", "Nơi phát nằm ngoài đơn vị của khóa.", "It would show outside the token's unit.")
		}
	}
	r, err := c.store.SaveEntry(c.r.Context(), c.actor, unit, e, base)
	return r, r.Item, below("content", err)
}

func saveProcedure(c *call, unit, id string, content json.RawMessage, base int) (any, store.Item, error) {
	var p catalogue.Procedure
	if err := decode(content, &p, "content."); err != nil {
		return nil, store.Item{}, err
	}
	if p.Code == "" {
		p.Code = id
	}
	if code, err := catalogue.NormaliseCode(p.Code); err == nil { // Check says what is wrong with others
		p.Code = code
	}
	if id != "" && store.ProcedureID(p.Code) != id {
		return nil, store.Item{}, badQuery("content.code", "Mã thủ tục khác mã trên địa chỉ.", "The code differs from the address's.")
	}
	r, err := c.store.SaveProcedure(c.r.Context(), c.actor, unit, &p, base)
	return r, r.Item, below("content", err)
}

// clip bounds a word of a query.
func clip(s string) string {
	if r := []rune(slides.Clean(s)); len(r) > 200 {
		return string(r[:200])
	}
	return slides.Clean(s)
}
