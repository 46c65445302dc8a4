package hub

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// challenges makes and redeems the server nonces of the mutual challenge.
//
// A nonce carries its own proof, so that a flood of requests costs no memory:
// random[8] ‖ expiry ms[8] ‖ MAC[16] over kiosk, client nonce, random, expiry.
// Redeemed nonces are remembered until they expire: each serves once. The key
// lives with the process; with several servers a kiosk's two steps must meet the
// same one, which a load balancer's affinity by address gives, and a miss costs a retry (see socket).
type challenges struct {
	key  [32]byte // static after construction
	life time.Duration
	now  func() time.Time

	mu   sync.Mutex
	used map[[32]byte]time.Time // guarded by mu; nonces that have served, until they expire
	next time.Time              // guarded by mu; when to sweep
}

func newChallenges(life time.Duration, now func() time.Time) *challenges {
	c := &challenges{life: life, now: now, used: map[[32]byte]time.Time{}}
	rand.Read(c.key[:]) // never fails (crypto/rand)
	return c
}

func (c *challenges) mac(kiosk string, client, head []byte) []byte {
	m := hmac.New(sha256.New, c.key[:])
	m.Write([]byte(kiosk))
	m.Write([]byte{0})
	m.Write(client)
	m.Write([]byte{0})
	m.Write(head)
	return m.Sum(nil)[:16]
}

// make returns a nonce for kiosk's client nonce.
func (c *challenges) make(kiosk string, client []byte) []byte {
	b := make([]byte, 16, 32)
	rand.Read(b[:8])
	binary.BigEndian.PutUint64(b[8:16], uint64(c.now().Add(c.life).UnixMilli()))
	return append(b, c.mac(kiosk, client, b[:16])...)
}

// ours says whether nonce was made here for this kiosk and client nonce, and has
// not expired. It needs no memory, so that strangers cost nothing.
func (c *challenges) ours(kiosk string, client, nonce []byte) bool {
	return len(nonce) == 32 && hmac.Equal(nonce[16:], c.mac(kiosk, client, nonce[:16])) && c.now().Before(expiry(nonce))
}

func expiry(nonce []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(nonce[8:16])))
}

// redeem says whether nonce is ours and unused, and uses it up.
func (c *challenges) redeem(kiosk string, client, nonce []byte) bool {
	if !c.ours(kiosk, client, nonce) {
		return false
	}
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.After(c.next) {
		for n, until := range c.used {
			if !now.Before(until) {
				delete(c.used, n)
			}
		}
		c.next = now.Add(c.life)
	}
	k := [32]byte(nonce)
	if _, ok := c.used[k]; ok {
		return false
	}
	c.used[k] = expiry(nonce)
	return true
}
