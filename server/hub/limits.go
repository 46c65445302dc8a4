package hub

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits bounds requests by address: pairing, challenges and sockets are open
// to strangers. Addresses are forgotten when idle, and their number is bounded,
// so that a flood from many addresses costs no memory.
type limits struct {
	mu    sync.Mutex
	by    map[string]*limited // guarded by mu
	sweep time.Time           // guarded by mu
}

type limited struct {
	rate *rate.Limiter
	seen time.Time
}

// One address may be a whole building behind one router: forty kiosks poll
// every 2 s and dial again after a power cut.
const (
	perSecond    = 100
	burst        = 400
	maxAddresses = 10_000
	forgetAfter  = 10 * time.Minute
)

func newLimits() *limits { return &limits{by: map[string]*limited{}} }

// from is the address that a request comes from, without its port.
func from(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// allow says whether r's address may go on.
func (l *limits) allow(r *http.Request) bool {
	host := from(r)
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.IsLoopback() {
			return true // a proxy in front, or this machine itself
		}
		if ip = ip.Unmap(); ip.Is6() {
			// One line has 2⁶⁴ addresses of its own.
			host = netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
		}
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.After(l.sweep) {
		for k, v := range l.by {
			if now.Sub(v.seen) > forgetAfter {
				delete(l.by, k)
			}
		}
		l.sweep = now.Add(time.Minute)
	}
	e := l.by[host]
	if e == nil {
		if len(l.by) >= maxAddresses {
			// A flood from everywhere: all begin anew, rather than that kiosks whose
			// address is not known yet stay out.
			clear(l.by)
		}
		e = &limited{rate: rate.NewLimiter(perSecond, burst)}
		l.by[host] = e
	}
	e.seen = now
	return e.rate.AllowN(now, 1)
}
