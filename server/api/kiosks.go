package api

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/fleet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// kiosk is a kiosk and how it stands.
type kiosk struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Unit     string        `json:"unit"`
	Counter  string        `json:"counter,omitempty"`
	Groups   []string      `json:"groups"`
	Paired   bool          `json:"paired"`
	Online   bool          `json:"online"`
	State    fleet.State   `json:"state"`           // what it is doing: silent, safe, loading, waiting, unpaired, closed, serving, showing
	Since    slides.Millis `json:"since,omitempty"` // of the connection
	Seen     slides.Millis `json:"seen"`            // 0: never
	Program  string        `json:"program,omitempty"`
	Slide    string        `json:"slide,omitempty"`    // what it shows, as it last said
	View     string        `json:"view,omitempty"`     // loop, rate, pairing …
	Has      int64         `json:"has_revision"`       // of the content that it has
	Should   int64         `json:"should_revision"`    // of the content that it is to have
	Current  bool          `json:"current"`            // has what it should
	Pending  int           `json:"pending"`            // ratings waiting on it
	Missing  int64         `json:"missing"`            // ratings lost to damage
	Offset   int64         `json:"offset_ms"`          // added to its clock
	DiskFree int64         `json:"disk_free,omitzero"` // bytes
}

func showKiosk(k *store.KioskStatus, now slides.Millis) kiosk {
	out := kiosk{
		ID: k.ID, Name: k.Name, Unit: k.Unit, Counter: k.Counter, Groups: k.Groups, Paired: k.Paired, Online: k.Online, State: fleet.Of(k, now), Since: k.Since, Seen: k.LastSeen, Program: k.Program,
		Has: k.HasRevision, Should: k.ShouldRevision, Current: k.Has == k.Should, Pending: k.Pending, Missing: k.Missing, Offset: k.Offset,
	}
	if k.Health != nil {
		out.Slide, out.View, out.DiskFree = k.Health.Slide, k.Health.View, k.Health.DiskFree
	}
	return out
}

func ofKiosk(c *call) (string, error) {
	k, err := c.store.Kiosk(c.r.Context(), c.r.PathValue("id"))
	return k.Unit, err
}

func listKiosks(c *call) (any, error) {
	q := c.r.URL.Query()
	limit := c.limit()
	units, err := c.units(q.Get("unit"))
	if err != nil {
		return nil, err
	}
	all, err := c.store.Kiosks(c.r.Context(), "")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b store.KioskStatus) int { return strings.Compare(a.ID, b.ID) })
	out := page[kiosk]{Items: []kiosk{}}
	for i := range all {
		k := &all[i]
		if k.ID <= q.Get("cursor") || !slices.ContainsFunc(units, func(u store.Unit) bool { return u.ID == k.Unit }) {
			continue
		}
		if len(out.Items) == limit {
			out.Next = out.Items[limit-1].ID
			break
		}
		out.Items = append(out.Items, showKiosk(k, c.store.Now()))
	}
	return out, nil
}

func readKiosk(c *call) (any, error) {
	k, err := c.store.KioskStatus(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return showKiosk(&k, c.store.Now()), nil
}

// order is a command as a caller sends it.
type order struct {
	Verb wire.Verb `json:"verb"`
}

// command is a command and what became of it.
type command struct {
	ID      string        `json:"id"`
	Verb    wire.Verb     `json:"verb"`
	Issued  slides.Millis `json:"issued"`
	Expires slides.Millis `json:"expires"`
	State   string        `json:"state"` // pending, sent, done, failed or expired
	Vi      string        `json:"vi,omitempty"`
	En      string        `json:"en,omitempty"`
}

// commandLife is how long a command waits for a kiosk that is away: longer, and
// nobody remembers having asked.
const commandLife = 10 * time.Minute

func sendCommand(c *call) (any, error) {
	var o order
	if err := decode(c.body, &o, ""); err != nil {
		return nil, err
	}
	if !slices.Contains(wire.StaffVerbs, o.Verb) {
		return nil, badQuery("verb", fmt.Sprintf("Lệnh phải là một trong: %v.", wire.StaffVerbs), fmt.Sprintf("The verb is one of %v.", wire.StaffVerbs))
	}
	sent, err := c.store.AddCommand(c.r.Context(), c.actor, c.r.PathValue("id"), o.Verb, commandLife)
	return show(sent), err
}

// commandRow finds a command of a kiosk; invitations are told of to who may invite.
func commandRow(c *call, id string, invitation bool) (r store.CommandRow, err error) {
	list, err := c.store.Commands(c.r.Context(), c.r.PathValue("id"), 1000)
	if err != nil {
		return r, err
	}
	for _, r := range list {
		if r.ID == id && (r.Verb == wire.Invite) == invitation {
			return r, nil
		}
	}
	return r, noThing()
}

func readCommand(c *call) (any, error) {
	r, err := commandRow(c, c.r.PathValue("command"), false)
	return command{r.ID, r.Verb, r.Issued, r.Expires, r.State, r.Vi, r.En}, err
}

type invited struct {
	ID      string        `json:"id"`
	Expires slides.Millis `json:"expires"`
}

func invite(c *call) (any, error) {
	var v wire.Invitation
	if err := decode(c.body, &v, ""); err != nil {
		return nil, err
	}
	sent, err := c.store.Invite(c.r.Context(), c.actor, c.r.PathValue("id"), v)
	return show(sent), err
}

type outcome struct {
	State string `json:"state"` // pending, sent, done (the question is on the screen), failed or expired
	Vi    string `json:"vi,omitempty"`
	En    string `json:"en,omitempty"`
}

func readInvitation(c *call) (any, error) {
	r, err := commandRow(c, c.r.PathValue("invitation"), true)
	return outcome{r.State, r.Vi, r.En}, err
}

// unit is an office of the tree.
type unit struct {
	ID     string      `json:"id"`
	Parent string      `json:"parent,omitempty"`
	Name   slides.Text `json:"name"`
}

func listUnits(c *call) (any, error) {
	units, err := c.units("")
	out := page[unit]{Items: []unit{}}
	for _, u := range units {
		out.Items = append(out.Items, unit{u.ID, u.Parent, u.Name})
	}
	return out, err
}

// units are those in which the token holds, parents first; one is a unit that
// the caller asks for, with all below it.
func (c *call) units(one string) ([]store.Unit, error) {
	all, err := c.store.Units(c.r.Context(), 0)
	if err != nil {
		return nil, err
	}
	parents := map[string]string{}
	for _, u := range all {
		parents[u.ID] = u.Parent
	}
	if _, known := parents[one]; one != "" && (!known || !c.reach.In(one)) {
		return nil, badQuery("unit", "Không có đơn vị này, hoặc khóa không có quyền ở đó.", "There is no such unit, or the token has no right there.")
	}
	inside := auth.Below(one, parents)
	return slices.DeleteFunc(all, func(u store.Unit) bool { return !c.reach.In(u.ID) || !inside.In(u.ID) }), nil
}
