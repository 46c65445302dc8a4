package main

import (
	"crypto/tls"
	"os"
	"sync"
	"time"
)

// certificate is a certificate in files that may be renewed under the server.
type certificate struct {
	cert, key string // static: file names

	mu      sync.Mutex
	have    *tls.Certificate // guarded by mu
	from    time.Time        // guarded by mu; the file's time
	checked time.Time        // guarded by mu
}

// get returns the certificate, read anew when its file changed; the one that
// is there serves on while a new one can't be read.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.have != nil && now.Sub(c.checked) < time.Minute {
		return c.have, nil
	}
	c.checked = now
	info, err := os.Stat(c.cert)
	if err == nil && c.have != nil && info.ModTime().Equal(c.from) {
		return c.have, nil
	}
	pair, perr := tls.LoadX509KeyPair(c.cert, c.key)
	if perr != nil {
		if c.have != nil {
			return c.have, nil
		}
		return nil, perr
	}
	c.have = &pair
	if err == nil {
		c.from = info.ModTime()
	}
	return c.have, nil
}
