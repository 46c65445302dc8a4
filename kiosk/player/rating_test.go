package player_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/scene"
	"motcua/slides/survey"
)

// look is the screen as a citizen has it: what it says and what can be touched.
func (s *stage) look(f *scene.Faces) (text string, targets []string) {
	sc, err := s.st.Show().Still.Compose(1920, 1080, f)
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for _, op := range sc.Ops {
		if g, ok := op.(scene.Glyphs); ok {
			lines = append(lines, g.Text)
		}
	}
	for _, a := range sc.Targets {
		targets = append(targets, a.Name)
	}
	return strings.Join(strings.Fields(strings.Join(lines, " ")), " "), targets
}

// onScreen is the first of texts that the screen's title is; "" for none.
func onScreen(text string, texts map[string]string) string {
	found := ""
	for id, t := range texts {
		if strings.Contains(text, t) && len(t) > len(texts[found]) {
			found = id
		}
	}
	return found
}

// Whatever a citizen touches, in whatever order: the rating that is stored says
// what the screens said when they were touched, and nothing that was answered is
// lost. The model knows only what stands on the screens.
func TestARatingIsWhatTheScreensSaid(t *testing.T) {
	f := faces(t)
	for _, form := range []string{"nhanh", "rutgon", "daydu"} {
		c := newShelf(t, form, 2).load(t)
		q := c.Surveys[0]
		questions, choices := map[string]string{}, map[string]string{}
		for _, k := range q.Questions {
			questions[k.ID] = k.Text.In("vi")
		}
		for _, k := range q.PartA {
			choices[k.ID] = k.Text.In("vi")
		}
		t.Run(form, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				s := newStage(t, c)
				place := s.st.Place
				place.Terminal.Typing = slides.Plain // a key is a letter
				s.do(player.PlaceChanged{Place: place})
				s.touch("")
				answers, tags, about := map[string]survey.Level{}, map[string]bool{}, survey.PartA{}
				written := ""
				hurry := rapid.IntRange(0, 5).Draw(rt, "hurry") // else most walks never end
				for range rapid.IntRange(1, 140).Draw(rt, "touches") {
					text, targets := s.look(f)
					targets = slices.DeleteFunc(targets, func(n string) bool {
						return strings.HasPrefix(n, "lang:") || n == "size" || n == "access" || n == "back" && s.st.View != player.ViewLoop && len(answers) == 0
					})
					if hurry > 0 {
						if ahead := slices.DeleteFunc(slices.Clone(targets), func(n string) bool {
							return !strings.HasPrefix(n, "rate:") && !strings.HasPrefix(n, "option:") && n != "send" && n != "done"
						}); len(ahead) > 0 && rapid.IntRange(0, hurry).Draw(rt, "ahead") > 0 {
							targets = ahead
						}
					}
					target := rapid.SampledFrom(targets).Draw(rt, "target")
					switch name, arg, _ := strings.Cut(target, ":"); name {
					case "rate":
						l, _ := strconv.Atoi(arg)
						id := onScreen(text, questions)
						if id == "" {
							rt.Fatalf("which question? %s", text)
						}
						answers[id] = survey.Level(l)
					case "tag":
						tags[arg] = !tags[arg]
					case "option", "skip":
						id := onScreen(text, choices)
						if delete(about, id); name == "option" {
							about[id] = arg
						}
					case "key":
						if len(arg) == 1 && len(written) < 300 {
							written += arg
						} else if target = "more-time"; written != "" && rapid.Bool().Draw(rt, "clear") {
							target, written = "key:clear", ""
						}
					}
					s.touch(target)
					if s.st.View == player.ViewLoop {
						if len(answers) > 0 && len(s.saves) == 0 && q.OnIdle == survey.Keep {
							// "back" from the first question leaves for good: that is no loss but a wish.
							if target != "back" {
								rt.Fatalf("%s lost %v", target, answers)
							}
						}
						return
					}
					if len(s.saves) > 0 {
						break
					}
				}
				if len(s.saves) == 0 {
					complete := s.st.View == player.ViewAbout
					s.pass(player.MoreTime + player.IdleAfter)
					if kept := len(s.saves) == 1; kept != (complete || q.OnIdle == survey.Keep && len(answers) > 0) {
						rt.Fatalf("walked away from %v with %v: %d saves", s.st.View, answers, len(s.saves))
					}
					if len(s.saves) == 0 {
						return
					}
					if s.saves[0].Rating.Partial == complete {
						rt.Fatalf("partial is %v", s.saves[0].Rating.Partial)
					}
				}
				g := s.saves[0]
				got := map[string]survey.Level{}
				for _, a := range g.Rating.Answers {
					got[a.Question] = a.Level
				}
				if !maps.Equal(got, answers) {
					rt.Fatalf("stored %v, the screens said %v", got, answers)
				}
				want := map[string]bool{}
				for _, x := range q.OfferedTags(g.Rating.Answers) {
					if tags[x.ID] {
						want[x.ID] = true
					}
				}
				if len(want) != len(g.Rating.Tags) || slices.ContainsFunc(g.Rating.Tags, func(x string) bool { return !want[x] }) {
					rt.Fatalf("reasons %v, the screens said %v", g.Rating.Tags, want)
				}
				if !q.OffersFreeText(g.Rating.Answers) {
					written = ""
				}
				if g.Free != survey.Written(written) {
					rt.Fatalf("wrote %q, stored %q", written, g.Free)
				}
				if !maps.Equal(g.PartA, about) && len(g.PartA)+len(about) > 0 && !g.Rating.Partial {
					rt.Fatalf("Phần A %v, the screens said %v", g.PartA, about)
				}
				if _, err := g.Sections(); err != nil {
					rt.Fatal(err)
				}
			})
		})
	}
}

// The long form takes one touch a statement, one to send, and none more than
// "send" for Phần A.
func TestTheLongFormTakesOneTouchAQuestion(t *testing.T) {
	c := newShelf(t, "daydu", 2).load(t)
	q := c.Surveys[0]
	s := newStage(t, c)
	s.touch("")
	for i := range q.Questions {
		if !s.says(fmt.Sprintf("Câu %d/%d", i+1, len(q.Questions))) {
			t.Fatalf("no progress on question %d: %s", i+1, s.read())
		}
		s.touch("rate:4")
	}
	s.view(player.ViewReview)
	s.touch("send")
	s.view(player.ViewAbout)
	s.touch("send")
	if len(s.saves) != 1 || len(s.saves[0].Rating.Answers) != 19 || s.saves[0].Rating.Partial || s.saves[0].PartA != nil {
		t.Fatalf("%+v", s.saves)
	}
	// And one touch each for those who tell of themselves.
	s = newStage(t, c)
	s.touch("")
	for range q.Questions {
		s.touch("rate:5")
	}
	s.touch("send")
	for _, k := range q.PartA {
		s.touch("option:" + k.Options[0].ID)
	}
	if len(s.saves) != 1 || len(s.saves[0].PartA) != len(q.PartA) {
		t.Fatalf("%+v", s.saves)
	}
	s.do(player.Saved{ID: 1})
	s.view(player.ViewThanks)
}

func TestReviewLeadsBackToEveryAnswerAndAsksAnewWhy(t *testing.T) {
	c := newShelf(t, "daydu", 2).load(t)
	q := c.Surveys[0]
	s := newStage(t, c)
	s.touch("")
	for range q.Questions {
		s.touch("rate:5")
	}
	s.touch("group:3", "edit:14", "rate:1")
	s.view(player.ViewAnswers)
	s.touch("done", "send")
	s.view(player.ViewReasons) // the answer was made worse
	s.touch("back")
	s.view(player.ViewReview)
	s.touch("send", "tag:tre-hen", "write")
	for _, r := range "gọi 0912 345 678" {
		s.do(player.Key{Text: string(r)})
	}
	s.touch("done")
	s.view(player.ViewReasons)
	s.touch("send")
	s.view(player.ViewAbout)
	s.touch("back")
	s.view(player.ViewReview)
	s.touch("send")
	s.view(player.ViewAbout) // asked once for the same reasons
	s.touch("skip", "back", "option:nu", "send")
	g := s.saves[0]
	if g.Rating.Answers[14].Level != 1 || fmt.Sprint(g.Rating.Tags) != "[tre-hen]" || g.Free != "gọi •••" || fmt.Sprint(g.PartA) != "map[gioi-tinh:nu]" {
		t.Errorf("%+v", g)
	}
}

// Who has sent all and walks away from Phần A has rated; nobody is there to be thanked.
func TestWalkingAwayFromPhanALosesNothing(t *testing.T) {
	c := newShelf(t, "daydu", 2).load(t) // its partial answers are dropped
	s := newStage(t, c)
	s.touch("")
	for range c.Surveys[0].Questions {
		s.touch("rate:3")
	}
	s.touch("send", "option:nam")
	s.pass(player.IdleAfter)
	s.view(player.ViewLoop)
	if len(s.saves) != 1 || s.saves[0].Rating.Partial || s.saves[0].PartA["gioi-tinh"] != "nam" {
		t.Fatalf("%+v", s.saves)
	}
}

func TestTheQuestionnaireFollowsTheHour(t *testing.T) {
	shelf := newShelf(t, "nhanh", 2)
	long := newShelf(t, "daydu", 0)
	shelf.manifest.Surveys = append(shelf.manifest.Surveys, long.manifest.Surveys...)
	for sha, b := range long.blobs {
		shelf.keep(b, "application/json")
		_ = sha
	}
	s := newStage(t, shelf.load(t))
	place := s.st.Place
	place.Terminal.Forms = []slides.FormRule{{Form: "gone", Spans: []slides.Span{{From: "11:00", Until: "12:00"}}}, {Form: "daydu", Spans: []slides.Span{{From: "10:00", Until: "11:00"}}}}
	s.do(player.PlaceChanged{Place: place})
	for _, step := range []struct {
		wait time.Duration
		want player.View
	}{{0, player.ViewRate}, {30 * time.Minute, player.ViewForm}, {time.Hour, player.ViewRate}} { // 09:41, 10:11, 11:11
		s.pass(step.wait)
		s.touch("")
		s.view(step.want)
		s.pass(player.IdleAfter)
	}
}

func TestTheDossierIsAskedForAndNeverInTheRating(t *testing.T) {
	c := newShelf(t, "nhanh", 2).load(t)
	s := newDossierStage(t, c)
	s.touch("")
	s.view(player.ViewDossier)
	for _, r := range "h37-0002" { // a scanner
		s.do(player.Key{Text: string(r)})
	}
	s.do(player.Key{Enter: true})
	s.view(player.ViewRate)
	s.touch("rate:5")
	if g := s.saves[0]; g.Dossier != "H37-0002" || strings.Contains(fmt.Sprintf("%+v", g.Given), "0002") {
		t.Errorf("%+v", g)
	}
	// Scanned while the slides are up, at a counter whose screen only rates.
	s = newDossierStage(t, c)
	place := s.st.Place
	place.Terminal.AtDesk = true
	s.do(player.PlaceChanged{Place: place})
	for _, r := range "H37-0004" {
		s.do(player.Key{Text: string(r)})
	}
	s.do(player.Key{Enter: true})
	s.view(player.ViewRate)
	s.touch("rate:5")
	if s.saves[0].Dossier != "H37-0004" {
		t.Errorf("%+v", s.saves[0])
	}
	// Scanned over the four tiles, or while the slides are up before them.
	lib := newLibrary(t).load(t)
	for _, before := range [][]string{nil, {""}} {
		s = newDossierStage(t, lib)
		s.touch(before...)
		for _, r := range "H37-0005" {
			s.do(player.Key{Text: string(r)})
		}
		s.do(player.Key{Enter: true})
		s.view(player.ViewRate)
		s.touch("rate:5")
		if len(s.saves) != 1 || s.saves[0].Dossier != "H37-0005" {
			t.Errorf("after %q: %+v", before, s.saves)
		}
	}
	s = newDossierStage(t, lib)
	s.do(player.Key{Text: " "})
	s.view(player.ViewHome)
	s.do(player.Key{Enter: true})
	s.do(player.Key{})
	s.view(player.ViewHome) // a switch, not a scanner
	s = newStage(t, lib)
	s.do(player.Key{Text: "H"})
	s.view(player.ViewHome) // codes are not asked for here
	s = newDossierStage(t, c)
	s.touch("", "skip", "rate:4")
	if s.saves[0].Dossier != "" {
		t.Errorf("%+v", s.saves[0])
	}
	// One that has rated is told so before it rates.
	s = newDossierStage(t, c)
	s.touch("")
	s.do(player.Key{Text: "H37-0001"})
	s.touch("done")
	s.view(player.ViewRated)
	s.touch("other")
	s.view(player.ViewDossier)
	s.touch("skip", "back") // "back" from the question leaves the rating
	// A partial rating does not use the dossier up.
	s = newDossierStage(t, newShelf(t, "rutgon", 2).load(t))
	s.touch("")
	s.do(player.Key{Text: "H37-0003"})
	s.touch("done", "rate:5")
	s.pass(player.IdleAfter)
	if len(s.saves) != 1 || !s.saves[0].Rating.Partial || s.saves[0].Dossier != "" {
		t.Errorf("%+v", s.saves)
	}
}

// answer is what came of the newest invitation: "" shown, else why not.
func (s *stage) answer(id string) string {
	for _, e := range slices.Backward(s.done) {
		if a, ok := e.(player.InviteAnswered); ok {
			if a.ID != id {
				s.t.Fatalf("answered %q, want %q", a.ID, id)
			}
			return a.Why.In("en")
		}
	}
	s.t.Fatal("no answer")
	return ""
}

func TestInvitation(t *testing.T) {
	c := newShelf(t, "nhanh", 2).load(t)
	s := newStage(t, c)
	s.do(player.Invited{ID: "c0"})
	if s.view(player.ViewLoop); s.answer("c0") == "" {
		t.Error("invited though not in counter mode")
	}
	s = newDeskStage(t, c, true)
	s.do(player.Invited{ID: "c1", Ticket: "A012", Procedure: "1.000105", Officer: "cb-2"})
	s.view(player.ViewRate)
	if s.answer("c1") != "" || !s.says("A012") {
		t.Error("not asked at once")
	}
	s.pass(player.InviteFor - time.Second)
	s.view(player.ViewRate)
	s.pass(time.Second)
	s.view(player.ViewLoop)
	s.do(player.Invited{ID: "c2", Ticket: "A013", Procedure: "1.000105", Officer: "cb-2"})
	s.touch("rate:4")
	if r := s.saves[0].Rating; r.Procedure != "1.000105" || r.Officer != "cb-2" || r.Counter != "quay-2" || strings.Contains(fmt.Sprintf("%+v", s.saves[0]), "A013") {
		t.Errorf("%+v", r)
	}
	s.do(player.Invited{ID: "c3"}) // while the disk works
	if s.answer("c3") == "" {
		t.Error("invited over a rating that is being stored")
	}
	s.do(player.Saved{ID: 1})
	s.do(player.Invited{ID: "c4"}) // over the thanks: the next citizen is there
	if s.view(player.ViewRate); s.answer("c4") != "" {
		t.Error("not asked")
	}
	s.touch("size")
	s.do(player.Invited{ID: "c5"})
	if s.answer("c5") == "" {
		t.Error("took the screen from somebody")
	}
	// The citizen went away: the next one's question takes the place of one that
	// nobody has touched.
	s = newDeskStage(t, c, true)
	s.do(player.Invited{ID: "c1", Ticket: "A012", Procedure: "1.000105", Officer: "cb-1"})
	s.pass(9 * time.Second)
	s.do(player.Invited{ID: "c2", Ticket: "A013", Procedure: "1.000106", Officer: "cb-2"})
	if s.view(player.ViewRate); s.answer("c2") != "" || !s.says("A013") || s.says("A012") {
		t.Errorf("the old invitation stays: %q, %s", s.answer("c2"), s.read())
	}
	s.pass(player.InviteFor - time.Second) // it has its whole time
	s.view(player.ViewRate)
	s.touch("size")
	s.do(player.Invited{ID: "c3", Ticket: "A014"})
	if s.answer("c3") == "" || !s.says("A013") {
		t.Error("took the screen from somebody")
	}
	s.touch("rate:5")
	if r := s.saves[0].Rating; len(s.saves) != 1 || r.Procedure != "1.000106" || r.Officer != "cb-2" {
		t.Errorf("%+v", s.saves)
	}
	// A scan is a touch, too; a question that was opened by hand is somebody's.
	s = newDossierStage(t, c)
	place := s.st.Place
	place.Terminal.AtDesk = true
	s.do(player.PlaceChanged{Place: place})
	s.do(player.Invited{ID: "c1"})
	s.do(player.Key{Text: "H"})
	s.do(player.Invited{ID: "c2"})
	if s.answer("c2") == "" {
		t.Error("invited over a scan")
	}
	s = newDeskStage(t, c, true)
	s.do(player.Invited{ID: "c1"})
	s.pass(player.InviteFor)
	s.view(player.ViewLoop)
	s.do(player.Key{Text: "x"})
	s.view(player.ViewRate)
	s.do(player.Invited{ID: "c2"})
	if s.answer("c2") == "" {
		t.Error("took the screen from somebody")
	}
	// Who works late invites as by day: a touch opens the same, and the display lights.
	s = newDeskStage(t, c, true)
	place = s.st.Place
	place.Terminal.Power = []slides.Span{{From: "07:00", Until: "17:00"}}
	s.do(player.PlaceChanged{Place: place})
	s.close(slides.Closing{}, "07:30", "11:30", "13:30", "17:00")
	s.until("2026-03-20 17:05")
	if s.view(player.ViewClosed); s.st.Show().Dim != player.Dark {
		t.Error("the display is on")
	}
	s.do(player.Invited{ID: "c1"})
	if s.view(player.ViewRate); s.answer("c1") != "" || s.st.Show().Dim == player.Dark {
		t.Error("not asked after hours")
	}
	s.pass(player.InviteFor)
	s.view(player.ViewClosed)
	// Without an invitation a touch rates freely, and counts for whose card is shown.
	s = newDeskStage(t, c, true)
	s.touch("")
	s.view(player.ViewRate)
	s.touch("rate:5")
	if r := s.saves[0].Rating; r.Officer != "cb-1" || r.Procedure != "" {
		t.Errorf("%+v", r)
	}
}

// Where no home screen offers the phone, the first question does; what an
// invitation is about would be lost on the way, so that one is answered here.
func TestThePhoneIsOfferedWhereHomeIsSkipped(t *testing.T) {
	long := newShelf(t, "daydu", 2).load(t)
	const offer = "Đánh giá trên điện thoại"
	s := newDeskStage(t, long, true).reached()
	s.touch("")
	if s.view(player.ViewForm); !s.says(offer) {
		t.Error("no phone at the counter")
	}
	s.touch("phone")
	s.view(player.ViewPhone)
	s.touch("back")
	s.view(player.ViewForm)
	if s.touch("rate:4"); s.says(offer) {
		t.Error("offered again at the second question")
	}
	s.do(player.Touch{Target: "phone", Serial: s.st.Serial})
	s.view(player.ViewForm)
	for _, v := range []struct {
		invited player.Invited
		want    bool
	}{{player.Invited{ID: "c1", Ticket: "A012"}, true}, {player.Invited{ID: "c1", Procedure: "1.000105"}, false}, {player.Invited{ID: "c1", Officer: "cb-2"}, false}} {
		s = newDeskStage(t, long, true).reached()
		if s.do(v.invited); s.says(offer) != v.want {
			t.Errorf("%+v: offered is %v", v.invited, !v.want)
		}
	}
	lib := newLibrary(t).load(t)
	s = newStage(t, lib).reached()
	if s.touch("", "tile:rate"); s.says(offer) {
		t.Error("offered under the home screen, which does")
	}
	s = newDeskStage(t, long, true)
	if s.touch(""); s.says(offer) {
		t.Error("offered though no phone reaches the server")
	}
}

// A photo shows only where the unit allows it and it is here; else a figure.
func TestTheOfficersPhotoShowsOnlyWhenItIsHere(t *testing.T) {
	shelf := newShelf(t, "nhanh", 1)
	photo := shelf.keep([]byte("a picture"), "image/png")
	c := shelf.load(t)
	for _, p := range []struct {
		photo string
		shown bool
	}{{"", false}, {photo, true}, {strings.Repeat("0f", 32), false}} {
		s := newDeskStage(t, c, true)
		place := s.st.Place
		card := *place.Terminal.Officer
		card.Photo = p.photo
		place.Terminal.Officer = &card
		s.do(player.PlaceChanged{Place: place})
		sc, err := s.st.Show().Still.Compose(1920, 1080, faces(t))
		if err != nil {
			t.Fatal(err)
		}
		if shown := slices.Contains(sc.Blobs, p.photo); shown != p.shown {
			t.Errorf("photo %.8s: shown is %v", p.photo, shown)
		}
		if !s.says("Quầy 2") || !s.says("Nguyễn Thị") {
			t.Error("no sign")
		}
	}
}
