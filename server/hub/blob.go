package hub

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"

	"motcua/slides"
)

// tokenLife outlives maxAge, the longest connection.
const tokenLife = 2 * maxAge

// token lets a kiosk fetch blobs: kiosk ‖ 0 ‖ key's first 8 bytes ‖ expiry ms ‖ MAC[16].
// It needs no memory and works on every server of the database; unpairing or
// pairing again ends it, since the key is compared at each use.
func (h *Hub) token(kiosk string, key ed25519.PublicKey) string {
	b := append([]byte(kiosk), 0)
	b = append(b, key[:8]...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.store.Now())+uint64(tokenLife.Milliseconds()))
	return base64.RawURLEncoding.EncodeToString(append(b, h.tokenMAC(b)...))
}

func (h *Hub) tokenMAC(b []byte) []byte {
	m := hmac.New(sha256.New, h.tokens)
	m.Write(b)
	return m.Sum(nil)[:16]
}

// bearer checks a request's token and returns the kiosk.
func (h *Hub) bearer(r *http.Request) (kiosk string, ok bool) {
	text, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found || len(text) > 256 {
		return "", false
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < 34 {
		return "", false
	}
	body, mac := b[:len(b)-16], b[len(b)-16:]
	if !hmac.Equal(mac, h.tokenMAC(body)) {
		return "", false
	}
	i := bytes.IndexByte(body, 0)
	if i < 0 || len(body) != i+17 {
		return "", false
	}
	if slides.Millis(binary.BigEndian.Uint64(body[i+9:])) <= h.store.Now() {
		return "", false
	}
	key, err := h.store.SignInKey(r.Context(), string(body[:i]))
	if err != nil || !bytes.Equal(key[:8], body[i+1:i+9]) {
		return "", false
	}
	return string(body[:i]), true
}

// blob answers PathBlob: the bytes named by a hash, whole or in ranges.
func (h *Hub) blob(w http.ResponseWriter, r *http.Request) {
	const op = "hub.blob"
	if _, ok := h.bearer(r); !ok {
		unauthorized(w, slides.E(slides.Denied, op, "Cần mã truy cập của ki-ốt đã ghép nối.", "The token of a paired kiosk is needed.", nil))
		return
	}
	sha := r.PathValue("sha")
	if !slides.ValidSHA(sha) {
		refuse(w, slides.E(slides.NotFound, op, "Không có tệp này.", "There is no such blob.", nil))
		return
	}
	b, err := h.store.Blob(r.Context(), sha)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	defer b.Close()
	w.Header().Set("Content-Type", b.Type)
	w.Header().Set("ETag", `"`+sha+`"`)
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// The bytes never change, so that no date is needed: If-Range goes by ETag.
	http.ServeContent(w, r, "", time.Time{}, b)
}
