package media

import (
	"bytes"
	"context"
	"image"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// roomDir makes the test program a server over a data folder, until it is killed.
const roomDir = "MOTCUA_TEST_ROOM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(roomDir); dir != "" {
		st, err := store.Open(dir, store.Options{})
		if err != nil {
			panic(err)
		}
		r, err := New(st, slog.New(slog.DiscardHandler), "/up/")
		if err != nil {
			panic(err)
		}
		if err := r.Run(context.Background()); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// A server that is killed in the middle of a conversion takes its ffmpeg with it;
// another one, or the same one started again, converts the film once and leaves
// nothing behind.
func TestServerKilledWhileItConverts(t *testing.T) {
	long := made(t, "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30:d=15", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "40", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4")
	d := newDesk(t)
	ctx := context.Background()
	id, err := d.room.Load().Take(ctx, mai, bytes.NewReader(long))
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), roomDir+"="+d.st.Dir())
	other.Stderr = os.Stderr
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(d.st.UploadFolder(), id+".work", "film.mp4")
	var ffmpeg []int
	for end := time.Now().Add(2 * time.Minute); len(ffmpeg) == 0; time.Sleep(5 * time.Millisecond) { // polled: another process works
		if info, err := os.Stat(half); err == nil && info.Size() > 0 {
			ffmpeg = writing(t, half)
		}
		if time.Now().After(end) {
			t.Fatal("it does not convert")
		}
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // killed
	for end := time.Now().Add(time.Minute); len(writing(t, half)) > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("ffmpeg outlives its server")
		}
	}
	if u, err := d.st.Uploads(ctx, ""); err != nil || u[0].State != store.UploadRunning {
		t.Fatalf("%+v %v", u, err)
	}
	d.later.Add(claimLife.Milliseconds() + 1)
	if got := d.run(); len(got) != 1 || got[0].State != store.UploadDone || got[0].Tries != 2 {
		t.Fatalf("%+v", got)
	}
	if list, n, err := d.st.MediaList(ctx, store.MediaFilter{}); err != nil || n != 1 {
		t.Fatalf("%+v %v", list, err)
	}
}

// writing are the processes that have a file open.
func writing(t *testing.T, path string) (pids []int) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if to, err := os.Readlink(l); err == nil && to == path {
			pid, err := strconv.Atoi(strings.Split(l, "/")[2])
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// An ffmpeg that is not there, hangs, or talks nonsense fails in words and leaves
// nothing; pictures are made ready all the same.
func TestFFmpegThatFails(t *testing.T) {
	whole := made(t, "-f", "lavfi", "-i", "testsrc=s=320x240:d=1", "-c:v", "libx264", "-f", "matroska")
	probe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip("ffprobe is not installed (apt-get install ffmpeg)")
	}
	in := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(in, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct{ script, says string }{
		"hangs":          {"exec sleep 600", "bị đứng"},
		"hangs half way": {"echo out_time_us=100000; exec sleep 600", "bị đứng"},
		"nonsense":       {"head -c 100000 /dev/urandom; exit 0", "Không đọc được"},
		"falls":          {"echo không được >&2; exit 1", "Không đọc được"},
		"writes nothing": {"echo out_time_us=x; echo progress=end", "Không đọc được"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fake := filepath.Join(dir, "ffmpeg")
			if err := os.WriteFile(fake, []byte("#!/bin/sh\n"+x.script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			c := converter{ffmpeg: fake, ffprobe: probe, dir: dir, stall: 300 * time.Millisecond}
			_, err := c.convert(context.Background(), in, "matroska", func(int) {})
			if !strings.Contains(slides.Sentence(err, "vi"), x.says) || slides.Sentence(err, "en") == "" {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("not there", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		d := newDesk(t)
		for _, b := range [][]byte{whole, pngOf(t, image.NewRGBA(image.Rect(0, 0, 640, 360)))} {
			if _, err := d.room.Load().Take(context.Background(), mai, bytes.NewReader(b)); err != nil {
				t.Fatal(err)
			}
		}
		var failed, done int
		for _, u := range d.run() {
			switch {
			case u.State == store.UploadDone:
				done++
			case strings.Contains(u.Vi, "apt-get install ffmpeg"):
				failed++
			}
		}
		if failed != 1 || done != 1 {
			t.Errorf("%d failed in words, %d done", failed, done)
		}
	})
}
