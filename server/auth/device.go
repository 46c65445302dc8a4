package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// newDevice makes the cookie that marks a browser as one that signed in to the
// account: "nonce.mac".
func (g *Guard) newDevice(login string) string {
	nonce := rand.Text()
	return nonce + "." + g.deviceMAC(nonce, login)
}

func (g *Guard) readDevice(cookie, login string) (digest string, ok bool) {
	nonce, mac, found := strings.Cut(cookie, ".")
	if !found || len(nonce) > 64 || !hmac.Equal([]byte(mac), []byte(g.deviceMAC(nonce, login))) {
		return "", false
	}
	h := sha256.Sum256([]byte(nonce))
	return hex.EncodeToString(h[:16]), true
}

func (g *Guard) deviceMAC(nonce, login string) string {
	m := hmac.New(sha256.New, g.device)
	fmt.Fprintf(m, "%s\x00%s", nonce, AccountKey(login))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}
