package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"motcua/server/compile"
	"motcua/slides"
)

var (
	author   = Actor{User: "u-viet", Name: "Người soạn"}
	reviewer = Actor{User: "u-tham", Name: "Người thẩm định"}
	approver = Actor{User: "u-duyet", Name: "Người duyệt"}
)

// edit saves a new text of a slide and gives the draft.
func edit(t testing.TB, s *Store, id, text string) ItemAt {
	t.Helper()
	ctx := context.Background()
	base := 0
	if row, err := s.Slide(ctx, id); err == nil {
		base = row.Version
	}
	row := must[SlideRow](t)(s.SaveSlide(ctx, author, "mot-cua", slogan(id, text), base))
	return ItemAt{row.ItemRef, row.Version}
}

func submit(t testing.TB, s *Store, items ...ItemAt) Submission {
	t.Helper()
	return must[Submission](t)(s.Submit(context.Background(), author, SubmitRequest{Items: items}))
}

func TestSubmittedVersionsGoLiveAsTheyWere(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	at := edit(t, s, "s1", "Bản đã trình")
	sub := submit(t, s, at)
	if sub.State != Submitted || sub.Unit != "mot-cua" && sub.Unit != "so" || sub.Way != WayDirect || len(sub.Items) != 1 || sub.Items[0].Base != 1 {
		t.Fatalf("%+v", sub)
	}
	edit(t, s, "s1", "Soạn tiếp sau khi trình")
	if got := must[map[ItemAt]string](t)(s.OnTheirWay(ctx)); got[at] != sub.ID || len(got) != 1 {
		t.Fatalf("%v", got)
	}
	sub = must[Submission](t)(s.ApproveSubmission(ctx, approver, sub.ID, Decision{Note: "Đồng ý", Accepted: []string{"dwell s1"}}))
	if sub.State != Published || sub.Revision == 0 {
		t.Fatalf("%+v", sub)
	}
	if live := must[*slides.Slide](t)(s.LiveSlide(ctx, "s1")); live.Title["vi"] != "Bản đã trình" {
		t.Fatalf("%q is live", live.Title["vi"])
	}
	if row := must[SlideRow](t)(s.Slide(ctx, "s1")); row.State != Edited || row.Slide.Title["vi"] != "Soạn tiếp sau khi trình" {
		t.Fatalf("the newer draft: %+v", row.Item)
	}
	if m := manifestOf(t, s, d.Class); m.Revision != sub.Revision {
		t.Fatalf("revision %d", m.Revision)
	}
	sub = must[Submission](t)(s.Submission(ctx, sub.ID))
	var verbs []string
	for _, st := range sub.Steps {
		verbs = append(verbs, st.Verb+" "+st.By)
	}
	if !slices.Equal(verbs, []string{"submit u-viet", "approve u-duyet", "publish u-duyet"}) || sub.Accepted[0] != "dwell s1" || sub.Step("approve").Why["vi"] != "Đồng ý" {
		t.Fatalf("%v %+v", verbs, sub)
	}
	_, err := s.ApproveSubmission(ctx, approver, sub.ID, Decision{})
	wantKind(t, err, slides.Conflict)
	_, err = s.Submit(ctx, author, SubmitRequest{Items: []ItemAt{at}})
	wantKind(t, err, slides.Conflict)
	_, err = s.Submit(ctx, author, SubmitRequest{Items: []ItemAt{{ItemRef{SlideItem, "s2"}, 1}}})
	wantKind(t, err, slides.Invalid)
	must[int64](t)(s.VerifyAudit(ctx))
}

// What moved on the screens since is told, and nothing is published over it.
func TestSubmissionOverWhatMovedOnIsRefused(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	for name, move := range map[string]func(){
		"published": func() {
			edit(t, s, "s1", "Bản khác")
			must[Publication](t)(s.Publish(ctx, approver, PublishRequest{Items: []ItemRef{{SlideItem, "s1"}}}))
		},
		"recalled": func() { must[Publication](t)(s.RecallSlide(ctx, approver, "s1", "")) },
	} {
		sub := submit(t, s, edit(t, s, "s1", "Bản trình "+name))
		move()
		before := must[int64](t)(s.Revision(ctx))
		_, err := s.ApproveSubmission(ctx, approver, sub.ID, Decision{})
		wantKind(t, err, slides.Conflict)
		if got := must[Submission](t)(s.Submission(ctx, sub.ID)); got.State != Submitted || must[int64](t)(s.Revision(ctx)) != before {
			t.Fatalf("%s: %+v", name, got)
		}
		_, err = s.ApproveSubmission(ctx, approver, sub.ID, Decision{Due: slides.At(c.now().Add(time.Hour))})
		wantKind(t, err, slides.Conflict)
		sub = submit(t, s, edit(t, s, "s1", "Trình lại "+name))
		must[Submission](t)(s.ApproveSubmission(ctx, approver, sub.ID, Decision{}))
	}
	gone := edit(t, s, "s1", "Sắp xóa")
	sub := submit(t, s, gone)
	ok(t, s.DeleteItem(ctx, editor, gone.ItemRef, gone.Version))
	_, err := s.ApproveSubmission(ctx, approver, sub.ID, Decision{})
	wantKind(t, err, slides.Conflict)
	// A new piece that was published and recalled meanwhile has no live version
	// either, as before: it must not come back.
	sub = submit(t, s, edit(t, s, "s3", "Trang mới"))
	must[Publication](t)(s.Publish(ctx, approver, PublishRequest{Items: []ItemRef{{SlideItem, "s3"}}}))
	must[Publication](t)(s.RecallSlide(ctx, approver, "s3", ""))
	_, err = s.ApproveSubmission(ctx, approver, sub.ID, Decision{})
	wantKind(t, err, slides.Conflict)
}

func TestWhoMayDecide(t *testing.T) {
	ctx, c := context.Background(), newClock()
	for _, x := range []struct {
		rule   ApprovalRule
		direct bool
		own    bool
		steps  int
	}{
		{ApprovalRule{}, true, true, 1},
		{ApprovalRule{Way: WayApprove}, false, false, 1},
		{ApprovalRule{Way: WayApprove, Own: "yes"}, false, true, 1},
		{ApprovalRule{Way: WayReview}, false, false, 2},
	} {
		s := openTest(t, t.TempDir(), c)
		office(t, s)
		ok(t, s.SetApprovalRule(ctx, editor, "so", x.rule)) // mot-cua lies below
		at := edit(t, s, "s3", "Trang mới")
		_, err := s.Publish(ctx, approver, PublishRequest{})
		if got := slides.KindOf(err) == ""; got != x.direct {
			t.Fatalf("%+v: published directly: %v", x.rule, err)
		}
		if x.direct {
			at = edit(t, s, "s3", "Trang mới hơn")
		}
		sub := submit(t, s, at)
		_, err = s.ReviewSubmission(ctx, author, sub.ID, "")
		if x.steps == 2 {
			wantKind(t, err, slides.Denied)
			_, err = s.ApproveSubmission(ctx, approver, sub.ID, Decision{})
			wantKind(t, err, slides.Denied)
			sub = must[Submission](t)(s.ReviewSubmission(ctx, reviewer, sub.ID, "Đúng văn bản"))
			if sub.State != Reviewed {
				t.Fatalf("%+v", sub)
			}
			_, err = s.ApproveSubmission(ctx, reviewer, sub.ID, Decision{})
			wantKind(t, err, slides.Denied)
		} else {
			wantKind(t, err, slides.Conflict)
		}
		_, err = s.ApproveSubmission(ctx, author, sub.ID, Decision{})
		if got := slides.KindOf(err) == ""; got != x.own {
			t.Fatalf("%+v: approved their own: %v", x.rule, err)
		}
		if !x.own {
			must[Submission](t)(s.ApproveSubmission(ctx, approver, sub.ID, Decision{}))
		}
	}
}

// Rules come down the tree, a unit's own stands over them, and of pieces of two
// units the strictest counts.
func TestApprovalRulesComeDown(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	ok(t, s.SetApprovalRule(ctx, editor, "tinh", ApprovalRule{Way: WayReview, Own: "no"}))
	ok(t, s.SetApprovalRule(ctx, editor, "so", ApprovalRule{Way: WayDirect}))
	for unit, want := range map[string]Way{"tinh": WayReview, "so": WayDirect, "mot-cua": WayDirect, "so-khac": WayReview} {
		if _, holds, err := s.ApprovalRule(ctx, unit); err != nil || holds.Way != want || holds.MayOwn() != (want == WayDirect) {
			t.Errorf("%s: %+v %v", unit, holds, err)
		}
	}
	if r := must[ApprovalRule](t)(s.ApprovalOf(ctx, []string{"mot-cua", "so-khac", ""})); r.Way != WayReview || r.MayOwn() {
		t.Errorf("%+v", r)
	}
	// Pieces of two branches are of the unit above both.
	one := edit(t, s, "s3", "Của một cửa")
	row := must[SlideRow](t)(s.SaveSlide(ctx, author, "so-khac", slogan("s4", "Của sở khác"), 0))
	if sub := submit(t, s, one, ItemAt{row.ItemRef, 1}); sub.Unit != "tinh" || sub.Way != WayReview || sub.Own {
		t.Errorf("%+v", sub)
	}
	wantKind(t, s.SetApprovalRule(ctx, editor, "so", ApprovalRule{Way: "nghi"}), slides.Invalid)
	wantKind(t, s.SetApprovalRule(ctx, editor, "so", ApprovalRule{Own: "có"}), slides.Invalid)
	wantKind(t, s.SetApprovalRule(ctx, editor, "khong", ApprovalRule{}), slides.NotFound)
}

func TestRejectedAndWithdrawnAreOver(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	sub := submit(t, s, edit(t, s, "s1", "Bản một"))
	_, err := s.RejectSubmission(ctx, approver, sub.ID, " ")
	wantKind(t, err, slides.Invalid)
	sub = must[Submission](t)(s.RejectSubmission(ctx, approver, sub.ID, "Sai số điện thoại"))
	other := submit(t, s, edit(t, s, "s2", "Bản hai"))
	other = must[Submission](t)(s.WithdrawSubmission(ctx, author, other.ID))
	for id, want := range map[string]SubmissionState{sub.ID: Rejected, other.ID: Withdrawn} {
		_, err = s.ApproveSubmission(ctx, approver, id, Decision{})
		wantKind(t, err, slides.Conflict)
		_, err = s.WithdrawSubmission(ctx, author, id)
		wantKind(t, err, slides.Conflict)
		_, err = s.RejectSubmission(ctx, approver, id, "nữa")
		wantKind(t, err, slides.Conflict)
		if got := must[Submission](t)(s.Submission(ctx, id)); got.State != want {
			t.Errorf("%+v", got)
		}
	}
	list, n, err := s.Submissions(ctx, SubmissionFilter{States: []SubmissionState{Rejected}, By: author.User, Units: []string{"mot-cua", "so"}})
	if err != nil || n != 1 || list[0].ID != sub.ID || len(list[0].Items) != 1 {
		t.Fatalf("%d %+v %v", n, list, err)
	}
	_, err = s.Submission(ctx, "khong")
	wantKind(t, err, slides.NotFound)
}

// A deleted draft is submitted to be taken off; what can't go live when its time
// comes fails with the reason, and is not tried again.
func TestDueThatCannotGoLiveFails(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	ok(t, s.DeleteItem(ctx, author, ItemRef{SlideItem, "s2"}, 1))
	off := submit(t, s, ItemAt{ItemRef{SlideItem, "s2"}, 1})
	due := slides.At(c.now().Add(time.Hour))
	_, err := s.ApproveSubmission(ctx, approver, off.ID, Decision{Due: slides.At(c.now())})
	wantKind(t, err, slides.Invalid)
	off = must[Submission](t)(s.ApproveSubmission(ctx, approver, off.ID, Decision{Due: due}))
	late := submit(t, s, edit(t, s, "s1", "Hẹn giờ"))
	must[Submission](t)(s.ApproveSubmission(ctx, approver, late.ID, Decision{Due: due}))
	if n := must[int](t)(s.PublishDue(ctx)); n != 0 {
		t.Fatal("too early")
	}
	must[Publication](t)(s.RecallSlide(ctx, approver, "s1", "sai"))
	c.advance(time.Hour)
	if n := must[int](t)(s.PublishDue(ctx)); n != 2 {
		t.Fatal(n)
	}
	off, late = must[Submission](t)(s.Submission(ctx, off.ID)), must[Submission](t)(s.Submission(ctx, late.ID))
	if off.State != Published || late.State != Failed || late.Step("fail").Why["vi"] == "" || late.Step("fail").Why["en"] == "" {
		t.Fatalf("%+v\n%+v", off, late)
	}
	if i := must[Item](t)(s.Item(ctx, ItemRef{SlideItem, "s2"})); i.State != Removed {
		t.Fatalf("%+v", i)
	}
	if p := must[Publication](t)(s.Publication(ctx, off.Revision)); p.By != approver.User {
		t.Fatalf("%+v", p)
	}
	if n := must[int](t)(s.PublishDue(ctx)); n != 0 {
		t.Fatal("tried again")
	}
}

// At its time a publication is made in its approver's name only while they may:
// else it waits for another approval, and what comes after it is not held up; nor
// is it by what the database can't read.
func TestDueNeedsAStandingApprover(t *testing.T) {
	ctx, c := context.Background(), newClock()
	may := map[string]bool{}
	s := openTest(t, t.TempDir(), c, func(o *Options) {
		o.MayPublish = func(u User, unit string, parents map[string]string) bool {
			if _, known := parents[unit]; !known {
				t.Errorf("unit %q of %v", unit, parents)
			}
			return may[u.Login]
		}
	})
	office(t, s)
	var who [3]Actor
	for i, login := range []string{"mot", "hai", "ba"} {
		u := must[User](t)(s.CreateUser(ctx, Actor{}, User{Login: login, Name: "Người " + login, Hash: "x", Grants: []Grant{{Role: RoleAdmin}}}))
		who[i], may[login] = Actor{User: u.ID, Name: u.Name}, true
	}
	due := slides.At(c.now().Add(time.Hour))
	approve := func(a Actor, id string) string {
		sub := submit(t, s, edit(t, s, id, "Hẹn giờ"))
		return must[Submission](t)(s.ApproveSubmission(ctx, a, sub.ID, Decision{Due: due})).ID
	}
	lost, left, broken, good := approve(who[0], "s1"), approve(who[1], "s2"), approve(who[2], "s3"), approve(who[2], "s4")
	may["mot"] = false
	ok(t, s.DisableUser(ctx, Actor{}, who[1].User, true))
	ok(t, s.write(ctx, "test", func(t *txn) error {
		return t.exec("UPDATE submissions SET accepted = '{', due = 1 WHERE id = ?", broken)
	}))
	c.advance(time.Hour)
	n, err := s.PublishDue(ctx)
	if n != 3 || err == nil {
		t.Fatalf("%d, %v", n, err)
	}
	for _, id := range []string{lost, left} {
		sub := must[Submission](t)(s.Submission(ctx, id))
		if sub.State != Submitted || sub.Approver != "" || sub.Due != 0 || sub.Lapsed().Why["vi"] == "" || sub.Lapsed().Why["en"] == "" || !sub.MayApprove(who[2].User) {
			t.Errorf("%+v", sub)
		}
	}
	if sub := must[Submission](t)(s.Submission(ctx, good)); sub.State != Published {
		t.Errorf("%+v", sub)
	}
	sub := must[Submission](t)(s.ApproveSubmission(ctx, who[2], lost, Decision{}))
	if sub.State != Published || must[Submission](t)(s.Submission(ctx, lost)).Lapsed().Verb != "" {
		t.Errorf("%+v", sub)
	}
}

// An emergency's entry needs no other rule than its own: what the screens
// refuse is refused at the approval already.
func TestApprovalForLaterIsCheckedNow(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	must[PlaylistRow](t)(s.SavePlaylist(ctx, author, "so", slides.Playlist{ID: "moi", Name: "Mới", Items: []slides.Item{{Slide: "s1"}}}, 0))
	e := compile.Entry{Entry: slides.Entry{ID: "e2", Playlist: "moi", Zone: "Asia/Ho_Chi_Minh", Start: "2023-01-01T00:00", Priority: slides.Normal}, Where: compile.Where{All: true}}
	must[EntryRow](t)(s.SaveEntry(ctx, author, "so", e, 0))
	_, err := s.Submit(ctx, author, SubmitRequest{Items: []ItemAt{{ItemRef{EntryItem, "e2"}, 1}}}) // without its playlist
	wantKind(t, err, slides.Invalid)
	if !strings.Contains(slides.Sentence(err, "vi"), "“Mới”") {
		t.Error(err)
	}
	submit(t, s, ItemAt{ItemRef{PlaylistItem, "moi"}, 1})    // now it is on its way
	sub := submit(t, s, ItemAt{ItemRef{EntryItem, "e2"}, 1}) // but not live yet
	_, err = s.ApproveSubmission(ctx, approver, sub.ID, Decision{Due: slides.At(c.now().Add(time.Hour))})
	wantKind(t, err, slides.Invalid)
	if got := must[Submission](t)(s.Submission(ctx, sub.ID)); got.State != Submitted || got.Due != 0 || len(got.Steps) != 1 {
		t.Fatalf("the trial left something: %+v", got)
	}
}

// Whatever servers come and go, each approved submission is published once, by
// the first moment at or after its time at which a server runs; a cancelled one
// never.
func TestDueIsPublishedOnceByWhicheverServer(t *testing.T) {
	type event struct {
		at     int // seconds
		server int // turned on or off; -1: a submission
		due    int
		cancel int // when it is taken back; 0 never
	}
	const end, servers = 300, 3
	rapid.Check(t, func(rt *rapid.T) {
		var events []event
		for range rapid.IntRange(1, 6).Draw(rt, "submissions") {
			at := rapid.IntRange(0, 200).Draw(rt, "at")
			e := event{at: at, server: -1, due: at + rapid.IntRange(1, 90).Draw(rt, "later")}
			if rapid.IntRange(0, 3).Draw(rt, "cancelled") == 0 {
				e.cancel = at + rapid.IntRange(1, 90).Draw(rt, "cancel")
			}
			events = append(events, e)
		}
		for range rapid.IntRange(1, 8).Draw(rt, "turns") {
			events = append(events, event{at: rapid.IntRange(0, end-1).Draw(rt, "turn"), server: rapid.IntRange(0, servers-1).Draw(rt, "server")})
		}
		events = append(events, event{at: end, server: servers}) // one more comes for good
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			ctx, begun := context.Background(), time.Now()
			desk := must[*Store](t)(Open(dir, Options{}))
			defer desk.Close()
			office(t, desk)
			type promise struct {
				id      string
				due     time.Time
				cancel  time.Time
				publish time.Time // zero: not seen yet
			}
			var made []*promise
			var stops [servers + 1]func()
			running := 0
			for second := 0; second <= end+2; second++ {
				for n, e := range events {
					switch {
					case e.at == second && e.server >= 0 && stops[e.server] == nil:
						s := must[*Store](t)(Open(dir, Options{}))
						c, cancel := context.WithCancel(ctx)
						done := make(chan error, 1)
						go func() { done <- s.Run(c) }()
						stops[e.server] = func() {
							cancel()
							ok(t, <-done)
							ok(t, s.Close())
						}
						running++
					case e.at == second && e.server >= 0:
						stops[e.server]()
						stops[e.server] = nil
						running--
					case e.at == second:
						sub := submit(t, desk, edit(t, desk, fmt.Sprintf("hen-%d", n), "Hẹn giờ"))
						p := &promise{id: sub.ID, due: begun.Add(time.Duration(e.due) * time.Second)}
						must[Submission](t)(desk.ApproveSubmission(ctx, approver, sub.ID, Decision{Due: slides.At(p.due)}))
						if e.cancel > 0 {
							p.cancel = begun.Add(time.Duration(e.cancel) * time.Second)
						}
						made = append(made, p)
					}
				}
				for _, p := range made {
					if p.cancel.Equal(time.Now()) {
						_, err := desk.WithdrawSubmission(ctx, author, p.id)
						if k := slides.KindOf(err); k != "" && k != slides.Conflict {
							t.Fatal(err)
						}
					}
				}
				synctest.Wait()
				time.Sleep(time.Second)
				synctest.Wait()
				for _, p := range made {
					got := must[Submission](t)(desk.Submission(ctx, p.id))
					switch {
					case got.State == Published && p.publish.IsZero():
						p.publish = must[Publication](t)(desk.Publication(ctx, got.Revision)).At.Time()
						if p.publish.Before(p.due) {
							t.Errorf("published %v before its time", p.due.Sub(p.publish))
						}
					case got.State == Approved && running > 0 && time.Since(p.due) >= 2*time.Second:
						t.Errorf("%v late while %d servers run", time.Since(p.due), running)
					}
				}
			}
			once := map[int64]bool{}
			for _, p := range made {
				got := must[Submission](t)(desk.Submission(ctx, p.id))
				cancelled := !p.cancel.IsZero() && p.cancel.Before(p.due)
				if cancelled != (got.State == Withdrawn) && p.cancel.IsZero() || got.State != Published && got.State != Withdrawn || cancelled && got.State == Published || once[got.Revision] {
					t.Errorf("due %v, cancelled %v: %s", p.due.Sub(begun), p.cancel.Sub(begun), got.State)
				}
				n := 0
				for _, st := range got.Steps {
					if st.Verb == "publish" {
						n++
					}
				}
				if want := map[SubmissionState]int{Published: 1}[got.State]; n != want {
					t.Errorf("published %d times, want %d", n, want)
				}
				if got.Revision != 0 {
					once[got.Revision] = true
				}
			}
			for _, stop := range stops {
				if stop != nil {
					stop()
				}
			}
		})
	})
}

// A program is the hand of who made its token: what it submits they do not
// approve alone.
func TestTokensSubmitForTheirMaker(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	ok(t, s.SetApprovalRule(ctx, editor, "mot-cua", ApprovalRule{Way: WayReview}))
	k := must[APIToken](t)(s.AddAPIToken(ctx, approver, "vân tay", APIToken{Name: "cổng", Unit: "mot-cua", Scopes: []Scope{WriteContent}}))
	at := must[SlideRow](t)(s.SaveSlide(ctx, author, "mot-cua", slogan("moi", "Mới"), 0))
	sub := must[Submission](t)(s.Submit(ctx, Actor{User: "token:" + k.ID}, SubmitRequest{Items: []ItemAt{{at.ItemRef, at.Version}}}))
	_, err := s.ReviewSubmission(ctx, approver, sub.ID, "")
	wantKind(t, err, slides.Denied)
	must[Submission](t)(s.ReviewSubmission(ctx, reviewer, sub.ID, ""))
	_, err = s.ApproveSubmission(ctx, approver, sub.ID, Decision{})
	wantKind(t, err, slides.Denied)
	must[Submission](t)(s.ApproveSubmission(ctx, editor, sub.ID, Decision{}))
}

// What shows on a unit's screens goes its way, whoever owns the entry; and what
// was saved after somebody looked is not slipped in.
func TestPlacesDecideToo(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "so-khac", "")
	ok(t, s.SetApprovalRule(ctx, editor, "so-khac", ApprovalRule{Way: WayApprove}))
	for id, where := range map[string]compile.Where{"x1": {Units: []string{"so-khac"}}, "x2": {Kiosks: []string{d.ID}}} {
		e := compile.Entry{Entry: slides.Entry{ID: id, Playlist: "chung", Zone: "Asia/Ho_Chi_Minh", Start: "2023-01-01T00:00", Priority: slides.Normal}, Where: where}
		row := must[EntryRow](t)(s.SaveEntry(ctx, author, "mot-cua", e, 0))
		at := ItemAt{row.ItemRef, row.Version}
		if sub := submit(t, s, at); sub.Unit != "tinh" || sub.Way != WayApprove || sub.Own {
			t.Errorf("%+v", sub)
		}
		_, err := s.PublishVersions(ctx, author, SubmitRequest{Items: []ItemAt{at}})
		wantKind(t, err, slides.Denied)
		_, err = s.Publish(ctx, author, PublishRequest{Items: []ItemRef{row.ItemRef}})
		wantKind(t, err, slides.Denied)
	}
	at := edit(t, s, "s1", "Bản đã xem")
	edit(t, s, "s1", "Lưu sau đó")
	_, err := s.Publish(ctx, approver, PublishRequest{Items: []ItemRef{at.ItemRef}, Seen: []ItemAt{at}})
	wantKind(t, err, slides.Conflict)
}

// A slide that is on one unit's screens does not leave by another's rule: while
// it is live, the unit under which it went live has its say, wherever its draft
// was given.
func TestMovedSlideStaysUnderItsScreensRule(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	at := edit(t, s, "s1", "Đang chiếu")
	must[Publication](t)(s.Publish(ctx, approver, PublishRequest{Items: []ItemRef{at.ItemRef}}))
	ok(t, s.SetApprovalRule(ctx, editor, "so", ApprovalRule{Way: WayApprove}))
	row := must[SlideRow](t)(s.SaveSlide(ctx, author, "so-khac", slogan("s1", "Đã chuyển"), at.Version))
	if row.Unit != "so-khac" {
		t.Fatalf("the draft is %q's", row.Unit)
	}
	_, err := s.Publish(ctx, approver, PublishRequest{Items: []ItemRef{row.ItemRef}})
	wantKind(t, err, slides.Denied)
	sub := submit(t, s, ItemAt{row.ItemRef, row.Version})
	if sub.Way != WayApprove || sub.Unit != "tinh" {
		t.Fatalf("%+v", sub)
	}
	must[Submission](t)(s.ApproveSubmission(ctx, approver, sub.ID, Decision{}))
	// Once it is live there, it is that unit's alone.
	row = must[SlideRow](t)(s.SaveSlide(ctx, author, "so-khac", slogan("s1", "Chữ mới"), row.Version))
	must[Publication](t)(s.Publish(ctx, approver, PublishRequest{Items: []ItemRef{row.ItemRef}}))
}
