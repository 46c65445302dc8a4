//go:build linux

package vault

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/slides"
)

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	o := testOptions()
	v, err := OpenFolder(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	mustPair(t, v, 7)
	if err := v.Tidy(); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 200; i++ {
		mustAppend(t, v, fmt.Sprint("r", i), 800)
	}
	publish(t, v, "e1", 1, "một", "hai")
	b := []byte(strings.Repeat("ba", 5000))
	ref := slides.BlobRef{SHA: slides.Sum(b), Size: int64(len(b))}
	if _, err := v.Blobs().PutAt(ref, 0, b[:700]); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if err := v.Plays().Add(play(i)); err != nil {
			t.Fatal(err)
		}
	}
	_, err = OpenFolder(dir, o)
	if slides.KindOf(err) != slides.Conflict || !errors.Is(err, ErrLocked) {
		t.Fatalf("second kiosk: %v", err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	files := 0
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			t.Fatal(err)
		}
		st, _ := e.Info()
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		}
		if st.Mode().Perm() != want {
			t.Errorf("%s has mode %v", path, st.Mode())
		}
		if strings.HasSuffix(path, ".tmp") {
			t.Errorf("%s was left behind", path)
		}
		files++
		return nil
	})
	if files < 30 {
		t.Fatalf("only %d files", files)
	}
	// A rotten byte in a real file.
	c := testIdentity(7).Chain
	seg := filepath.Join(dir, "outbox", c.String(), segmentName(1))
	raw, _ := os.ReadFile(seg)
	raw[100] ^= 1
	os.WriteFile(seg, raw, 0o600)
	if v, err = OpenFolder(dir, o); err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	got := deliver(t, v, c, 64)
	if len(got.lost) != 1 || !got.lost[1] || len(got.names) != 199 || got.names[200] != "r200" {
		t.Fatalf("%d delivered, lost %v", len(got.names), got.lost)
	}
	if m := v.Manifests().Active(); m == nil || m.Revision != 1 || v.Blobs().Partial(ref.SHA) != 700 {
		t.Fatal("the manifest or the partial blob is gone")
	}
	if done, err := v.Blobs().PutAt(ref, 700, b[700:]); !done || err != nil {
		t.Fatal(done, err)
	}
	if plays, _ := v.Plays().Batch(100); len(plays) != 40 {
		t.Fatalf("%d plays", len(plays))
	}
	if st := v.Status(); st.Free <= 0 || st.Pending != 200 || st.Damage["ratings"] != 1 {
		t.Fatalf("%+v", st)
	}
}

// TestKilled kills a process that appends, at no chosen moment; what it had
// thanked for (printed) is there.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("MOTCUA_VAULT_CHILD"); dir != "" {
		appendForEver(dir)
		return
	}
	dir := t.TempDir()
	v, err := OpenFolder(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	mustPair(t, v, 7)
	v.Close()
	thanked := map[uint64]string{}
	r := prng(uint64(time.Now().UnixNano()))
	for round := range 8 {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKilled$")
		cmd.Env = append(os.Environ(), "MOTCUA_VAULT_CHILD="+dir, fmt.Sprint("MOTCUA_VAULT_ROUND=", round))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for stop := 1 + r.IntN(60); lines.Scan(); stop-- {
			var seq uint64
			var name string
			if n, _ := fmt.Sscanf(lines.Text(), "thanked %d %s", &seq, &name); n == 2 {
				if thanked[seq] != "" {
					t.Fatalf("%s took the place of %s", name, thanked[seq])
				}
				thanked[seq] = name
			}
			if stop == 0 {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
		if v, err = OpenFolder(dir, testOptions()); err != nil {
			t.Fatalf("after kill %d: %v", round, err)
		}
		got := deliver(t, v, testIdentity(7).Chain, 64)
		for seq, name := range thanked {
			if got.names[seq] != name {
				t.Fatalf("kill %d: %d is %q, want %s", round, seq, got.names[seq], name)
			}
		}
		if len(got.lost) > 0 || len(got.names) > len(thanked)+round+1 {
			t.Fatalf("kill %d: %d delivered, %d thanked, lost %v", round, len(got.names), len(thanked), got.lost)
		}
		v.Close()
	}
	if len(thanked) < 16 {
		t.Fatalf("only %d ratings", len(thanked))
	}
}

func appendForEver(dir string) {
	v, err := OpenFolder(dir, testOptions())
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for i := 0; ; i++ {
		name := fmt.Sprint(os.Getenv("MOTCUA_VAULT_ROUND"), "-", i)
		r, err := v.Outbox().Append(sections(name, i%1500))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Printf("thanked %d %s\n", r.Seq, name)
	}
}

// BenchmarkAppend is one rating until it may be thanked for, both flushes included.
func BenchmarkAppend(b *testing.B) {
	v, err := OpenFolder(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	mustPair(b, v, 7)
	v.Tidy()
	s := sections("r", 250)
	for b.Loop() {
		if _, err := v.Outbox().Append(s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen is the start of a kiosk with 50,000 kept ratings, of which 1,000
// are not acknowledged.
func BenchmarkOpen(b *testing.B) {
	d := NewMemory(1 << 30)
	v := mustOpen(b, d, Options{})
	mustPair(b, v, 7)
	for range 50_000 {
		mustAppend(b, v, "r", 100)
	}
	v.Outbox().Ack(testIdentity(7).Chain, 49_000)
	v.Close()
	for b.Loop() {
		v, err := Open(d, Options{})
		if err != nil {
			b.Fatal(err)
		}
		v.Close()
	}
}

// BenchmarkUnacked is one full batch read for the link.
func BenchmarkUnacked(b *testing.B) {
	v, err := OpenFolder(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	mustPair(b, v, 7)
	for range 200 {
		mustAppend(b, v, "r", 250)
	}
	c := testIdentity(7).Chain
	for b.Loop() {
		if out, err := v.Outbox().Unacked(c, 1, 64, 1<<20); err != nil || len(out.Records) != 64 {
			b.Fatal(err)
		}
	}
}
