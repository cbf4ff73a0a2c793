package providertest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/wneessen/go-mail"

	"github.com/loveapp/backend/notification/internal/ports/portstest"
)

const smtpUser, smtpPassword = "mailer", "smtp-password-of-the-test"

// SMTP is a mail server that wants STARTTLS and a password.
type SMTP struct {
	*behaviour
	Address string // host:port
	Roots   *x509.CertPool
	// User and Password are what it takes.
	User, Password string
}

// NewSMTP runs until the test ends.
func NewSMTP(t *testing.T) *SMTP {
	t.Helper()
	lender := httptest.NewTLSServer(nil) // has a certificate for 127.0.0.1
	certificates := lender.TLS.Certificates
	s := &SMTP{behaviour: newBehaviour(t), Roots: x509.NewCertPool(), User: smtpUser, Password: smtpPassword}
	s.Roots.AddCert(lender.Certificate())
	lender.Close()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return s.greet(c) }))
	server.Domain, server.TLSConfig, server.ErrorLog = "mail.test", &tls.Config{Certificates: certificates, MinVersion: tls.VersionTLS12}, log.New(io.Discard, "", 0)
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed with the server
	if err != nil {
		t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }()
	t.Cleanup(func() { close(s.release); _ = server.Close(); _ = listener.Close(); <-served })
	return s
}

func (s *SMTP) greet(c *smtp.Conn) (smtp.Session, error) {
	switch s.outcome() {
	case portstest.HangsUp:
		_ = c.Conn().Close()
	case portstest.Hangs:
		<-s.release
	case portstest.Babbles:
		_, _ = c.Conn().Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n\x00\xff\r\n"))
		_ = c.Conn().Close()
	default:
	}
	return &mailing{server: s, conn: c}, nil
}

// mailing is one connection.
type mailing struct {
	server *SMTP
	conn   *smtp.Conn
	known  bool
	from   string
	to     []string
}

// AuthMechanisms offers one, and only over TLS.
func (m *mailing) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth checks the password.
func (m *mailing) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != smtpUser || password != smtpPassword || m.server.outcome() == portstest.Distrusts {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Authentication credentials invalid"}
		}
		m.known = true
		return nil
	}), nil
}

// Mail begins a message.
func (m *mailing) Mail(from string, _ *smtp.MailOptions) error {
	if _, secure := m.conn.TLSConnectionState(); !secure || !m.known {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	m.from = from
	if m.server.outcome() == portstest.Fails {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	}
	return nil
}

// Rcpt takes one recipient.
func (m *mailing) Rcpt(to string, _ *smtp.RcptOptions) error {
	if m.server.outcome() == portstest.Refuses {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user: " + to}
	}
	m.to = append(m.to, to)
	return nil
}

var errNotOne = errors.New("a mail must have one recipient")

// Data takes the message, which must be one.
func (m *mailing) Data(r io.Reader) error {
	if len(m.to) != 1 {
		return errNotOne
	}
	read, err := mail.EMLToMsgFromReader(r)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "not a message"}
	}
	if got := read.GetToString(); len(got) != 1 || len(read.GetCc())+len(read.GetBcc()) != 0 {
		return errNotOne
	}
	var text strings.Builder
	for _, part := range read.GetParts() {
		content, err := part.GetContent()
		if err != nil {
			return err
		}
		text.Write(content)
		text.WriteByte('\n')
	}
	m.server.take(text.String())
	return nil
}

// Reset begins anew.
func (m *mailing) Reset() { m.from, m.to = "", nil }

// Logout ends the connection.
func (m *mailing) Logout() error { return nil }
