package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/server/hub"
	"motcua/server/store"
)

// serverUp is a server process over a data folder.
type serverUp struct {
	*process
	dir, addr, url string
	ready          time.Duration // from exec to the first /readyz that says 200
	logs           *os.File
}

// startServer starts the server program over dir: the one of -server, or this
// program's own role of it, which is store and hub without the studio. addr ""
// takes a free port.
func (p *proof) startServer(ctx context.Context, dir, addr string) (*serverUp, error) {
	if addr == "" {
		var err error
		if addr, err = freePort(); err != nil {
			return nil, err
		}
	}
	program, args := p.server, []string{"serve", "-addr", addr, "-data", dir, "-log", "warn"}
	if program == "" {
		var err error
		if program, err = self(); err != nil {
			return nil, err
		}
		args = []string{"serve", "-addr", addr, "-data", dir}
	}
	logs, err := os.OpenFile(strings.TrimSuffix(dir, "/")+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	proc, err := start(logs, nil, program, args...)
	if err != nil {
		logs.Close()
		return nil, err
	}
	s := &serverUp{process: proc, dir: dir, addr: addr, url: "http://" + addr, logs: logs}
	if err := s.await(ctx, time.Minute); err != nil {
		s.kill()
		tail, _ := os.ReadFile(logs.Name()) // what it said, if it could be read
		return nil, fmt.Errorf("%w; it said: %s", err, last(string(tail), 800))
	}
	s.ready = time.Since(begun)
	return s, nil
}

func last(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}

// await waits for /readyz.
func (s *serverUp) await(ctx context.Context, within time.Duration) error {
	until := time.Now().Add(within)
	c := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for time.Now().Before(until) {
		if res, err := c.Get(s.url + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-s.done:
			return fmt.Errorf("the server ended: %w", errors.Join(s.err, errEnded))
		default:
		}
		if err := sleep(ctx, 2*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("the server was not ready within %v", within)
}

// stop is the graceful stop.
func (s *serverUp) stop() error {
	err := s.process.stop()
	return errors.Join(err, s.logs.Close())
}

// kill is kill -9.
func (s *serverUp) kill() {
	s.process.kill()
	s.logs.Close()
}

// serveRole is the server without the studio: store and hub as the server
// program composes them. It serves where no server program was given.
func serveRole(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	addr := fs.String("addr", "", "address")
	data := fs.String("data", "", "data folder")
	skew := fs.Duration("skew", 0, "added to the clock")
	from := fs.String("from", "", "a backup to begin with")
	after := fs.String("after", "", "a backup to end with: the data folder may be gone with the process")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *from != "" {
		if err := store.Restore(ctx, *from, *data, store.Options{}); err != nil {
			return err
		}
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	st, err := store.Open(*data, store.Options{Log: log, Now: func() time.Time { return time.Now().Add(*skew) }})
	if err != nil {
		return err
	}
	defer st.Close()
	h := hub.New(st, hub.Options{Log: log})
	mux := http.NewServeMux()
	h.Register(mux)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	lis, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	storeCtx, stopStore := context.WithCancel(context.WithoutCancel(ctx))
	defer stopStore()
	storeDone := make(chan error, 1)
	go func() { storeDone <- st.Run(storeCtx) }()
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	srv.RegisterOnShutdown(h.Drain)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return h.Run(ctx) })
	g.Go(func() error {
		if err := srv.Serve(lis); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return srv.Shutdown(end)
	})
	err = g.Wait()
	stopStore()
	err = errors.Join(err, <-storeDone)
	if *after != "" {
		err = errors.Join(err, st.Backup(context.WithoutCancel(ctx), *after))
	}
	return err
}
