package store

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// crashDir makes this test binary a server that takes ratings until it is killed.
const crashDir = "MOTCUA_STORE_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := takeUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if dir := os.Getenv(phoneCrashDir); dir != "" {
		if err := takePhonesUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// frame is one batch on the child's standard input.
type frame struct {
	Kiosk   string
	Ratings wire.Ratings
}

// takeUntilKilled reads batches of several kiosks and prints each acknowledgement.
func takeUntilKilled(dir string) error {
	s, err := Open(dir, Options{Now: newClock().now, Suspect: SuspectRules{Rapid: -1, Burst: -1}})
	if err != nil {
		return err
	}
	ctx := context.Background()
	go s.Run(ctx)
	var mu sync.Mutex
	perKiosk := map[string]chan frame{}
	in := json.NewDecoder(bufio.NewReader(os.Stdin))
	for {
		var f frame
		if err := in.Decode(&f); err != nil {
			select {} // nothing more comes: wait for the kill
		}
		c := perKiosk[f.Kiosk]
		if c == nil {
			c = make(chan frame, 1000)
			perKiosk[f.Kiosk] = c
			go func() {
				for f := range c {
					got, err := s.IngestRatings(ctx, f.Kiosk, f.Ratings)
					mu.Lock()
					fmt.Printf("%s %d %v\n", f.Ratings.Chain, got.Acked, err)
					mu.Unlock()
				}
			}()
		}
		c <- f
	}
}

// TestKilledWhileRatingsArrive kills the server at random moments. Everything
// acknowledged must be there once, the roll-ups must be the ratings, the chains
// must verify; the kiosks then send again from what the server names.
func TestKilledWhileRatingsArrive(t *testing.T) {
	ctx, dir, c := context.Background(), t.TempDir(), newClock()
	s := openTest(t, dir, c)
	office(t, s)
	var devices []*device
	queues := map[chain.ID][]chain.Record{}
	for i := range 4 {
		d := pair(t, s, []string{"mot-cua", "so"}[i%2], "")
		for k := range 1500 {
			queues[d.Chain] = append(queues[d.Chain], d.record(d.rating(c.now().Add(-time.Duration(k)*time.Minute), "nhanh", 4), c.now()))
		}
		devices = append(devices, d)
	}
	ok(t, s.Close())
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	acked := map[string]uint64{}
	for round := range rounds {
		s := openTest(t, dir, c)
		start := map[chain.ID]uint64{}
		for _, d := range devices {
			start[d.Chain] = must[[]wire.ChainState](t)(s.KioskChains(ctx, d.ID))[0].Seq
		}
		ok(t, s.Close())
		stopAfter := 1 + rand.IntN(40) // acknowledgements
		for line := range killedChild(t, dir, feed(devices, queues, start), stopAfter) {
			var id string
			var seq uint64
			if _, err := fmt.Sscan(line, &id, &seq); err != nil || !strings.HasSuffix(line, "<nil>") {
				t.Fatalf("round %d: the child said %q", round, line)
			}
			acked[id] = max(acked[id], seq)
		}
		s = openTest(t, dir, c)
		ok(t, s.CheckRollups(ctx))
		for _, d := range devices {
			st := must[[]wire.ChainState](t)(s.KioskChains(ctx, d.ID))[0]
			if st.Seq < acked[d.Chain.String()] {
				t.Fatalf("round %d: acknowledged up to %d, kept up to %d", round, acked[d.Chain.String()], st.Seq)
			}
			if rep := verify(t, s, d.Chain); !rep.OK() || rep.Records != st.Seq {
				t.Fatalf("round %d: %+v", round, rep)
			}
		}
		ok(t, s.Close())
	}
	total := uint64(0)
	for _, n := range acked {
		total += n
	}
	if total == 0 {
		t.Fatal("nothing was acknowledged: the test proves nothing")
	}
	t.Logf("%d rounds, %d ratings acknowledged and kept", rounds, total)
}

// feed is what the kiosks send from where the server stands.
func feed(devices []*device, queues map[chain.ID][]chain.Record, from map[chain.ID]uint64) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for at := 0; at < 1500; at += 20 {
		for _, d := range devices {
			q := queues[d.Chain][from[d.Chain]:]
			if at >= len(q) {
				continue
			}
			records := q[at:min(at+20, len(q))]
			last := records[len(records)-1]
			h, _ := chain.ParseHeader(last.Header)
			head := chain.Head{Chain: d.Chain, Seq: h.Seq, Hash: chain.HashOf(last.Header), At: 1}
			enc.Encode(frame{d.ID, wire.Ratings{Chain: d.Chain, Records: records, Head: head.Sign(d.key)}})
		}
	}
	return b.Bytes()
}

// killedChild runs the child and kills it with SIGKILL after so many lines, in
// the midst of its work; it gives all lines that came out.
func killedChild(t *testing.T, dir string, input []byte, lines int) func(func(string) bool) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	out := must[io.ReadCloser](t)(cmd.StdoutPipe())
	ok(t, cmd.Start())
	var got []string
	in := bufio.NewScanner(out)
	for in.Scan() {
		got = append(got, in.Text())
		if len(got) == lines {
			cmd.Process.Kill()
		}
	}
	cmd.Process.Kill() // if fewer lines than that came
	cmd.Wait()         // it was killed: its status says so
	return func(yield func(string) bool) {
		for _, l := range got {
			if !yield(l) {
				return
			}
		}
	}
}

func TestRestoreIsANewLifeAndKiosksSendAgain(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	running(t, s)
	d := pair(t, s, "mot-cua", "")
	big := bytes.Repeat([]byte("ảnh lớn "), 20_000)
	ref := must[slides.BlobRef](t)(s.PutBlob(ctx, "image/png", bytes.NewReader(big), 1<<20))
	signIn(t, s)
	var records []chain.Record
	for range 5 {
		records = append(records, d.record(d.rating(c.now(), "nhanh", 5), c.now()))
	}
	three := *d
	three.seq, three.hash = 3, chain.HashOf(records[2].Header)
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, three.batch(records[:3]...)))
	file := t.TempDir() + "/sao-luu.tar"
	ok(t, s.Backup(ctx, file))
	wantKind(t, s.Backup(ctx, file), slides.Conflict)
	must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(records...)))

	dir := t.TempDir()
	ok(t, Restore(ctx, file, dir, Options{Now: c.now}))
	wantKind(t, Restore(ctx, file, dir, Options{}), slides.Conflict)
	r := openTest(t, dir, c)
	if r.Epoch() == s.Epoch() || !bytes.Equal(r.ServerKey(), s.ServerKey()) {
		t.Fatal("a restored server has a new epoch and its old key")
	}
	st := must[[]wire.ChainState](t)(r.KioskChains(ctx, d.ID))[0]
	if st.Seq != 3 || st.Hash != chain.HashOf(records[2].Header) {
		t.Fatalf("the welcome must name what the backup has: %+v", st)
	}
	m := must[Manifest](t)(r.Manifest(ctx, d.Class))
	parsed := must[*slides.Manifest](t)(slides.ParseManifest(m.Bytes))
	if parsed.Epoch != r.Epoch() || parsed.Revision != m.Revision || len(parsed.Slides) != 2 {
		t.Fatalf("%+v", parsed)
	}
	if got := must[Ingested](t)(r.IngestRatings(ctx, d.ID, d.batch(records...))); got.Acked != 5 || got.New != 2 || got.Again != 3 {
		t.Fatalf("%+v", got)
	}
	ok(t, r.CheckRollups(ctx))
	b := must[*Blob](t)(r.Blob(ctx, ref.SHA))
	defer b.Close()
	got := make([]byte, len(big))
	must[int](t)(b.Read(got))
	if !bytes.Equal(got, big) {
		t.Fatal("the blob is not what was stored")
	}
	must[int64](t)(r.VerifyAudit(ctx))
	_, _, err := r.Session(ctx, "h")
	wantKind(t, err, slides.Denied)
}

// signIn makes a user and a session of hash "h".
func signIn(t *testing.T, s *Store) User {
	t.Helper()
	u := must[User](t)(s.CreateUser(context.Background(), editor, User{Login: "lan", Name: "Lan", Hash: "x"}))
	ok(t, s.CreateSession(context.Background(), Session{Hash: "h", User: u.ID, Expires: 1 << 60}))
	return u
}

func TestDamagedBackupsAreRefused(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := openTest(t, t.TempDir(), c)
	office(t, s)
	must[slides.BlobRef](t)(s.PutBlob(ctx, "image/png", bytes.NewReader(bytes.Repeat([]byte("x"), 100_000)), 1<<20))
	file := t.TempDir() + "/b.tar"
	ok(t, s.Backup(ctx, file))
	whole := must[[]byte](t)(os.ReadFile(file))
	for name, b := range map[string][]byte{
		"cut":     whole[:len(whole)*2/3],
		"flipped": flip(whole, len(whole)/3),
		"empty":   {},
		"text":    []byte("không phải bản sao lưu"),
	} {
		bad, dir := t.TempDir()+"/bad.tar", t.TempDir()
		ok(t, os.WriteFile(bad, b, 0o600))
		if err := Restore(ctx, bad, dir, Options{}); slides.KindOf(err) != slides.Corrupt {
			t.Errorf("%s: %v", name, err)
		}
		if left := must[[]os.DirEntry](t)(os.ReadDir(dir)); len(left) != 0 {
			t.Errorf("%s: left %v behind", name, left)
		}
	}
	wantKind(t, Restore(ctx, "/không/có", t.TempDir(), Options{}), slides.NotFound)
}

func flip(b []byte, at int) []byte {
	out := bytes.Clone(b)
	out[at] ^= 0x40
	return out
}

// SQLite takes an empty file for a new database; a house that has content does not.
func TestEmptiedDatabaseIsNotANewHouse(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	path := filepath.Join(dir, DatabaseFile)
	ok(t, os.WriteFile(path, nil, 0o600)) // of a first start that was broken off
	s, err := Open(dir, Options{Now: c.now})
	ok(t, err)
	office(t, s)
	_, err = s.PutBlob(context.Background(), "image/png", bytes.NewReader(make([]byte, 300_000)), 1<<20)
	ok(t, err)
	ok(t, s.Close())
	ok(t, os.Truncate(path, 0))
	_, err = Open(dir, Options{Now: c.now})
	wantKind(t, err, slides.Corrupt)
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Fatal("something was written", err)
	}
}

// A full disk is told as one, however it comes to light.
func TestFullDiskHasItsSentence(t *testing.T) {
	for _, err := range []error{
		sqlite3.Error{Code: sqlite3.ErrFull},
		sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.ENOSPC},
		&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC},
	} {
		wantKind(t, wrap("store.Test", err), slides.Full)
	}
	wantKind(t, wrap("store.Test", sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.EIO}), slides.Broken)
}
