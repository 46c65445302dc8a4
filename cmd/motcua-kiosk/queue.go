package main

import (
	"sync"

	"motcua/kiosk/player"
)

// queue holds events for the loop: without a bound in form, bounded in fact by
// fingers and by the link's own limits.
type queue struct {
	mu    sync.Mutex
	list  []player.Event // guarded by mu
	ready chan struct{}
}

func (q *queue) add(e player.Event) {
	q.mu.Lock()
	q.list = append(q.list, e)
	q.mu.Unlock()
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

func (q *queue) take() []player.Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := q.list
	q.list = nil
	return out
}
