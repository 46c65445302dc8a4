package auth

import (
	"net/netip"
	"time"

	"motcua/slides"
)

// The brake on guessing. Tries below the free ones cost nothing (people
// mistype); after them each failure doubles the wait, up to MaxWait. It never
// becomes a lock: after MaxWait anyone may try again, and ForgetAfter without
// a failure all is forgotten.
const (
	FreeTries        = 5  // of one account
	FreeTriesAddress = 20 // of one address: an office shares one behind its router
	TriesAtOnce      = 8  // of one address: with two hashes at once, a queue of half a second
	FirstWait        = 2 * time.Second
	MaxWait          = 15 * time.Minute
	ForgetAfter      = 24 * time.Hour
)

// Wait is how long one must wait after the given number of failures in a row
// when free of them cost nothing.
func Wait(failures, free int) time.Duration {
	n := failures - free
	if n < 0 {
		return 0
	}
	if n > 20 {
		return MaxWait
	}
	return min(FirstWait<<n, MaxWait)
}

// AccountKey is the key under which failures of an account are counted. Names
// that fold alike share it.
func AccountKey(name string) string {
	k := squeeze(name)
	if len(k) > 64 {
		k = k[:64]
	}
	return "account:" + k
}

// AddressKey is the key under which failures of an address are counted: an
// IPv6 host owns a /64 and could else try from each of its addresses.
func AddressKey(remote string) string {
	ap, err := netip.ParseAddrPort(remote)
	a := ap.Addr()
	if err != nil {
		if a, err = netip.ParseAddr(remote); err != nil {
			return "address:unknown"
		}
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return "address:" + p.String()
		}
	}
	return "address:" + a.String()
}

// DeviceKey is the key of a browser that signed in to the account before. Its
// failures count apart from the account's, so that a stranger who keeps
// guessing can't keep the owner out (OWASP: device cookies).
func DeviceKey(digest string) string { return "device:" + digest }

func waitError(d time.Duration) error {
	d = max(d.Round(time.Second), time.Second)
	vi, en := span(d)
	return slides.E(slides.Throttled, "auth.SignIn",
		"Đăng nhập sai nhiều lần. Hãy đợi "+vi+" rồi thử lại.",
		"Too many wrong tries. Wait "+en+" and try again.", nil)
}
