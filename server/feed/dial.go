package feed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"motcua/slides"
)

// errInside says that an address is not one of the open internet.
var errInside = errors.New("feed: the address is not public")

// inside are the networks that a feed may never lead into, beyond what netip
// tells by itself: carriers' own, protocol assignments, benchmarks, documentation,
// reserved, and the ways in which IPv6 carries IPv4 (RFC 6890, 6052, 3056, 4380).
var inside = func() (out []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}()

// public says whether an address is one of the open internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// control refuses a connection at the moment it is made, to the very address
// that it goes to: whatever a name resolved to before does not count, so a name
// that answers differently the second time gains nothing.
func control(allow func(netip.Addr) bool) func(string, string, syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %w", errInside, err)
		}
		if !allow(a.Addr()) {
			return fmt.Errorf("%w: %v", errInside, a.Addr())
		}
		return nil
	}
}

const (
	within       = 20 * time.Second // for the whole answer
	maxRedirects = 5
	maxHeader    = 64 << 10
)

// client asks only public addresses, by http or https, with no proxy, no
// cookies and nothing kept open.
func client(allow func(netip.Addr) bool) *http.Client {
	d := &net.Dialer{Timeout: 10 * time.Second, Control: control(allow)}
	return &http.Client{
		Timeout: within,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				return d.DialContext(ctx, network, addr)
			},
			Proxy: nil, DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: within, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return slides.E(slides.Invalid, "feed.fetch", "Nguồn tin chuyển hướng quá nhiều lần.", "The feed redirects too often.", nil)
			}
			if r.URL.Scheme != "http" && r.URL.Scheme != "https" || r.URL.User != nil {
				return slides.E(slides.Invalid, "feed.fetch", "Nguồn tin chuyển sang một địa chỉ không phải http, https.", "The feed redirects to an address that is not http or https.", nil)
			}
			return nil
		},
	}
}
