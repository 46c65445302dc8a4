package limits

import (
	"errors"
	"net/netip"
	"syscall"
)

// ErrNotPublic is why a dialer refuses an address.
var ErrNotPublic = errors.New("limits: the address is not a public one")

// special are the networks that lead back inside, beyond what netip tells by
// itself: carriers' own, protocol assignments, benchmarks, documentation,
// reserved, and the ways in which IPv6 carries IPv4 (RFC 6890, 6052, 3056, 4380).
var special = func() (out []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}()

// Public says whether an address is one of the open network.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Outward is a net.Dialer's Control that refuses, with ErrNotPublic, addresses
// that allow does not: at the moment of the connection, so that a name that
// answers differently the second time gains nothing.
func Outward(allow func(netip.Addr) bool) func(network, address string, c syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil || !allow(ap.Addr()) {
			return ErrNotPublic
		}
		return nil
	}
}
