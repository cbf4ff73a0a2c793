package trust_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/trust"
	"github.com/loveapp/backend/shared/trust/trusttest"
)

var database = trust.Server{Name: "PostgreSQL", Host: "DATABASE_HOST", Check: "DATABASE_SSLMODE", Roots: "DATABASE_SSLROOTCERT"} //nolint:gochecknoglobals // a constant

func TestACertificateThatIsNotAcceptedIsExplained(t *testing.T) {
	t.Parallel()
	ours, others := trusttest.New(t, "ours"), trusttest.New(t, "others")
	ended := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	begins := time.Now().Add(24 * time.Hour)
	for name, c := range map[string]struct {
		by   *trusttest.Authority
		whom trusttest.For
		want []string
	}{
		"good":           {ours, trusttest.Now("127.0.0.1"), nil},
		"expired":        {ours, trusttest.Expired("127.0.0.1", ended), []string{"expired on 2 January 2026, 03:04 UTC", "renew it there", "DATABASE_SSLMODE"}},
		"of tomorrow":    {ours, trusttest.For{Host: "127.0.0.1", Between: begins, Before: begins.Add(time.Hour)}, []string{"not valid before " + begins.UTC().Format("2 January 2006"), "clock"}},
		"for another":    {ours, trusttest.Now("db.example.org"), []string{"is for db.example.org and for no 127.0.0.1", "DATABASE_HOST"}},
		"by an unknown":  {others, trusttest.Now("127.0.0.1"), []string{`issued by "others"`, "DATABASE_SSLROOTCERT"}},
		"none: no TLS":   {nil, trusttest.For{}, []string{"does not speak TLS", "DATABASE_HOST"}},
		"of an old root": {trusttest.NewUntil(t, "ours", ended), trusttest.Now("127.0.0.1"), nil},
	} {
		authority := ours
		if name == "of an old root" {
			authority, c.want = c.by, []string{`the authority "ours" above the certificate`, "expired on 2 January 2026"}
		}
		err := database.Explain(shake(t, authority, c.by, c.whom), "127.0.0.1:5432")
		if c.want == nil {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !trust.Refused(err) || database.Explain(err, "elsewhere") != err { //nolint:errorlint // the very same
			t.Errorf("%s is no refusal: %v", name, err)
			continue
		}
		for _, part := range append(c.want, "PostgreSQL at 127.0.0.1:5432") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
	}
	if err := database.Explain(io.EOF, "127.0.0.1:5432"); !errors.Is(err, io.EOF) || trust.Refused(err) {
		t.Errorf("what is not about certificates became %v", err)
	}
}

// shake is what a client that trusts the authority says to a server whose
// certificate is by another; by nil, to one that speaks plainly.
func shake(t *testing.T, authority, by *trusttest.Authority, whom trusttest.For) error {
	t.Helper()
	roots, err := trust.Roots("X", authority.File)
	if err != nil && !strings.Contains(err.Error(), "expired") {
		t.Fatal(err)
	}
	if roots == nil {
		roots = authority.Pool()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed below
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	done := make(chan struct{})
	go func() {
		defer close(done)
		theirs, err := listener.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = theirs.Close() }()
		if by == nil {
			_, _ = theirs.Read(make([]byte, 1024))
			_, _ = io.WriteString(theirs, "-ERR unknown command\r\n")
			return
		}
		issued := by.Issue(t, whom)
		pair, err := tls.LoadX509KeyPair(issued.File, issued.KeyFile)
		if err != nil {
			t.Error(err)
			return
		}
		_ = tls.Server(theirs, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}).Handshake()
	}()
	ours, err := net.Dial("tcp", listener.Addr().String()) //nolint:noctx // of this machine
	if err != nil {
		t.Fatal(err)
	}
	err = tls.Client(ours, &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}).Handshake()
	_ = ours.Close()
	<-done
	return err
}
