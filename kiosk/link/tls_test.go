package link

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/slides/wire"
)

// authority is the one root that this test program's system trusts.
var authority = struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}{}

// TestMain sets the system's roots before anything reads them.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "roots")
	if err != nil {
		panic(err)
	}
	key, der := issue("Root", nil, nil)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	authority.cert, authority.key = cert, key
	file := filepath.Join(dir, "root.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		panic(err)
	}
	os.Setenv("SSL_CERT_FILE", file)
	os.Setenv("SSL_CERT_DIR", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// issue makes a certificate for a host; without a parent it signs itself.
func issue(host string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*ecdsa.PrivateKey, []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: parent == nil && host == "Root",
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		t.IPAddresses = []net.IP{ip}
	} else {
		t.DNSNames = []string{host}
	}
	if parent == nil {
		parent, parentKey = t, key
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, &key.PublicKey, parentKey)
	if err != nil {
		panic(err)
	}
	return key, der
}

// secure serves over TLS with a certificate for host, from the authority or self-made.
func secure(t *testing.T, host string, trusted bool) (url string, pin []byte) {
	t.Helper()
	parent, parentKey := authority.cert, authority.key
	if !trusted {
		parent, parentKey = nil, nil
	}
	key, der := issue(host, parent, parentKey)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("{}")) }))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.Config.ErrorLog = nil
	srv.StartTLS()
	t.Cleanup(srv.Close)
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return srv.URL, sum[:]
}

func TestCertificates(t *testing.T) {
	byName := func(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }
	for name, c := range map[string]struct {
		host    string // in the certificate
		trusted bool   // by the system's roots
		named   bool   // the kiosk's address is a name, not an IP address
		pinned  string // "", "it", "another"
		ok      bool
		seen    bool
	}{
		"trusted, by name":                         {"localhost", true, true, "", true, false},
		"trusted, by address":                      {"127.0.0.1", true, false, "", true, false},
		"trusted although another is pinned":       {"127.0.0.1", true, false, "another", true, false},
		"trusted, but for another name":            {"evil.example", true, true, "another", false, false},
		"trusted, but for a name, not our address": {"evil.example", true, false, "another", false, false},
		"trusted for another, nothing pinned":      {"evil.example", true, false, "", true, true},
		"self-made, nothing pinned":                {"localhost", false, true, "", true, true},
		"self-made and pinned":                     {"anything", false, false, "it", true, false},
		"self-made, another pinned":                {"localhost", false, true, "another", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			url, key := secure(t, c.host, c.trusted)
			if c.named {
				url = byName(url)
			}
			var pin []byte
			switch c.pinned {
			case "it":
				pin = key
			case "another":
				pin = bytes.Repeat([]byte{7}, 32)
			}
			d, err := NewDialer(url, pin, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer d.idle()
			var out map[string]any
			err = d.post(context.Background(), wire.PathChallenge, 1, &out)
			if (err == nil) != c.ok {
				t.Errorf("%v", err)
			}
			if seen := d.Seen(); (seen != nil) != c.seen || c.seen && !bytes.Equal(seen, key) {
				t.Errorf("seen %x", seen)
			}
		})
	}
}

func TestAddressesOfServers(t *testing.T) {
	for _, good := range []string{"http://192.168.1.10:8080", "https://motcua.example.gov.vn", "https://motcua.example.gov.vn/", "http://[::1]:80", "https://x/base"} {
		if _, err := NewDialer(good, nil, nil); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "192.168.1.10:8080", "ftp://x", "http://", "http://:8080", "https://user:password@x", "https://x?a=b", "https://x#a", "https://x y"} {
		if _, err := NewDialer(bad, nil, nil); err == nil {
			t.Errorf("%q passed", bad)
		}
	}
}
