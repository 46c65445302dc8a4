package limits

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestAddressesAreLimitedAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const perSecond, burst = 100, 400
		l := New(perSecond, burst)
		ask := func(addr string) bool { return l.Allow(&http.Request{RemoteAddr: addr}) }
		count := func(addr func(int) string) (passed int) {
			for i := range 2 * burst {
				if ask(addr(i)) {
					passed++
				}
			}
			return passed
		}
		if n := count(func(int) string { return "203.0.113.9:5000" }); n != burst {
			t.Errorf("one address passed %d times at once", n)
		}
		if n := count(func(i int) string { return fmt.Sprintf("203.0.113.10:%d", i) }); n != burst {
			t.Errorf("one address with many ports passed %d times", n)
		}
		if n := count(func(i int) string { return fmt.Sprintf("[2001:db8::%x]:80", i+1) }); n != burst {
			t.Errorf("one line's IPv6 addresses passed %d times", n)
		}
		if n := count(func(i int) string { return "127.0.0.1:80" }); n != 2*burst {
			t.Errorf("this machine passed %d times", n)
		}
		time.Sleep(time.Second)
		if n := count(func(int) string { return "203.0.113.9:5000" }); n != perSecond {
			t.Errorf("a second later it passed %d times", n)
		}
		for i := range 3 * maxAddresses {
			if !ask(fmt.Sprintf("%d.%d.%d.1:80", 11+i>>16, i>>8&255, i&255)) {
				t.Fatalf("the %dth address was refused its first request", i)
			}
		}
		if len(l.by) > maxAddresses {
			t.Errorf("%d addresses are remembered", len(l.by))
		}
		time.Sleep(time.Hour)
		ask("203.0.113.77:1")
		if len(l.by) != 1 {
			t.Errorf("%d addresses are remembered after an hour", len(l.by))
		}
	})
}
