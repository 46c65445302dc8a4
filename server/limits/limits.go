// Package limits bounds requests by the address that they come from, for what
// is open to strangers.
package limits

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// ByAddress bounds each address on its own. Addresses are forgotten when idle,
// and their number is bounded, so that a flood from many of them costs no memory.
// It is safe for concurrent use.
type ByAddress struct {
	each  rate.Limit // static
	burst int        // static

	mu    sync.Mutex
	by    map[string]*limited // guarded by mu
	sweep time.Time           // guarded by mu
}

type limited struct {
	rate *rate.Limiter
	seen time.Time
}

const (
	maxAddresses = 10_000
	forgetAfter  = 10 * time.Minute
)

// New allows each address burst requests at once and perSecond after that. One
// address may be a whole building behind one router, or a city's phones behind
// one carrier's.
func New(perSecond float64, burst int) *ByAddress {
	return &ByAddress{each: rate.Limit(perSecond), burst: burst, by: map[string]*limited{}}
}

// From is the address that a request comes from, without its port.
func From(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// Allow says whether r's address may go on, and counts that it did.
func (l *ByAddress) Allow(r *http.Request) bool {
	host := From(r)
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
			// A flood from everywhere: all begin anew, rather than that those whose
			// address is not known yet stay out.
			clear(l.by)
		}
		e = &limited{rate: rate.NewLimiter(l.each, l.burst)}
		l.by[host] = e
	}
	e.seen = now
	return e.rate.AllowN(now, 1)
}
