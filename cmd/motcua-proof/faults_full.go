package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// smallRole mounts a small file system of its own over a folder and becomes
// another program. It runs in mount and user namespaces of its own (startSmall):
// nobody else sees the mount, and it is gone with the process.
func smallRole(_ context.Context, args []string, _, _ io.Writer) error {
	fs := flag.NewFlagSet("small", flag.ContinueOnError)
	dir := fs.String("over", "", "folder")
	size := fs.String("size", "", "as mount(8)'s size")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("a mount table of its own: %w", err)
	}
	if err := syscall.Mount("motcua-proof", *dir, "tmpfs", 0, "size="+*size); err != nil {
		return fmt.Errorf("mounting a small file system: %w", err)
	}
	rest := fs.Args()
	return syscall.Exec(rest[0], rest, os.Environ())
}

// startSmall starts a program that sees a small empty disk at dir.
func startSmall(log io.Writer, dir, size, program string, args ...string) (*process, error) {
	me, err := self()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(me, append([]string{"small", "-over", dir, "-size", size, program}, args...)...)
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid: true, Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	p, err := startCommand(cmd)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) {
		return nil, skipped("this system lets nobody mount: " + err.Error())
	}
	return p, err
}

func fullDisk(ctx context.Context, p *proof) ([]line, error) {
	kiosk, err := fullKiosk(ctx, p)
	if err != nil {
		return nil, err
	}
	server, err := fullServer(ctx, p)
	return append(kiosk, server...), err
}

// fullKiosk rates on a disk of 3 MiB without a server until ratings are refused,
// then the server comes.
func fullKiosk(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "full-kiosk", 0)
	if err != nil {
		return nil, err
	}
	defer w.close()
	dir := filepath.Join(filepath.Dir(w.dir), "vault")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	me, err := self()
	if err != nil {
		return nil, err
	}
	w.journals = []string{dir + ".journal"}
	w.runs = 1
	r, err := startSmall(w.log, dir, "3m", me, "rater", "-dir", dir, "-url", "http://"+w.addr, "-journal", w.journals[0], "-every", "0s", "-count", strconv.Itoa(p.times(6000, 12_000)), "-seed", "1")
	if err != nil {
		return nil, err
	}
	defer r.kill()
	if err := w.approve(ctx, r); err != nil {
		return nil, err
	}
	w.srv.kill()
	made, err := r.line(ctx, "made ", 3*time.Minute)
	if err != nil {
		return nil, fmt.Errorf("%w; it said: %s", err, w.talk())
	}
	if _, err := fmt.Sscanf(made, "made %d refused %d", new(int), &w.refused); err != nil {
		return nil, err
	}
	if err := w.startServer(ctx); err != nil {
		return nil, err
	}
	if _, err := r.line(ctx, "delivered", 3*time.Minute); err != nil {
		return nil, fmt.Errorf("%w; it said: %s", err, w.talk())
	}
	if err := w.judge(ctx, nil, 0); err != nil {
		return nil, err
	}
	l := w.line("the kiosk's disk full: refused in words, never thanked and lost")
	if w.refused == 0 {
		l.wrong, l.limit = true, l.limit+"; the disk was never full"
	}
	return []line{l}, nil
}

// approve waits for the rater's code and approves it as staff would.
func (w *world) approve(ctx context.Context, r *process) error {
	code, err := r.line(ctx, "pair-code: ", 30*time.Second)
	if err != nil {
		return fmt.Errorf("%w; it said: %s", err, w.talk())
	}
	st, err := store.Open(w.dir, store.Options{})
	if err != nil {
		return err
	}
	_, err = st.ApprovePairing(ctx, store.Actor{Name: "motcua-proof"}, store.Approval{
		Code: strings.TrimPrefix(code, "pair-code: "), KioskEdit: store.KioskEdit{Name: "Ki-ốt", Unit: w.seed.unit, Lang: "vi", Audience: slides.Public},
	})
	if err := errors.Join(err, st.Close()); err != nil {
		return err
	}
	_, err = r.line(ctx, "rating", 30*time.Second)
	return err
}

// fullServer fills the server's disk while ratings arrive: what it can't keep
// it must not acknowledge. The disk is the server's own and gone with it; the
// backup that it ends with is what is judged.
func fullServer(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "full-server", 2)
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := w.srv.stop(); err != nil {
		return nil, err
	}
	file := filepath.Join(filepath.Dir(w.dir), "before")
	if err := w.backup(ctx, file); err != nil {
		return nil, err
	}
	home := filepath.Join(filepath.Dir(w.dir), "small")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	// The server serves from the small disk: restored there first, and backed up
	// to the large one at the end.
	after := filepath.Join(filepath.Dir(w.dir), "after")
	me, err := self()
	if err != nil {
		return nil, err
	}
	// Room for what is served and all that the raters make: full by the ballast only.
	srv, err := startSmall(w.log, home, "64m", me, "serve", "-addr", w.addr, "-data", filepath.Join(home, "data"), "-from", file, "-after", after)
	if err != nil {
		return nil, err
	}
	w.srv = &serverUp{process: srv, dir: home, addr: w.addr, url: "http://" + w.addr, logs: w.log}
	if err := w.srv.await(ctx, time.Minute); err != nil {
		return nil, fmt.Errorf("%w; it said: %s", err, w.talk())
	}
	inside := fmt.Sprintf("/proc/%d/root%s", srv.pid(), home)
	var raters []*process
	defer func() {
		for _, r := range raters {
			r.kill()
		}
	}()
	for i := range w.vaults {
		r, err := w.rater(i, "", "-every", "2ms", "-eager")
		if err != nil {
			return nil, err
		}
		raters = append(raters, r)
	}
	w.runs = p.times(1, 4)
	for range w.runs {
		if err := sleep(ctx, time.Second); err != nil {
			return nil, err
		}
		if err := ballast(filepath.Join(inside, "ballast")); err != nil {
			return nil, err
		}
		if err := sleep(ctx, time.Duration(p.times(2, 6))*time.Second); err != nil {
			return nil, err
		}
		if err := os.Remove(filepath.Join(inside, "ballast")); err != nil {
			return nil, err
		}
	}
	if err := sleep(ctx, time.Second); err != nil {
		return nil, err
	}
	for _, r := range raters {
		if err := r.stop(); err != nil {
			return nil, err
		}
	}
	raters = nil
	if err := w.deliver(ctx); err != nil {
		return nil, err
	}
	if err := srv.stop(); err != nil {
		return nil, err
	}
	w.dir = filepath.Join(filepath.Dir(w.dir), "judged")
	if err := store.Restore(ctx, after, w.dir, store.Options{}); err != nil {
		return nil, err
	}
	all, err := w.said()
	if err != nil {
		return nil, err
	}
	if w.counts, err = judge(ctx, w.dir, all, w.counts, nil, len(w.vaults)); err != nil {
		return nil, err
	}
	l := w.line("the server's disk full while ratings arrive")
	talk, err := os.ReadFile(w.log.Name())
	if err != nil {
		return nil, err
	}
	if !strings.Contains(string(talk), "disk is full") {
		l.wrong, l.limit = true, l.limit+"; the disk was never full"
	}
	return []line{l}, nil
}

// ballast fills what is left of a disk.
func ballast(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	b := make([]byte, 64<<10)
	rand.Read(b) // never fails (crypto/rand)
	for size := len(b); size > 0; {
		_, err := f.Write(b[:size])
		if errors.Is(err, syscall.ENOSPC) {
			size /= 2
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}
