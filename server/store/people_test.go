package store

import (
	"context"
	"testing"
	"time"

	"motcua/slides"
)

func TestUnitsFormATree(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	for name, u := range map[string]Unit{
		"itself":         {ID: "so", Parent: "so", Name: slides.Vi("x")},
		"its child":      {ID: "tinh", Parent: "mot-cua", Name: slides.Vi("x")},
		"unknown parent": {ID: "moi", Parent: "khong-co", Name: slides.Vi("x")},
		"no name":        {ID: "moi", Parent: "so"},
		"zone":           {ID: "moi", Parent: "so", Name: slides.Vi("x"), Zone: "Local"},
		"id":             {ID: "Sở", Name: slides.Vi("x")},
	} {
		if err := s.SaveUnit(ctx, editor, u); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A cycle that would only begin next year.
	next := slides.At(c.now().AddDate(1, 0, 0))
	ok(t, s.SaveUnit(ctx, editor, Unit{ID: "so", Parent: "so-khac", Name: slides.Vi("Sở"), From: next}))
	if err := s.SaveUnit(ctx, editor, Unit{ID: "so-khac", Parent: "mot-cua", Name: slides.Vi("Sở Nội vụ")}); slides.KindOf(err) != slides.Invalid {
		t.Fatal("a cycle to come", err)
	}
	now, then := must[[]string](t)(s.UnitPath(ctx, "mot-cua", 0)), must[[]string](t)(s.UnitPath(ctx, "mot-cua", next))
	if len(now) != 3 || len(then) != 4 || then[2] != "so-khac" {
		t.Fatal(now, then)
	}
	units := must[[]Unit](t)(s.Units(ctx, 0))
	if len(units) != 4 || units[0].ID != "tinh" {
		t.Fatalf("%+v", units)
	}
	// Counted ratings keep their place: a merger takes effect after them.
	d := pair(t, s, "mot-cua", "")
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(d.record(d.rating(c.now(), "nhanh", 5), c.now()))))
	move := Unit{ID: "mot-cua", Parent: "so-khac", Name: slides.Vi("Bộ phận Một cửa")}
	wantKind(t, s.SaveUnit(ctx, editor, move), slides.Conflict)
	move.From = slides.At(c.now().Add(time.Hour))
	ok(t, s.SaveUnit(ctx, editor, move))
	c.advance(2 * time.Hour)
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(d.record(d.rating(c.now(), "nhanh", 1), c.now()))))
	ok(t, s.CheckRollups(ctx))
	for unit, want := range map[string]int64{"so": 1, "so-khac": 1, "tinh": 2, "mot-cua": 2} {
		st := must[*Stats](t)(s.Statistics(ctx, StatQuery{Unit: unit, From: slides.At(c.now().AddDate(0, 0, -1)), Until: slides.At(c.now().Add(time.Hour))}))
		if st.Ratings != want {
			t.Errorf("%s has %d, want %d", unit, st.Ratings, want)
		}
	}
}

func TestPeopleAndSessions(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	ok(t, s.CreateSetupToken(ctx, "token", time.Hour))
	wantKind(t, s.CheckSetupToken(ctx, "khác"), slides.Denied)
	ok(t, s.CheckSetupToken(ctx, "token"))
	u := must[User](t)(s.UseSetupToken(ctx, "token", User{Login: "Lan@so.vn", Name: "Nguyễn Thị Lan", Hash: "$argon2id$x"}))
	if u.Login != "lan@so.vn" || len(u.Grants) != 1 || u.Grants[0].Role != RoleAdmin || !must[bool](t)(s.HasUsers(ctx)) {
		t.Fatalf("%+v", u)
	}
	_, err := s.UseSetupToken(ctx, "token", User{Login: "hai", Name: "Hai", Hash: "x"})
	wantKind(t, err, slides.Denied)
	_, err = s.CreateUser(ctx, editor, User{Login: "LAN@so.vn", Name: "Khác", Hash: "x"})
	wantKind(t, err, slides.Conflict)
	_, err = s.CreateUser(ctx, editor, User{Login: "ba", Name: "Ba", Hash: "x", Grants: []Grant{{Role: "vua", Unit: "so"}}})
	wantKind(t, err, slides.Invalid)
	if _, err := s.UserByLogin(ctx, "ba"); slides.KindOf(err) != slides.NotFound {
		t.Fatal("half a user stayed")
	}
	ok(t, s.CreateSession(ctx, Session{Hash: "h", User: u.ID, Expires: slides.At(c.now().Add(time.Hour))}))
	c.advance(2 * time.Minute)
	must[Session](t)(first(s.Session(ctx, "h")))
	if n, _, _ := s.Session(ctx, "h"); n.Seen != slides.At(c.now()) {
		t.Fatal("not seen")
	}
	ok(t, s.SetPassword(ctx, editor, u.ID, "$argon2id$y"))
	_, _, err = s.Session(ctx, "h")
	wantKind(t, err, slides.Denied)
	ok(t, s.CreateSession(ctx, Session{Hash: "h2", User: u.ID, Expires: slides.At(c.now().Add(time.Hour))}))
	c.advance(time.Hour)
	_, _, err = s.Session(ctx, "h2")
	wantKind(t, err, slides.Denied)
	for range 3 {
		must[Throttle](t)(s.Failed(ctx, "lan", time.Minute))
	}
	if th := must[Throttle](t)(s.Failures(ctx, "lan", time.Minute)); th.Failures != 3 {
		t.Fatalf("%+v", th)
	}
	c.advance(time.Minute)
	if th := must[Throttle](t)(s.Failures(ctx, "lan", time.Minute)); th.Failures != 0 {
		t.Fatalf("%+v", th)
	}
}

func first[A, B any](a A, _ B, err error) (A, error) { return a, err }

func TestAuditShowsTampering(t *testing.T) {
	ctx, c := context.Background(), newClock()
	for _, tamper := range []string{
		"UPDATE audit SET name = 'kẻ khác' WHERE seq = 3", "DELETE FROM audit WHERE seq = 2", "UPDATE audit SET detail = '{}' WHERE seq = 4",
		"UPDATE audit SET seq = seq + 1 WHERE seq = (SELECT max(seq) FROM audit)",
	} {
		s := openTest(t, t.TempDir(), c)
		office(t, s)
		ok(t, s.AddAudit(ctx, editor, "export", "ratings", map[string]string{"kind": "full"}))
		if n := must[int64](t)(s.VerifyAudit(ctx)); n < 5 {
			t.Fatalf("%d rows", n)
		}
		if rows := must[[]AuditRow](t)(s.Audit(ctx, AuditFilter{Object: "ratings"})); len(rows) != 1 || rows[0].User != editor.User {
			t.Fatalf("%+v", rows)
		}
		_, err := s.w.Exec(tamper)
		ok(t, err)
		_, err = s.VerifyAudit(ctx)
		wantKind(t, err, slides.Corrupt)
	}
}

func TestAnotherServersChangesWake(t *testing.T) {
	ctx, c, dir := context.Background(), newClock(), t.TempDir()
	one := openTest(t, dir, c, func(o *Options) { o.Poll = time.Millisecond })
	running(t, one)
	two := openTest(t, dir, c)
	wakes, end := one.Watch()
	defer end()
	office(t, two)
	select {
	case <-wakes:
	case <-time.After(10 * time.Second):
		t.Fatal("not woken")
	}
	if len(must[[]Change](t)(one.Changes(ctx, 0, 0))) == 0 {
		t.Fatal("no changes")
	}
}
