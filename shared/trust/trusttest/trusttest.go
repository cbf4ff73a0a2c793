// Package trusttest makes authorities and certificates for tests, in files, as
// servers and settings want them.
package trusttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority issues certificates.
type Authority struct {
	File string // its own certificate, as PEM

	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Certificate is one of a server, in files.
type Certificate struct{ File, KeyFile string }

// For says whom a certificate is for, and when.
type For struct {
	Host            string // a name or an address
	Between, Before time.Time
}

// Now is a certificate of the present.
func Now(host string) For {
	return For{Host: host, Between: time.Now().Add(-time.Hour), Before: time.Now().Add(time.Hour)}
}

// Expired is one that ended at that moment.
func Expired(host string, at time.Time) For {
	return For{Host: host, Between: at.Add(-24 * time.Hour), Before: at}
}

// New makes an authority of that name.
func New(tb testing.TB, name string) *Authority { return NewUntil(tb, name, time.Now().Add(time.Hour)) }

// NewUntil makes one whose own certificate ends at that moment.
func NewUntil(tb testing.TB, name string, until time.Time) *Authority {
	tb.Helper()
	a := &Authority{key: newKey(tb)}
	a.certificate = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := sign(tb, a.certificate, a.certificate, a.key, a.key)
	a.File = write(tb, tb.TempDir(), "ca.pem", "CERTIFICATE", der)
	return a
}

// Issue makes a server's certificate, and its key in a file of mode 0600.
func (a *Authority) Issue(tb testing.TB, whom For) Certificate {
	tb.Helper()
	key, dir := newKey(tb), tb.TempDir()
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: whom.Host}, NotBefore: whom.Between, NotAfter: whom.Before,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(whom.Host); ip != nil {
		leaf.IPAddresses = []net.IP{ip}
	} else {
		leaf.DNSNames = []string{whom.Host}
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return Certificate{
		File:    write(tb, dir, "server.pem", "CERTIFICATE", sign(tb, leaf, a.certificate, key, a.key)),
		KeyFile: write(tb, dir, "server.key", "PRIVATE KEY", private),
	}
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func sign(tb testing.TB, certificate, by *x509.Certificate, key, with *ecdsa.PrivateKey) []byte {
	tb.Helper()
	der, err := x509.CreateCertificate(rand.Reader, certificate, by, key.Public(), with)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

func write(tb testing.TB, dir, name, kind string, der []byte) string {
	tb.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// Pool trusts nobody else.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	text, err := os.ReadFile(a.File)
	if err != nil || !pool.AppendCertsFromPEM(text) {
		panic("trusttest: the authority's own file is gone")
	}
	return pool
}
