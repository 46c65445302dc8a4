package main

import (
	"context"
	"flag"
	"io"
	"net/http"
	"runtime"
	"sync"

	"github.com/gorilla/websocket"
)

// broadcastRole is the limit that the server's fan-out is compared with: a bare
// gorilla server that prepares what is posted to /go once and writes it to
// every socket from as many goroutines as there are processors. It signs,
// checks and stores nothing.
func broadcastRole(ctx context.Context, args []string, _, _ io.Writer) error {
	fs := flag.NewFlagSet("broadcast", flag.ContinueOnError)
	addr := fs.String("addr", "", "address")
	if err := fs.Parse(args); err != nil {
		return err
	}
	var mu sync.Mutex
	var conns []*websocket.Conn
	up := websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /socket", func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		mu.Lock()
		conns = append(conns, c)
		mu.Unlock()
		go func() {
			for {
				if _, _, err := c.NextReader(); err != nil {
					return
				}
			}
		}()
	})
	mux.HandleFunc("POST /go", func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		pm, err := websocket.NewPreparedMessage(websocket.TextMessage, b)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		mu.Lock()
		all := conns
		mu.Unlock()
		var wg sync.WaitGroup
		n := runtime.GOMAXPROCS(0)
		for k := range n {
			wg.Go(func() {
				for i := k; i < len(all); i += n {
					_ = all[i].WritePreparedMessage(pm) // one that is gone is missed by its reader
				}
			})
		}
		wg.Wait()
	})
	srv := &http.Server{Addr: *addr, Handler: mux}
	go func() {
		<-ctx.Done()
		srv.Close()
	}()
	if err := srv.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}
