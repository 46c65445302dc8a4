package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a child that this program started. It dies with this program
// (Pdeathsig) and is only ever ended by its own id.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // static once done

	mu    sync.Mutex
	lines []string      // guarded by mu: what it printed
	more  chan struct{} // guarded by mu: closed and replaced at each line
}

// start runs a program; its standard output is kept line by line, its standard
// error goes to log.
func start(log io.Writer, env []string, program string, args ...string) (*process, error) {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = log
	// A Ctrl-C in the terminal goes to a whole group: children are stopped in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return startCommand(cmd)
}

func startCommand(cmd *exec.Cmd) (*process, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{}), more: make(chan struct{})}
	go func() {
		for sc := bufio.NewScanner(out); sc.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, sc.Text())
			close(p.more)
			p.more = make(chan struct{})
			p.mu.Unlock()
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// line waits for an output line that holds want.
func (p *process) line(ctx context.Context, want string, within time.Duration) (string, error) {
	late := time.NewTimer(within)
	defer late.Stop()
	for from := 0; ; {
		p.mu.Lock()
		list, more := p.lines, p.more
		p.mu.Unlock()
		for ; from < len(list); from++ {
			if strings.Contains(list[from], want) {
				return list[from], nil
			}
		}
		select {
		case <-more:
		case <-p.done:
			return "", fmt.Errorf("%s ended (%w) before it said %q", p.cmd.Path, errors.Join(p.err, errEnded), want)
		case <-late.C:
			return "", fmt.Errorf("%s did not say %q within %v", p.cmd.Path, want, within)
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

var errEnded = errors.New("process ended")

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.done
}

// killTree is kill -9 for it and all that descend from it.
func (p *process) killTree() {
	for _, pid := range tree(p.pid()) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
	}
	<-p.done
}

// stop asks first and makes it end after a while.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		p.kill()
		return fmt.Errorf("%s did not stop within 20 s", p.cmd.Path)
	}
	return nil
}

// self is this program, to be run as one of its roles.
func self() (string, error) { return os.Executable() }

// freePort asks the system for a port. Nobody holds it until it is used: the
// caller listens at once.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// sleep waits for d or ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
