package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"motcua/slides"
	"motcua/slides/wire"
)

// Dialer reaches one server. It is safe for concurrent use.
//
// TLS: a certificate that the system's roots vouch for is taken; otherwise only
// the one whose public key was pinned at pairing. Before a pairing has ended
// nothing is pinned: any certificate is taken and remembered in Seen, and the
// pairing's signed identity, which staff compare by words, must name it.
type Dialer struct {
	server *url.URL
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)
	http   *http.Client

	mu   sync.Mutex
	pin  []byte // guarded by mu; nil: nothing pinned yet
	seen []byte // guarded by mu; key of the last certificate taken without the roots' word
}

// requestTimeout bounds one small request; a blob has its own deadline by size.
const requestTimeout = 20 * time.Second

// NewDialer prepares to reach server ("http://…" or "https://…"). dial is the
// seam for network faults; nil is the real network.
func NewDialer(server string, pin []byte, dial func(ctx context.Context, network, addr string) (net.Conn, error)) (*Dialer, error) {
	u, err := url.Parse(strings.TrimRight(server, "/"))
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, slides.E(slides.Invalid, "link.NewDialer",
			fmt.Sprintf("Địa chỉ máy chủ %q không hợp lệ; viết như http://192.168.1.10:8080 hoặc https://motcua.example.gov.vn.", server),
			fmt.Sprintf("The server address %q is not valid; write it like http://192.168.1.10:8080 or https://motcua.example.gov.vn.", server), err)
	}
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	d := &Dialer{server: u, dial: dial, pin: pin}
	d.http = &http.Client{Transport: &http.Transport{
		DialContext: dial, TLSClientConfig: d.tls(), MaxIdleConns: 4, MaxConnsPerHost: 4,
		IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: requestTimeout,
	}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return d, nil
}

func (d *Dialer) tls() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		// VerifyConnection does the checking: by the roots, else by the pin.
		InsecureSkipVerify: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			if len(cs.PeerCertificates) == 0 {
				return errors.New("link: the server showed no certificate")
			}
			leaf := cs.PeerCertificates[0]
			inter := x509.NewCertPool()
			for _, c := range cs.PeerCertificates[1:] {
				inter.AddCert(c)
			}
			// The host of the address, not cs.ServerName: that is empty for an IP
			// address, and any certificate of anybody would do.
			if _, err := leaf.Verify(x509.VerifyOptions{DNSName: d.server.Hostname(), Intermediates: inter}); err == nil {
				return nil
			}
			key := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
			d.mu.Lock()
			defer d.mu.Unlock()
			if d.pin == nil {
				d.seen = key[:]
				return nil
			}
			if !bytes.Equal(d.pin, key[:]) {
				return slides.E(slides.Denied, "link.tls", "Chứng thư của máy chủ không phải chứng thư đã ghép nối.",
					"The server's certificate is not the one that was paired.", nil)
			}
			return nil
		},
	}
}

// Pin fixes the certificate's key from now on; Seen is the one taken on trust.
func (d *Dialer) Pin(key []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pin = key
}

// Seen returns the key of the certificate that was taken on trust, or nil.
func (d *Dialer) Seen() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen
}

// post sends a small JSON request and decodes the answer into out.
func (d *Dialer) post(ctx context.Context, path string, in, out any) error {
	op := "link.post " + path
	body, err := json.Marshal(in)
	if err != nil {
		return slides.E(slides.Broken, op, "Không tạo được yêu cầu.", "The request can't be written.", err)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.server.String()+path, bytes.NewReader(body))
	if err != nil {
		return slides.E(slides.Broken, op, "Không tạo được yêu cầu.", "The request can't be made.", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := d.http.Do(req)
	if err != nil {
		return unreachable(op, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, wire.MaxRequest*4))
	if err != nil {
		return unreachable(op, err)
	}
	if res.StatusCode/100 != 2 {
		return refusal(op, res.StatusCode, b)
	}
	if err := json.Unmarshal(b, out); err != nil {
		return slides.E(slides.Invalid, op, "Máy chủ trả lời không đúng giao thức; kiểm tra địa chỉ máy chủ.",
			"The server's answer is not of the protocol; check the server's address.", err)
	}
	return nil
}

// unreachable gives a failed exchange its sentence, unless it has one: a
// certificate that is not the server's is no fault of the line.
func unreachable(op string, err error) error {
	if own, ok := errors.AsType[*slides.Error](err); ok {
		return own
	}
	return slides.E(slides.Broken, op, "Không kết nối được máy chủ; ki-ốt vẫn chiếu và nhận đánh giá.",
		"The server can't be reached; the kiosk goes on showing and taking ratings.", err)
}

// refusal turns an error answer into an error of its kind.
func refusal(op string, status int, body []byte) error {
	var p wire.Problem
	if json.Unmarshal(body, &p) == nil && p.Vi != "" {
		return slides.E(p.Kind, op, p.Vi, p.En, fmt.Errorf("status %d", status))
	}
	kind := slides.Broken
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		kind = slides.Denied
	case http.StatusNotFound:
		kind = slides.NotFound
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		kind = slides.Throttled
	}
	return slides.E(kind, op, fmt.Sprintf("Máy chủ từ chối (mã %d).", status), fmt.Sprintf("The server refused (status %d).", status), nil)
}

// idle closes connections that wait for a next request.
func (d *Dialer) idle() { d.http.CloseIdleConnections() }

// errRefused marks a 401 to this kiosk's proof from the server that has just proved itself.
var errRefused = errors.New("link: the server refused this kiosk")

// connect does the mutual challenge and opens the socket. nonces are the
// client's and the server's: they bind the welcome to this connection.
func (d *Dialer) connect(ctx context.Context, kiosk string, key ed25519.PrivateKey, server ed25519.PublicKey) (ws *websocket.Conn, client, nonce []byte, err error) {
	const op = "link.connect"
	client = random(32)
	var c wire.ChallengeReply
	if err := d.post(ctx, wire.PathChallenge, wire.ChallengeRequest{Kiosk: kiosk, Nonce: client}, &c); err != nil {
		return nil, nil, nil, err
	}
	if len(c.Nonce) != 32 || !wire.Verify(server, c.Sig, wire.ContextServer, wire.ServerProof(kiosk, client, c.Nonce, c.Now)) {
		return nil, nil, nil, slides.E(slides.Denied, op, "Máy chủ không chứng minh được danh tính đã ghép nối.",
			"The server could not prove the identity that was paired.", nil)
	}
	sig := wire.Sign(key, wire.ContextKiosk, wire.KioskProof(kiosk, client, c.Nonce))
	header := http.Header{"Authorization": {wire.Authorization(kiosk, client, c.Nonce, sig)}}
	wd := websocket.Dialer{
		NetDialContext: d.dial, TLSClientConfig: d.tls(), HandshakeTimeout: requestTimeout,
		Subprotocols: []string{wire.Subprotocol}, ReadBufferSize: 4096, WriteBufferSize: 4096,
	}
	target := *d.server
	target.Scheme = strings.Replace(target.Scheme, "http", "ws", 1)
	ws, res, err := wd.DialContext(ctx, target.String()+wire.PathSocket, header)
	if err != nil {
		if res != nil && res.Body != nil {
			b, _ := io.ReadAll(io.LimitReader(res.Body, wire.MaxRequest)) // the refusal is told with or without its words
			err := error(refusal(op, res.StatusCode, b))
			if res.StatusCode == http.StatusUnauthorized {
				err = errors.Join(errRefused, err)
			}
			return nil, nil, nil, err
		}
		return nil, nil, nil, unreachable(op, err)
	}
	if ws.Subprotocol() != wire.Subprotocol {
		ws.Close()
		return nil, nil, nil, slides.E(slides.Invalid, op, "Máy chủ không dùng giao thức "+wire.Subprotocol+"; kiểm tra địa chỉ máy chủ.",
			"The server does not speak "+wire.Subprotocol+"; check the server's address.", nil)
	}
	return ws, client, c.Nonce, nil
}
