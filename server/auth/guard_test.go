package auth

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"motcua/server/store"
	"motcua/slides"
)

// One address may not fill the queue of slow hashes with invented names.
func TestTriesAtOnceOfOneAddress(t *testing.T) {
	st, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	h := NewHasher(Params{Memory: 64, Time: 1, Threads: 1})
	g, err := NewGuard(st, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.dummy() // made once, and needs a slot itself
	for range cap(h.slots) {
		h.slots <- struct{}{} // no hash ends before all have come
	}
	try := func(addr string, n int) slides.ErrKind {
		_, err := g.SignIn(context.Background(), Attempt{Login: fmt.Sprint("nobody", n), Password: "không phải thế này", Addr: addr})
		return slides.KindOf(err)
	}
	got := make(chan slides.ErrKind)
	var wg sync.WaitGroup
	for n := range 3 * TriesAtOnce {
		wg.Go(func() { got <- try("192.0.2.7:"+fmt.Sprint(1000+n), n) })
	}
	for range 2 * TriesAtOnce {
		if k := <-got; k != slides.Throttled {
			t.Fatalf("%s while the queue is full", k)
		}
	}
	other := make(chan slides.ErrKind)
	go func() { other <- try("192.0.2.8:1", 99) }() // waits for its turn, is not refused
	for range cap(h.slots) {
		<-h.slots
	}
	for range TriesAtOnce {
		if k := <-got; k != slides.Denied {
			t.Fatalf("%s for a wrong password", k)
		}
	}
	if k := <-other; k != slides.Denied {
		t.Fatalf("%s for another address", k)
	}
	wg.Wait()
	if len(g.tries) != 0 {
		t.Fatalf("places not given back: %v", g.tries)
	}
}

// Who spends an address's tries does not keep out the browsers known there.
func TestKnownBrowserOfBrakedAddress(t *testing.T) {
	st, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	g, err := NewGuard(st, NewHasher(Params{Memory: 64, Time: 1, Threads: 1}), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, at := context.Background(), "192.0.2.7:5"
	token, err := g.NewSetup(ctx)
	if err != nil {
		t.Fatal(err)
	}
	right := Attempt{Login: "lan", Password: "một cửa một lần", Addr: at}
	first, err := g.Setup(ctx, token, "Lan", right.Password, right)
	if err != nil {
		t.Fatal(err)
	}
	for n := range FreeTriesAddress {
		_, err := g.SignIn(ctx, Attempt{Login: fmt.Sprint("nobody", n), Password: "x", Addr: at})
		if k := slides.KindOf(err); k != slides.Denied {
			t.Fatalf("try %d: %v", n, err)
		}
	}
	if _, err := g.SignIn(ctx, right); slides.KindOf(err) != slides.Throttled {
		t.Fatalf("the address is not braked: %v", err)
	}
	right.Device = first.Device
	if _, err := g.SignIn(ctx, right); err != nil {
		t.Fatalf("a known browser was kept out: %v", err)
	}
	right.Login = "other" // the cookie is one account's
	if _, err := g.SignIn(ctx, right); slides.KindOf(err) != slides.Throttled {
		t.Fatalf("another account's cookie: %v", err)
	}
}
