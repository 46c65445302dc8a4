package api

import (
	"errors"
	"fmt"
	"strconv"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

func asError(err error) (*slides.Error, bool) { return errors.AsType[*slides.Error](err) }

// publication is a set that went live, with what of it is the token's to see.
type publication struct {
	Revision int64         `json:"revision"`
	Kind     string        `json:"kind"` // publish, recall, kiosks, restore
	At       slides.Millis `json:"at"`
	Note     string        `json:"note,omitempty"`
	Recalled slides.Millis `json:"recalled,omitempty"`
	Items    []step        `json:"items"`
}

// step is one piece's way from version to version (0: none).
type step struct {
	Type   store.ItemType `json:"type"`
	ID     string         `json:"id"`
	Before int            `json:"before"`
	After  int            `json:"after"`
	Title  string         `json:"title"`
}

func showPublication(p *store.Publication) publication {
	out := publication{Revision: p.Revision, Kind: p.Kind, At: p.At, Note: p.Note, Recalled: p.Recalled, Items: []step{}}
	for _, i := range p.Items {
		out.Items = append(out.Items, step{i.Type, i.ID, i.Before, i.After, i.Title})
	}
	return out
}

// showMore is show for what is no content.
func showMore(result any) any {
	switch r := result.(type) {
	case store.Publication:
		return showPublication(&r)
	case store.Submission:
		return showSubmission(&r)
	case wire.Command:
		if r.Verb == wire.Invite {
			return invited{r.ID, r.Expires}
		}
		return command{ID: r.ID, Verb: r.Verb, Issued: r.Issued, Expires: r.Expires, State: "pending"}
	}
	panic(fmt.Sprintf("api: no answer for %T", result)) // a programming error: a test calls every route
}

func listPublications(c *call) (any, error) {
	limit := c.limit()
	before, _ := strconv.ParseInt(c.r.URL.Query().Get("cursor"), 10, 64) // held to a number by checkParams; 0: the newest
	units, err := c.contentUnits("")
	if err != nil {
		return nil, err
	}
	rows, err := c.store.PublicationPage(c.r.Context(), units, before, limit+1)
	if err != nil {
		return nil, err
	}
	out := page[publication]{Items: []publication{}}
	if len(rows) > limit {
		rows = rows[:limit]
		out.Next = strconv.FormatInt(rows[limit-1].Revision, 10)
	}
	for i := range rows {
		out.Items = append(out.Items, showPublication(&rows[i]))
	}
	return out, nil
}

// noted is what is said with a recall.
type noted struct {
	Note string `json:"note,omitempty"`
}

func recallSlide(c *call) (any, error) {
	var n noted
	if err := decode(c.body, &n, ""); err != nil {
		return nil, err
	}
	p, err := c.store.RecallSlide(c.r.Context(), c.actor, c.r.PathValue("id"), clip(n.Note))
	return show(p), err
}

// recallPublication takes a whole publication back: each of its items must be
// the token's.
func recallPublication(c *call) (any, error) {
	var n noted
	if err := decode(c.body, &n, ""); err != nil {
		return nil, err
	}
	revision, err := strconv.ParseInt(c.r.PathValue("revision"), 10, 64)
	if err != nil {
		return nil, noThing()
	}
	p, err := c.store.Publication(c.r.Context(), revision)
	if err != nil {
		return nil, noThing()
	}
	for _, x := range p.Items {
		i, err := c.store.Item(c.r.Context(), x.ItemRef)
		if err != nil {
			return nil, err
		}
		if !c.reach.In(i.Unit) {
			return nil, noThing()
		}
	}
	p, err = c.store.RecallPublication(c.r.Context(), c.actor, revision, clip(n.Note))
	return show(p), err
}
