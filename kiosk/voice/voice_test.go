//go:build unix

package voice_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/kiosk/voice"
)

// program puts a player that writes what it is asked into a file, and then does
// what script says, alone on PATH.
func program(t *testing.T, name, script string) (log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	body := "#!/bin/sh\necho \"$$ $*\" >> " + log + "\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return log
}

type told struct {
	ended  chan string
	faults chan error
}

func start(t *testing.T) (*voice.Voice, told, func()) {
	t.Helper()
	to := told{make(chan string, 10), make(chan error, 10)}
	v := voice.New(func(b string) { to.ended <- b }, func(err error) { to.faults <- err })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { v.Run(ctx); close(done) }()
	stop := func() { cancel(); <-done }
	t.Cleanup(stop)
	return v, to, stop
}

func lines(t *testing.T, log string, n int) []string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		b, _ := os.ReadFile(log)
		if l := strings.Split(strings.TrimSpace(string(b)), "\n"); len(l) >= n && l[0] != "" {
			return l
		}
		if time.Now().After(end) {
			t.Fatalf("the player was called with %q", b)
		}
	}
}

// gone waits until the process of a log's line is no more.
func gone(t *testing.T, line string) {
	t.Helper()
	pid, _, _ := strings.Cut(line, " ")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat("/proc/" + pid); errors.Is(err, os.ErrNotExist) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("process %s plays on", pid)
		}
	}
}

func file(name string) func() (string, error) {
	return func() (string, error) { return name, nil }
}

func TestPlaysToItsEnd(t *testing.T) {
	log := program(t, "mpg123", "exit 0")
	v, to, _ := start(t)
	v.Play(voice.Recording{Blob: "a", Type: "audio/mpeg", File: file("/blobs/a")})
	if b := <-to.ended; b != "a" {
		t.Errorf("ended: %s", b)
	}
	if l := lines(t, log, 1); !strings.HasSuffix(l[0], " -q /blobs/a") {
		t.Errorf("called with %q", l)
	}
	if got := strings.Join(voice.Types(), " "); got != "audio/mpeg" {
		t.Errorf("types: %q", got)
	}
}

// Whatever comes ends the recording that plays: silence, another one, the end
// of the kiosk. The process is gone then, and no end is told.
func TestIsCutOff(t *testing.T) {
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("no /proc here to look for processes in")
	}
	log := program(t, "ffplay", "while :; do read x < "+fifo(t)+"; done")
	v, to, stop := start(t)
	v.Play(voice.Recording{Blob: "a", Type: "audio/ogg", File: file("/a")})
	first := lines(t, log, 1)[0]
	v.Play(voice.Recording{Blob: "b", Type: "audio/mpeg", File: file("/b")})
	second := lines(t, log, 2)[1]
	gone(t, first)
	if !strings.HasSuffix(second, " /b") {
		t.Errorf("then %q", second)
	}
	v.Hush()
	gone(t, second)
	v.Play(voice.Recording{Blob: "c", Type: "audio/ogg", File: file("/c")})
	third := lines(t, log, 3)[2]
	stop()
	gone(t, third)
	select {
	case b := <-to.ended:
		t.Errorf("%s was told to have ended", b)
	case err := <-to.faults:
		t.Error(err)
	default:
	}
}

// fifo is a pipe that nobody writes to: who reads it waits for ever.
func fifo(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "never")
	if err := mkfifo(name); err != nil {
		t.Skip(err)
	}
	return name
}

func TestWhatCannotPlayIsTold(t *testing.T) {
	program(t, "ogg123", "exit 3")
	v, to, _ := start(t)
	for _, r := range []voice.Recording{
		{Blob: "a", Type: "audio/mpeg", File: file("/a")}, // no player
		{Blob: "b", Type: "audio/ogg", File: func() (string, error) { return "", os.ErrNotExist }},
		{Blob: "c", Type: "audio/ogg", File: file("/c")}, // the player fails
	} {
		v.Play(r)
		if err := <-to.faults; err == nil || !strings.Contains(err.Error(), "voice "+r.Blob) {
			t.Errorf("%s: %v", r.Blob, err)
		}
		if b := <-to.ended; b != r.Blob {
			t.Errorf("%s ended", b)
		}
	}
}
