package studio

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/review"
)

// channelsForm is a unit's channels on its page: as many rows as there may be.
type channelsForm struct {
	Rows  []channelRow
	Holds []store.Channel // those of a unit above, where it has none of its own
	Edit  bool
	Hosts bool   // the list of allowed domains is theirs to see
	Base  string // what the form began from
	Wrong string
}

type channelRow struct {
	Name           string // of the fields: "channels.0"
	Kinds          []choice
	Vi, En, URL    string
	BadName, BadIn string
}

// ruleChannel names what is found in a slide whose channel has moved.
const ruleChannel = "channel"

func (q *request) channelsForm(unit string, typed values, b *formBuilder) (f channelsForm, err error) {
	own, holds, err := q.Store.Channels(q.r.Context(), unit)
	if err != nil {
		return f, err
	}
	sees, err := q.reach(auth.SeeContent)
	if err != nil {
		return f, err
	}
	reach, err := q.reach(auth.EditContent)
	f.Hosts, f.Edit, f.Base, f.Wrong = sees.Everywhere(), reach.In(unit), channelsMark(own), b.pop("channels")
	if len(own) == 0 {
		f.Holds = holds
	}
	for i := range store.MaxChannels {
		r := channelRow{Name: fmt.Sprintf("channels.%d", i)}
		kind := store.ChannelKinds[min(i, len(store.ChannelKinds)-1)]
		if _, ok := typed[r.Name+".url"]; ok {
			kind, r.Vi, r.En, r.URL = store.ChannelKind(typed.Get(r.Name+".kind")), typed.Get(r.Name+".vi"), typed.Get(r.Name+".en"), typed.Get(r.Name+".url")
		} else if i < len(own) {
			kind, r.Vi, r.En, r.URL = own[i].Kind, own[i].Name["vi"], own[i].Name["en"], own[i].URL
		}
		for _, k := range store.ChannelKinds {
			r.Kinds = append(r.Kinds, choice{string(k), q.words.say(q.lang, "channel."+string(k)), k == kind})
		}
		r.BadName, r.BadIn = b.pop(r.Name+".name"), b.pop(r.Name+".url")
		f.Rows = append(f.Rows, r)
	}
	return f, err
}

func channelsMark(list []store.Channel) string {
	var parts []string
	for _, c := range list {
		parts = append(parts, fmt.Sprint(c.Kind, "\x00", c.Name["vi"], "\x00", c.Name["en"], "\x00", c.URL))
	}
	return slides.Sum([]byte(strings.Join(parts, "\x01")))[:16]
}

// unitChannels saves the rows in which something is typed.
func (s *server) unitChannels(q *request) error {
	id, v := q.r.PathValue("id"), q.r.PostForm
	var list []store.Channel
	var rows []int // of the form, by place in list
	for i := range store.MaxChannels {
		at := fmt.Sprintf("channels.%d", i)
		c := store.Channel{Kind: store.ChannelKind(v.Get(at + ".kind")), Name: slides.Text{}, URL: strings.TrimSpace(v.Get(at + ".url"))}
		for _, l := range []string{"vi", "en"} {
			if x := slides.Clean(v.Get(at + "." + l)); x != "" {
				c.Name[l] = x
			}
		}
		if c.URL != "" || len(c.Name) > 0 {
			list, rows = append(list, c), append(rows, i)
		}
	}
	was, _, err := s.Store.Channels(q.r.Context(), id)
	if err != nil {
		return err
	}
	if channelsMark(was) != v.Get("base") {
		was = append(was, store.Channel{}) // it is not what the form began from: the store says so
	}
	err = s.Store.SaveChannels(q.r.Context(), q.session.Actor(), id, was, list)
	if err == nil {
		return q.to("/studio/units/"+id, "channels-saved")
	}
	kind := slides.KindOf(err)
	if kind != slides.Invalid && kind != slides.Conflict {
		return err
	}
	typed, verr := q.unitValues(id)
	if verr != nil {
		return verr
	}
	for k, x := range v {
		if strings.HasPrefix(k, "channels.") {
			typed[k] = x
		}
	}
	var wrong []slides.Problem
	for _, x := range listed(err) {
		for n, row := range rows {
			if rest, ok := strings.CutPrefix(x.Path, fmt.Sprintf("channels.%d.", n)); ok {
				x.Path = fmt.Sprintf("channels.%d.%s", row, rest)
				break
			}
		}
		if kind == slides.Conflict {
			x.Path = "channels"
		}
		wrong = append(wrong, x)
	}
	return q.unitForm(kind.Status(), typed, wrong, true)
}

// takeChannels fills a form's list of codes with the channels that hold in a unit;
// false where there are none.
func (q *request) takeChannels(v values, unit string) (bool, error) {
	_, holds, err := q.Store.Channels(q.r.Context(), unit)
	if err != nil || len(holds) == 0 {
		return false, err
	}
	const list = "body.links."
	for k := range v {
		if strings.HasPrefix(k, list) {
			v.Del(k)
		}
	}
	v.Set(list+"#", fmt.Sprint(len(holds)))
	for i, c := range holds {
		at := fmt.Sprintf("%s%d.", list, i)
		v.Set(at+"url", c.URL)
		for l, x := range c.Name {
			v.Set(at+"caption."+l, x)
		}
	}
	return true, nil
}

// movedChannels finds codes of a slide of channels that lead elsewhere than the
// unit's channel of the same host does today.
func movedChannels(sl *slides.Slide, holds []store.Channel) (out []review.Finding) {
	body, err := kinds.Parse(sl)
	links, ok := body.(*kinds.Links)
	if err != nil || !ok {
		return nil
	}
	host := func(s string) string {
		u, err := url.Parse(s)
		if err != nil {
			return ""
		}
		return strings.TrimPrefix(u.Hostname(), "www.")
	}
	for i, l := range links.Links {
		same := func(c store.Channel) bool { return host(c.URL) == host(l.URL) }
		n := slices.IndexFunc(holds, same)
		if n < 0 || slices.ContainsFunc(holds, func(c store.Channel) bool { return c.URL == l.URL }) {
			continue
		}
		out = append(out, review.Finding{Severity: review.Warning, Rule: ruleChannel, Problem: slides.Problem{
			Path: fmt.Sprintf("body.links.%d.url", i),
			Vi:   fmt.Sprintf("Kênh “%s” của đơn vị nay ở địa chỉ khác: %s.", holds[n].Name.In("vi"), holds[n].URL),
			En:   fmt.Sprintf("The unit's channel “%s” is at another address now: %s.", holds[n].Name.In("en"), holds[n].URL),
		}})
	}
	return out
}
