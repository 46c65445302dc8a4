package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/letter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// pass is a fresh one of the device's.
func (d *device) pass(t testing.TB, c *clock, purpose wire.Purpose) wire.Pass {
	t.Helper()
	return must[wire.Pass](t)(wire.ParsePass(wire.NewPass(d.key, purpose, slides.At(c.now()))))
}

// byPhone are the sections of a rating from a phone.
func (d *device) byPhone(at time.Time, form string, levels ...survey.Level) []chain.Section {
	r := d.rating(at, form, levels...)
	r.Channel, r.Procedure = survey.OnPhone, ""
	core, _ := json.Marshal(r)
	moment, _ := json.Marshal(survey.Moment{At: slides.At(at)})
	return []chain.Section{chain.NewSection(chain.Core, core), chain.NewSection(chain.Moment, moment)}
}

// ownOf is the server's own chain, as exports have it.
func ownOf(t testing.TB, s *Store) ChainInfo {
	t.Helper()
	for _, c := range must[[]ChainInfo](t)(s.Chains(context.Background(), "")) {
		if c.Kiosk == "" && c.Chain == s.own.ratings {
			return c
		}
	}
	t.Fatal("no chain of the server's own")
	return ChainInfo{}
}

func TestPhoneRatingsCountOnce(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	running(t, s)
	d := pair(t, s, "mot-cua", "")
	p := d.pass(t, c, wire.ToRate)
	if h := must[PassHolder](t)(s.Pass(ctx, p)); h.Kiosk.ID != d.ID || h.Used {
		t.Fatalf("%+v", h)
	}
	// A double tap: many at once.
	var wg sync.WaitGroup
	var mu sync.Mutex
	first := 0
	for range 16 {
		wg.Go(func() {
			again, err := s.TakePhoneRating(ctx, p, d.byPhone(c.now(), "nhanh", 4))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if !again {
				first++
			}
		})
	}
	wg.Wait()
	if first != 1 || !must[PassHolder](t)(s.Pass(ctx, p)).Used {
		t.Fatalf("%d of them count", first)
	}
	again, err := s.TakePhoneRating(ctx, d.pass(t, c, wire.ToRate), d.byPhone(c.now(), "rutgon", 5, 4, 3, 2, 1))
	if err != nil || again {
		t.Fatal(again, err)
	}
	own := ownOf(t, s)
	if rep := verify(t, s, own.Chain); !rep.OK() || rep.Records != 2 || rep.Unsigned != 0 {
		t.Fatalf("%+v", rep)
	}
	ok(t, s.CheckRollups(ctx))
	st := must[*Stats](t)(s.Statistics(ctx, StatQuery{Unit: "so", From: slides.At(c.now().Add(-time.Hour)), Until: slides.At(c.now().Add(time.Hour)), Channel: survey.OnPhone}))
	if st.Ratings != 2 {
		t.Fatalf("%+v", st)
	}
	st = must[*Stats](t)(s.Statistics(ctx, StatQuery{Kiosk: d.ID, From: slides.At(c.now().Add(-time.Hour)), Until: slides.At(c.now().Add(time.Hour))}))
	if st.Ratings != 2 {
		t.Fatalf("the kiosk whose pass it was does not have them: %+v", st)
	}
}

func TestWrongPhoneRatingsLeaveNothing(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	p := d.pass(t, c, wire.ToRate)
	for name, sections := range map[string][]chain.Section{
		"channel": {chain.NewSection(chain.Core, d.record(d.rating(c.now(), "nhanh", 4), c.now()).Sections[0].Body)},
		"form":    d.byPhone(c.now(), "khong-co", 4),
		"level":   d.byPhone(c.now(), "nhanh", 9),
		"nothing": {chain.NewSection(chain.Core, []byte("{}"))},
	} {
		_, err := s.TakePhoneRating(ctx, p, sections)
		if slides.KindOf(err) != slides.Invalid || slides.Sentence(err, "vi") == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if must[PassHolder](t)(s.Pass(ctx, p)).Used {
		t.Fatal("what was refused has used the pass up")
	}
	if again, err := s.TakePhoneRating(ctx, p, d.byPhone(c.now(), "nhanh", 4)); again || err != nil {
		t.Fatal(again, err)
	}
	// A pass of a kiosk that is unpaired, and one of a stranger.
	ok(t, s.Unpair(ctx, editor, d.ID))
	_, err := s.Pass(ctx, p)
	wantKind(t, err, slides.NotFound)
	stranger := pair(t, openTest2(t, c), "mot-cua", "")
	_, err = s.Pass(ctx, stranger.pass(t, c, wire.ToRate))
	wantKind(t, err, slides.NotFound)
}

func openTest2(t testing.TB, c *clock) *Store {
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	return s
}

// Phones of several kiosks at once are no burst; many of one kiosk are.
func TestPhonesAreJudgedByKiosk(t *testing.T) {
	ctx, c, dir := context.Background(), newClock(), t.TempDir()
	rules := func(o *Options) { o.Suspect = SuspectRules{Rapid: 5 * time.Second, Burst: 5, BurstWithin: time.Minute} }
	s := openTest(t, dir, c, rules)
	office(t, s)
	a, b := pair(t, s, "mot-cua", ""), pair(t, s, "so", "")
	marked := func() (n int) {
		yes := true
		for _, err := range s.Ratings(ctx, RatingFilter{Suspect: &yes}) {
			ok(t, err)
			n++
		}
		return n
	}
	for i := range 5 {
		for _, d := range []*device{a, b} {
			c.advance(100 * time.Millisecond)
			_, err := s.TakePhoneRating(ctx, d.pass(t, c, wire.ToRate), d.byPhone(c.now(), "nhanh", 4))
			ok(t, err)
		}
		if i == 2 { // what the writer remembers is read anew
			ok(t, s.Close())
			s = openTest(t, dir, c, rules)
		}
	}
	if n := marked(); n != 0 {
		t.Fatalf("%d marked", n)
	}
	_, err := s.TakePhoneRating(ctx, a.pass(t, c, wire.ToRate), a.byPhone(c.now(), "nhanh", 4))
	ok(t, err)
	if n := marked(); n != 1 {
		t.Fatalf("%d marked after a burst", n)
	}
}

func TestPhoneLetters(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	p := d.pass(t, c, wire.ToWrite)
	l := letter.Letter{Code: letter.NewCode(), Category: "hoi", Unit: d.Unit, Kiosk: d.ID, Channel: survey.OnPhone, Lang: "vi", Hour: survey.HourOf(slides.At(c.now()), vietnam), Clock: survey.Synced}
	code, again, err := s.TakePhoneLetter(ctx, p, l, "Bao giờ có kết quả?", letter.Contact{Phone: "0900000000"})
	if err != nil || again || code != l.Code {
		t.Fatal(code, again, err)
	}
	twice := l
	twice.Code = letter.NewCode()
	code, again, err = s.TakePhoneLetter(ctx, p, twice, "Bao giờ có kết quả?", letter.Contact{})
	if err != nil || !again || code != l.Code {
		t.Fatal(code, again, err)
	}
	if h := must[PassHolder](t)(s.Pass(ctx, p)); !h.Used || h.Receipt != l.Code {
		t.Fatalf("%+v", h)
	}
	_, _, err = s.TakePhoneLetter(ctx, d.pass(t, c, wire.ToWrite), twice, " ", letter.Contact{})
	wantKind(t, err, slides.Invalid)
	list, _, err := s.Letters(ctx, LetterFilter{})
	ok(t, err)
	if len(list) != 1 || list[0].Channel != survey.OnPhone || list[0].Kiosk != d.ID {
		t.Fatalf("%+v", list)
	}
	if got := must[letter.Contact](t)(s.LetterContact(ctx, editor, list[0].ID)); got.Phone != "0900000000" {
		t.Fatalf("%+v", got)
	}
	// What is kept of the pass tells neither its moment nor the letter.
	var until int64
	var mark, receipt []byte
	ok(t, s.w.QueryRow("SELECT mark, until, receipt FROM passes").Scan(&mark, &until, &receipt))
	if until%3_600_000 != 0 || until < int64(p.Until()) || len(mark) != 32 || bytes.Contains(receipt, []byte(l.Code)) || bytes.Contains(mark, p.ID[:]) {
		t.Fatalf("mark %x, until %d, receipt %q", mark, until, receipt)
	}
	// One that an older program kept as it was still serves no second time.
	old := d.pass(t, c, wire.ToWrite)
	_, err = s.w.Exec("INSERT INTO used_passes VALUES (?, ?, ?)", old.Body(), int64(old.Until()), l.Code)
	ok(t, err)
	ok(t, s.write(ctx, "test", func(t *txn) error { return t.markPasses() }))
	if h := must[PassHolder](t)(s.Pass(ctx, old)); !h.Used || h.Receipt != l.Code {
		t.Fatalf("%+v", h)
	}
	// Passes are forgotten once nobody can send them.
	var n int
	c.advance(wire.PassSend + wire.PassAhead + time.Hour)
	ok(t, s.Tidy(ctx))
	ok(t, s.w.QueryRow("SELECT (SELECT count(*) FROM passes) + (SELECT count(*) FROM used_passes)").Scan(&n))
	if n != 0 {
		t.Fatal("used passes stay")
	}
}

// A restored backup starts a chain of its own anew: the old key must not sign
// other records in the place of those that the backup lacks.
func TestRestoredServerHasAnotherOwnChain(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	rate := func(s *Store) {
		_, err := s.TakePhoneRating(ctx, d.pass(t, c, wire.ToRate), d.byPhone(c.now(), "nhanh", 4))
		ok(t, err)
	}
	rate(s)
	file, dir := t.TempDir()+"/b.tar", t.TempDir()
	ok(t, s.Backup(ctx, file))
	rate(s)
	ok(t, Restore(ctx, file, dir, Options{Now: c.now}))
	r := openTest(t, dir, c)
	rate(r)
	if r.own.ratings == s.own.ratings || r.own.key.Equal(s.own.key) {
		t.Fatal("the chain goes on under the old key")
	}
	if rep := verify(t, r, ownOf(t, r).Chain); !rep.OK() || rep.Records != 1 {
		t.Fatalf("%+v", rep)
	}
	if rep := verify(t, r, s.own.ratings); !rep.OK() || rep.Records != 1 {
		t.Fatalf("%+v", rep)
	}
	again := openTest(t, dir, c)
	if again.own.ratings != r.own.ratings {
		t.Fatal("each start makes another chain")
	}
	ok(t, r.CheckRollups(ctx))
}

// phoneCrashDir makes this test binary a server that takes phone ratings until killed.
const phoneCrashDir = "MOTCUA_STORE_PHONE_DIR"

// takePhonesUntilKilled answers each pass on the standard input, one a line, by a line.
func takePhonesUntilKilled(dir string) error {
	c := newClock()
	s, err := Open(dir, Options{Now: c.now, Suspect: SuspectRules{Rapid: -1, Burst: -1}})
	if err != nil {
		return err
	}
	ctx := context.Background()
	go s.Run(ctx)
	for {
		var token, kiosk string
		if _, err := fmt.Scan(&token, &kiosk); err != nil {
			select {} // nothing more comes: wait for the kill
		}
		p, err := wire.ParsePass(token)
		if err != nil {
			return err
		}
		k, err := s.Kiosk(ctx, kiosk)
		if err != nil {
			return err
		}
		d := &device{Kiosk: k}
		again, err := s.TakePhoneRating(ctx, p, d.byPhone(c.now(), "nhanh", 4))
		fmt.Println(token, again, err)
	}
}

// Killed between the commit and the answer, or before: whoever sends again is
// counted once, and nothing that was thanked for is lost.
func TestKilledWhilePhonesRate(t *testing.T) {
	ctx, dir, c := context.Background(), t.TempDir(), newClock()
	s := openTest(t, dir, c)
	office(t, s)
	d := pair(t, s, "mot-cua", "")
	ok(t, s.Close())
	var tokens []string
	for range 60 {
		tokens = append(tokens, wire.NewPass(d.key, wire.ToRate, slides.At(c.now())))
	}
	thanked := map[string]bool{}
	for round := range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), phoneCrashDir+"="+dir)
		var in strings.Builder
		for _, k := range tokens { // every one again: nobody knows which were answered
			fmt.Fprintln(&in, k, d.ID)
		}
		cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
		out, err := cmd.StdoutPipe()
		ok(t, err)
		ok(t, cmd.Start())
		stop := 10 + 14*round
		for n := 0; ; n++ {
			var token, again, none string
			if _, err := fmt.Fscan(out, &token, &again, &none); err != nil {
				break
			}
			if none != "<nil>" || again == "false" && thanked[token] {
				t.Fatalf("round %d: %s %s %s", round, token[:8], again, none)
			}
			thanked[token] = true
			if n == stop {
				cmd.Process.Kill()
			}
			if n+1 == len(tokens) {
				break
			}
		}
		cmd.Process.Kill()
		cmd.Wait() // it was killed: its status says so
		s := openTest(t, dir, c)
		rep := verify(t, s, ownOf(t, s).Chain)
		if !rep.OK() || int(rep.Records) < len(thanked) {
			t.Fatalf("round %d: %d thanked, %+v", round, len(thanked), rep)
		}
		ok(t, s.CheckRollups(ctx))
		ok(t, s.Close())
	}
	s = openTest(t, dir, c)
	for _, k := range tokens {
		_, err := s.TakePhoneRating(ctx, must[wire.Pass](t)(wire.ParsePass(k)), d.byPhone(c.now(), "nhanh", 4))
		ok(t, err)
	}
	if rep := verify(t, s, ownOf(t, s).Chain); rep.Records != uint64(len(tokens)) {
		t.Fatalf("%d passes, %d ratings", len(tokens), rep.Records)
	}
}
