package carrier_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/loveapp/backend/auth/internal/adapters/carrier"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/mail"
	"github.com/loveapp/backend/shared/trust/trusttest"
)

// By STARTTLS and by TLS from the first byte, operators hear in a sentence why
// nobody gets a letter.
func TestWhyAMailServerIsNotTrustedIsExplained(t *testing.T) {
	t.Parallel()
	ours, others := trusttest.New(t, "ours"), trusttest.New(t, "others")
	for name, c := range map[string]struct {
		by   *trusttest.Authority
		whom trusttest.For
		want string
	}{
		"expired":     {ours, trusttest.Expired("127.0.0.1", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), "expired on 2 January 2026, 03:04 UTC: renew it there (SMTP_URL)"},
		"for another": {ours, trusttest.Now("mail.example.org"), "is for mail.example.org and for no 127.0.0.1: correct SMTP_URL"},
		"by unknown":  {others, trusttest.Now("127.0.0.1"), "name the file with its authority in SSL_CERT_FILE"},
		"good":        {ours, trusttest.Now("127.0.0.1"), ""},
	} {
		for _, scheme := range []string{"smtp", "smtps"} {
			t.Run(name+" "+scheme, func(t *testing.T) {
				t.Parallel()
				url := scheme + "://mailer:secret@" + secured(t, c.by.Issue(t, c.whom), scheme)
				server, err := mail.NewServer(mail.ServerConfig{URL: config.Secret(url), From: "no-reply@example.org", Roots: ours.Pool()})
				if err != nil {
					t.Fatal(err)
				}
				err = carrier.Mail{To: server}.Send(t.Context(), domain.Letter{ID: "1", To: "ana@example.org", Subject: "Hello", Text: "Hello."})
				failed, ok := errors.AsType[*ports.SendError](err)
				switch {
				case c.want == "" && err == nil:
				case !ok || c.want == "":
					t.Errorf("it says %v", err)
				case failed.Final || failed.Why != "smtp_misconfigured_certificate" || !strings.Contains(failed.Trouble, c.want) || strings.Contains(failed.Trouble, "ana@"):
					t.Errorf("it says %+v, wanted %q", failed, c.want)
				}
			})
		}
	}
}

// member is a connection that takes mails from whoever has the password.
type member struct{ *visit }

// AuthMechanisms offers what is only safe over TLS.
func (member) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth checks the password.
func (member) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "mailer" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// secured is a mail server with that certificate, by its address.
func secured(t *testing.T, issued trusttest.Certificate, scheme string) string {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(issued.File, issued.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return member{&visit{desk: &desk{}}}, nil }))
	server.Domain, server.ErrorLog = "mail.test", log.New(io.Discard, "", 0)
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed with the server
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if scheme == "smtps" {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); _ = listener.Close(); <-served })
	return address
}
