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
	"motcua/slides/wire"
)

// token lets a kiosk fetch blobs: kiosk ‖ 0 ‖ key's first 8 bytes ‖ expiry ms ‖ MAC[16].
// It needs no memory and works on every server of the database; unpairing or
// pairing again ends it, since the key is compared at each use.
func (h *Hub) token(kiosk string, key ed25519.PublicKey) string {
	b := append([]byte(kiosk), 0)
	b = append(b, key[:8]...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.store.Now())+uint64(wire.TokenLife.Milliseconds()))
	return base64.RawURLEncoding.EncodeToString(append(b, h.tokenMAC(b)...))
}

func (h *Hub) tokenMAC(b []byte) []byte {
	m := hmac.New(sha256.New, h.tokens)
	m.Write(b)
	return m.Sum(nil)[:16]
}

// bearer checks a request's token; the error is of kind Denied, or the store's own.
func (h *Hub) bearer(r *http.Request) error {
	denied := slides.E(slides.Denied, "hub.bearer", "Cần mã truy cập của ki-ốt đã ghép nối.", "The token of a paired kiosk is needed.", nil)
	text, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found || len(text) > 256 {
		return denied
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < 34 {
		return denied
	}
	body, mac := b[:len(b)-16], b[len(b)-16:]
	i := bytes.IndexByte(body, 0)
	if !hmac.Equal(mac, h.tokenMAC(body)) || i < 0 || len(body) != i+17 || slides.Millis(binary.BigEndian.Uint64(body[i+9:])) <= h.store.Now() {
		return denied
	}
	key, err := h.store.SignInKey(r.Context(), string(body[:i]))
	if kind := slides.KindOf(err); kind == slides.Denied || kind == slides.NotFound {
		return denied
	}
	if err == nil && !bytes.Equal(key[:8], body[i+1:i+9]) {
		return denied
	}
	return err
}

// slowest is the slowest line, in bytes a second, that a blob is kept open for.
const slowest = 4 << 10

// blob answers PathBlob: the bytes named by a hash, whole or in ranges.
func (h *Hub) blob(w http.ResponseWriter, r *http.Request) {
	const op = "hub.blob"
	if err := h.bearer(r); slides.KindOf(err) == slides.Denied {
		unauthorized(w, err)
		return
	} else if err != nil {
		h.fail(w, r, err)
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
	// Who stops reading must not hold the file; a failure only keeps it longer.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute + time.Duration(b.Size/slowest)*time.Second))
	// The bytes never change, so that no date is needed: If-Range goes by ETag.
	http.ServeContent(w, r, "", time.Time{}, b)
}
