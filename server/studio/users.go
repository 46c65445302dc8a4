package studio

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

func escape(s string) string { return url.QueryEscape(s) }

// userRow is somebody of the list.
type userRow struct {
	store.User
	Roles []slides.Text
	Seen  slides.Millis // 0: no session
}

type userListPage struct {
	Users  []userRow
	Search string
}

func (s *server) userList(q *request) error {
	reach, err := q.reach(auth.ManageUsers)
	if err != nil {
		return err
	}
	users, err := s.Store.Users(q.r.Context())
	if err != nil {
		return err
	}
	p := userListPage{Search: short(q.r.URL.Query().Get("q"))}
	for _, u := range users {
		if !managed(reach, u) || !matches(u.Name+" "+u.Login, p.Search) {
			continue
		}
		row := userRow{User: u, Roles: q.roles(u.Grants)}
		sessions, err := s.Store.Sessions(q.r.Context(), u.ID)
		if err != nil {
			return err
		}
		if len(sessions) > 0 {
			row.Seen = sessions[0].Seen
		}
		p.Users = append(p.Users, row)
	}
	return q.render(http.StatusOK, "users", p)
}

// matches says whether every word of a search begins a word of text, marks and
// case aside.
func matches(text, search string) bool {
	text = " " + slides.Fold(text)
	for _, w := range strings.Fields(slides.Fold(search)) {
		if !strings.Contains(text, " "+w) {
			return false
		}
	}
	return true
}

// managed says whether all of a user's roles lie where reach is: only then may
// its holder decide over them.
func managed(reach auth.Reach, u store.User) bool {
	if len(u.Grants) == 0 {
		return reach.Everywhere()
	}
	return !slices.ContainsFunc(u.Grants, func(g store.Grant) bool { return !reach.In(g.Unit) })
}

// ofUser is a unit of the user's roles: one in which the caller may not manage
// people, where there is one.
func ofUser(q *request) (string, error) {
	u, err := q.Store.User(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return "", err
	}
	reach, err := q.reach(auth.ManageUsers)
	if err != nil || len(u.Grants) == 0 {
		return "", err
	}
	for _, g := range u.Grants {
		if !reach.In(g.Unit) {
			return g.Unit, nil
		}
	}
	return u.Grants[0].Unit, nil
}

type userPage struct {
	New      bool
	User     store.User
	F        userForm
	Roles    []choice
	Units    []store.Unit
	Whole    bool // roles may be given everywhere
	Sessions []sessionRow
	Passkeys []store.Passkey
	Link     string // of an invitation just made
	Self     bool
	Problems problems
}

type userForm struct {
	Login, Name string
	Grants      []store.Grant
}

func (q *request) userForm(status int, p userPage) error {
	reach, err := q.reach(auth.ManageUsers)
	if err != nil {
		return err
	}
	p.Whole = reach.Everywhere()
	if p.Units, err = q.unitsFor(auth.ManageUsers); err != nil {
		return err
	}
	for _, r := range auth.Roles {
		p.Roles = append(p.Roles, choice{Value: string(r), Label: auth.RoleNames[r].In(q.lang)})
	}
	if !p.New {
		p.Self = p.User.ID == q.session.User.ID
		if p.Sessions, err = q.sessionRows(q, p.User.ID); err != nil {
			return err
		}
		if p.Passkeys, err = q.Store.Passkeys(q.r.Context(), p.User.ID); err != nil {
			return err
		}
	}
	return q.render(status, "user", p)
}

func (s *server) userNew(q *request) error {
	return q.userForm(http.StatusOK, userPage{New: true, F: userForm{Grants: []store.Grant{{}}}})
}

func (s *server) userEdit(q *request) error {
	u, err := s.Store.User(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	return q.userForm(http.StatusOK, userPage{User: u, F: userForm{Login: u.Login, Name: u.Name, Grants: u.Grants}})
}

// readGrants reads the rows of a form, moves them as "do" says, and reports
// roles that the caller may not give.
func (q *request) readGrants(p *slides.Problems) (grants []store.Grant, moved bool, err error) {
	v := q.r.PostForm
	roles, units := v["role"], v["unit"]
	reach, err := q.reach(auth.ManageUsers)
	if err != nil {
		return nil, false, err
	}
	for i := range min(len(roles), len(units), 50) {
		grants = append(grants, store.Grant{Role: roles[i], Unit: units[i]})
	}
	verb, at, ok := strings.Cut(v.Get("do"), ":")
	switch n := number(at); {
	case !ok:
	case verb == "add":
		return append(grants, store.Grant{}), true, nil
	case verb == "remove" && n < len(grants):
		return slices.Delete(grants, n, n+1), true, nil
	default:
		return grants, true, nil
	}
	say := func(key string) { p.Add("grants", q.words.say("vi", key), q.words.say("en", key)) }
	kept := keep(grants, func(g store.Grant) bool { return g.Role != "" })
	if len(kept) == 0 {
		say("user.norole")
	}
	for _, g := range kept {
		if !slices.Contains(auth.Roles, auth.Role(g.Role)) || !reach.In(g.Unit) {
			say("user.notyours")
			break
		}
	}
	if len(p.List) > 0 {
		return grants, false, nil
	}
	return kept, false, nil
}

func (s *server) userInvite(q *request) error {
	v := q.r.PostForm
	var p slides.Problems
	grants, moved, err := q.readGrants(&p)
	if err != nil {
		return err
	}
	page := userPage{New: true, F: userForm{Login: short(v.Get("login")), Name: short(v.Get("name")), Grants: grants}}
	if moved {
		return q.userForm(http.StatusOK, page)
	}
	var check slides.Problems
	auth.CheckLogin(auth.CleanLogin(page.F.Login), &check, "login")
	p.List = append(p.List, check.List...)
	if err = p.Err("studio.userInvite"); err == nil {
		var token string
		if page.User, token, err = s.Guard.Invite(q.r.Context(), q.session, v.Get("login"), v.Get("name"), grants); err == nil {
			page.New, page.Link = false, q.joinLink(token)
			return q.userForm(http.StatusOK, page)
		}
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	page.Problems = pr
	return q.userForm(slides.KindOf(err).Status(), page)
}

func (q *request) joinLink(token string) string { return q.origin() + "/studio/join?token=" + token }

// userSave gives roles and takes them.
func (s *server) userSave(q *request) error {
	u, err := s.Store.User(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	var p slides.Problems
	grants, moved, err := q.readGrants(&p)
	if err != nil {
		return err
	}
	page := userPage{User: u, F: userForm{Login: u.Login, Name: u.Name, Grants: grants}}
	if moved {
		return q.userForm(http.StatusOK, page)
	}
	if err = p.Err("studio.userSave"); err == nil {
		if err = s.Store.SetGrants(q.r.Context(), q.session.Actor(), u.ID, grants); err == nil {
			return q.to("/studio/users/"+u.ID, "user-saved")
		}
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	page.Problems = pr
	return q.userForm(slides.KindOf(err).Status(), page)
}

// userDo carries out what the buttons beside the roles say.
func (s *server) userDo(q *request) error {
	ctx, a := q.r.Context(), q.session.Actor()
	u, err := s.Store.User(ctx, q.r.PathValue("id"))
	if err != nil {
		return err
	}
	done := ""
	switch do := q.r.PostForm.Get("do"); do {
	case "disable":
		if u.ID == q.session.User.ID {
			err = slides.E(slides.Conflict, "studio.userDo", q.words.say("vi", "user.self"), q.words.say("en", "user.self"), nil)
			break
		}
		done, err = "user-disabled", s.Store.DisableUser(ctx, a, u.ID, true)
	case "enable":
		done, err = "user-enabled", s.Store.DisableUser(ctx, a, u.ID, false)
	case "sign-out":
		done, err = "user-signed-out", s.Store.RevokeSessions(ctx, a, u.ID, q.r.PostForm.Get("session"))
	case "totp-off":
		done, err = "user-totp-off", s.Store.SetTOTP(ctx, a, u.ID, nil, nil)
	case "link":
		var token string
		if token, err = s.Guard.InviteAgain(ctx, q.session, u.ID); err == nil {
			return q.userForm(http.StatusOK, userPage{User: u, F: userForm{Login: u.Login, Name: u.Name, Grants: u.Grants}, Link: q.joinLink(token)})
		}
	default:
		err = slides.E(slides.Invalid, "studio.userDo", q.words.say("vi", "error.form"), q.words.say("en", "error.form"), nil)
	}
	if slides.KindOf(err) == slides.Conflict {
		return q.userForm(http.StatusConflict, userPage{User: u, F: userForm{Login: u.Login, Name: u.Name, Grants: u.Grants}, Problems: problems{"": slides.Sentence(err, q.lang)}})
	}
	if err != nil {
		return err
	}
	return q.to("/studio/users/"+u.ID, done)
}
