package studio

import (
	"net/http"
	"slices"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/scene"
)

// hostsPage is the list of the domains that QR codes may lead to.
type hostsPage struct {
	List    string // as typed, one on a line
	Base    int
	State   store.ItemState
	Edit    bool
	Problem string
}

func (s *server) hosts(q *request) error {
	look, item, err := s.Store.Look(q.r.Context())
	if err != nil {
		return err
	}
	return q.hostsForm(http.StatusOK, hostsPage{List: strings.Join(look.Hosts, "\n"), Base: item.Version, State: item.State})
}

func (q *request) hostsForm(status int, p hostsPage) error {
	reach, err := q.reach(auth.SetUnits)
	if err != nil {
		return err
	}
	p.Edit = reach.Everywhere()
	return q.render(status, "hosts", p)
}

// maxHosts bounds the list: it stands whole in every manifest.
const maxHosts = 100

// hostsSave keeps the list as a draft of the office's look, which is published
// like other content: until then kiosks go by the one before.
func (s *server) hostsSave(q *request) error {
	v := q.r.PostForm
	look, item, err := s.Store.Look(q.r.Context())
	if err != nil {
		return err
	}
	again := func(status int, problem string) error {
		return q.hostsForm(status, hostsPage{List: v.Get("hosts"), Base: number(v.Get("base")), State: item.State, Problem: problem})
	}
	var hosts []string
	for _, h := range strings.FieldsFunc(v.Get("hosts"), func(r rune) bool { return strings.ContainsRune(",; \t\r\n", r) }) {
		h = strings.ToLower(h)
		if err := scene.AllowedURL("https://"+h, nil); err != nil || strings.ContainsAny(h, "/?#:@") {
			return again(http.StatusUnprocessableEntity, q.words.say(q.lang, "hosts.bad", short(h)))
		}
		hosts = append(hosts, h)
	}
	slices.Sort(hosts)
	if hosts = slices.Compact(hosts); len(hosts) == 0 || len(hosts) > maxHosts {
		return again(http.StatusUnprocessableEntity, q.words.say(q.lang, "hosts.count", maxHosts)) // an empty list would allow every host
	}
	look.Hosts = hosts
	_, err = s.Store.SaveLook(q.r.Context(), q.session.Actor(), look, number(v.Get("base")))
	if kind := slides.KindOf(err); kind == slides.Conflict || kind == slides.Invalid {
		return again(kind.Status(), sentenceOf(err, q.lang))
	}
	if err != nil {
		return err
	}
	return q.to("/studio/hosts", "hosts-saved")
}
