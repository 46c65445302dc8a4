package studio

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"motcua/server/api"
	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// tokenRow is a key of another system in the list.
type tokenRow struct {
	store.APIToken
	UnitName string // "" everywhere
	Works    bool
}

type tokenForm struct {
	Name, Unit, Expires string
	Scopes              []store.Scope
}

type tokensPage struct {
	Rows     []tokenRow
	F        tokenForm
	Scopes   []choice
	Units    []store.Unit
	Whole    bool   // a token may hold everywhere
	Token    string // just made, shown this once
	Made     string // its name
	Address  string // of the interface
	Problems problems
}

// tokenLife is what the form proposes: a key that nobody renews should not open
// the house for ever.
const tokenLife = 365 * 24 * time.Hour

func ofToken(q *request) (string, error) {
	k, err := q.Store.APIToken(q.r.Context(), q.r.PathValue("id"))
	return k.Unit, err
}

func (q *request) tokenEnd() string {
	return q.Store.Now().Time().Add(tokenLife).In(q.zone).Format(time.DateOnly)
}

func (s *server) tokens(q *request) error {
	return q.tokensPage(http.StatusOK, tokensPage{F: tokenForm{Expires: q.tokenEnd()}})
}

func (q *request) tokensPage(status int, p tokensPage) error {
	reach, err := q.reach(auth.ManageUsers)
	if err != nil {
		return err
	}
	if p.Units, err = q.unitsFor(auth.ManageUsers); err != nil {
		return err
	}
	p.Whole, p.Address = reach.Everywhere(), q.origin()+"/api/v1"
	names := map[string]string{}
	for _, u := range p.Units {
		names[u.ID] = u.Name.In(q.lang)
	}
	list, err := q.Store.APITokens(q.r.Context())
	if err != nil {
		return err
	}
	for _, k := range list {
		if reach.In(k.Unit) {
			p.Rows = append(p.Rows, tokenRow{k, names[k.Unit], k.Works(q.Store.Now())})
		}
	}
	for _, x := range store.Scopes {
		p.Scopes = append(p.Scopes, choice{string(x), q.words.say(q.lang, "scope."+string(x)), slices.Contains(p.F.Scopes, x)})
	}
	return q.render(status, "tokens", p)
}

func (s *server) tokenAdd(q *request) error {
	v := q.r.PostForm
	p := tokensPage{F: tokenForm{Name: short(v.Get("name")), Unit: short(v.Get("unit")), Expires: short(v.Get("expires"))}}
	for _, x := range v["scope"] {
		p.F.Scopes = append(p.F.Scopes, store.Scope(short(x)))
	}
	k := store.APIToken{Name: p.F.Name, Unit: p.F.Unit, Scopes: p.F.Scopes}
	var ps slides.Problems
	if err := q.mustReach(auth.ManageUsers, k.Unit, "unit", &ps); err != nil {
		return err
	}
	if p.F.Expires != "" {
		day, err := time.ParseInLocation(time.DateOnly, p.F.Expires, q.zone)
		if err != nil || day.Year() > 2200 {
			ps.Add("expires", q.words.say("vi", "token.baddate"), q.words.say("en", "token.baddate"))
		} else {
			k.Expires = slides.At(day.AddDate(0, 0, 1)) // with its last day
		}
	}
	err := ps.Err("studio.tokenAdd")
	if err == nil {
		token := auth.NewToken()
		if k, err = s.Store.AddAPIToken(q.r.Context(), q.session.Actor(), auth.Digest(token), k); err == nil {
			return q.tokensPage(http.StatusOK, tokensPage{Token: token, Made: k.Name, F: tokenForm{Expires: q.tokenEnd()}})
		}
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	p.Problems = pr
	return q.tokensPage(slides.KindOf(err).Status(), p)
}

func (s *server) tokenRevoke(q *request) error {
	if err := s.Store.RevokeAPIToken(q.r.Context(), q.session.Actor(), q.r.PathValue("id")); err != nil {
		return err
	}
	return q.to("/studio/tokens", "token-revoked")
}

// apiReference shows the document of the interface as a page.
func (s *server) apiReference(q *request) error {
	return q.render(http.StatusOK, "interface", struct {
		api.Reference
		Document, Example string
	}{api.NewReference(q.lang), "/api/v1/openapi.json", fmt.Sprintf(`curl -H "Authorization: Bearer …" "%s/api/v1/slides?limit=10"`, q.origin())})
}
