package limits

import (
	"net/netip"
	"testing"
)

func TestPublic(t *testing.T) {
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "113.160.92.202": true, "2001:4860:4860::8888": true, "2400:cb00::1": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.1.1": false, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "192.0.2.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "ff02::1": false, "::ffff:127.0.0.1": false, "::ffff:8.8.8.8": true, "64:ff9b::7f00:1": false, "fe80::1%eth0": false, "2001::1": false, "fec0::1": false, "240.0.0.1": false, "198.18.0.1": false, "192.0.0.8": false, "::ffff:10.0.0.1": false, "2405:4800::1": true, "2002:7f00:1::": false,
	} {
		if got := Public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
		host := netip.AddrPortFrom(netip.MustParseAddr(addr), 443).String()
		if err := Outward(Public)("tcp", host, nil); (err == nil) != want {
			t.Errorf("%s: %v", host, err)
		}
	}
	if Outward(Public)("tcp", "example.vn:443", nil) == nil {
		t.Error("a name passes")
	}
}
