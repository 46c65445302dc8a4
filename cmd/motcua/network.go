package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

func isInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// proxies are the addresses whose forwarding headers are believed.
type proxies []netip.Prefix

func parseProxies(s string) (proxies, error) {
	var out proxies
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			a, aerr := netip.ParseAddr(part)
			if aerr != nil {
				return nil, slides.E(slides.Invalid, "serve", fmt.Sprintf("-proxies có %q không phải địa chỉ IP hay dải CIDR.", part),
					fmt.Sprintf("-proxies has %q, which is no IP address or CIDR range.", part), nil)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

// client is where a request comes from: the peer, or, behind a trusted proxy,
// the last address of X-Forwarded-For that is not itself one.
func (p proxies) client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !p.has(host) {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		if host = hop; !p.has(hop) {
			break
		}
	}
	return host
}

// unveil gives every handler the client's address for the proxy's: else all who
// come through one proxy would share one limit, and through a proxy on this
// machine everybody would be local.
func (p proxies) unveil(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if client := p.client(r); client != r.RemoteAddr {
			r = r.WithContext(r.Context()) // a copy: a request is not a handler's to change
			r.RemoteAddr = net.JoinHostPort(client, "0")
		}
		next.ServeHTTP(w, r)
	})
}

func (p proxies) has(host string) bool {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, x := range p {
		if x.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// local says whether an address is of this machine or a private network.
func local(remote string) bool {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	a := ap.Addr().Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// tlsConfig is nil without TLS; pin is the self-made certificate's key for kiosks.
func tlsConfig(ctx context.Context, st *store.Store, o serveOptions) (cfg *tls.Config, pin []byte, err error) {
	const op = "serve.tls"
	cfg = &tls.Config{MinVersion: tls.VersionTLS12}
	switch {
	case o.selfTLS && (o.cert != "" || o.key != ""):
		return nil, nil, slides.E(slides.Invalid, op, "Chọn -tls-self hoặc -tls-cert và -tls-key, không dùng cả hai.", "Choose -tls-self or -tls-cert and -tls-key, not both.", nil)
	case (o.cert == "") != (o.key == ""):
		return nil, nil, slides.E(slides.Invalid, op, "Cần cả -tls-cert và -tls-key.", "Both -tls-cert and -tls-key are needed.", nil)
	case o.cert != "":
		// Read at each handshake's need, so that a renewed certificate serves
		// without a restart.
		c := &certificate{cert: o.cert, key: o.key}
		if _, err := c.get(nil); err != nil {
			return nil, nil, slides.E(slides.Invalid, op, "Không đọc được chứng thư TLS; kiểm tra -tls-cert và -tls-key.", "The TLS certificate can't be read; check -tls-cert and -tls-key.", err)
		}
		cfg.GetCertificate = c.get
		return cfg, nil, nil
	case !o.selfTLS:
		return nil, nil, nil
	}
	certPEM, keyPEM, err := st.TLS(ctx)
	if err != nil {
		return nil, nil, err
	}
	if certPEM == nil {
		if certPEM, keyPEM, err = selfMade(); err != nil {
			return nil, nil, err
		}
		if err := st.KeepTLS(ctx, certPEM, keyPEM); err != nil {
			return nil, nil, err
		}
	}
	c, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, nil, slides.E(slides.Corrupt, op, "Chứng thư tự tạo trong cơ sở dữ liệu bị hỏng.", "The self-made certificate in the database is damaged.", err)
	}
	sum := sha256.Sum256(c.Leaf.RawSubjectPublicKeyInfo)
	cfg.Certificates = []tls.Certificate{c}
	return cfg, sum[:], nil
}

// selfMade makes a certificate for 20 years: kiosks pin its key, which is what
// they trust, and nobody renews it by hand.
func selfMade() (cert, key []byte, err error) {
	fail := func(err error) ([]byte, []byte, error) {
		return nil, nil, slides.E(slides.Broken, "serve.tls", "Không tạo được chứng thư TLS.", "The TLS certificate can't be made.", err)
	}
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return fail(err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	now := time.Now()
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Một Cửa " + host},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(20, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{host, "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &k.PublicKey, k)
	if err != nil {
		return fail(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return fail(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), nil
}
