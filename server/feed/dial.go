package feed

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"

	"motcua/server/limits"
	"motcua/slides"
)

const (
	within       = 20 * time.Second // for the whole answer
	maxRedirects = 5
	maxHeader    = 64 << 10
)

// client asks only public addresses, by http or https, with no proxy, no
// cookies and nothing kept open.
func client(allow func(netip.Addr) bool) *http.Client {
	d := &net.Dialer{Timeout: 10 * time.Second, Control: limits.Outward(allow)}
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
