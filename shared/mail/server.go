package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/provider"
)

// Ports of smtp and smtps where the URL names none (RFC 6409, RFC 8314).
const (
	submission  = 587
	submissions = 465
	// limit is what one mail may take: servers that check for spam think for a while.
	limit = 30 * time.Second
)

// ServerConfig is a mail server and whom mails come from.
type ServerConfig struct {
	// URL is smtp://user:password@host:587 or smtps://…:465. TLS by STARTTLS is
	// required where there is a password, and used where it is offered else;
	// ?starttls=off is for a server on this machine.
	URL config.Secret
	// From is a mailbox, such as "Love App <sos@example.org>".
	From string

	// Roots are the authorities that the server's certificate may come from; nil: the system's.
	Roots *x509.CertPool
	// Now is the clock; nil = time.Now.
	Now func() time.Time
	// Limit bounds one mail; 0: thirty seconds.
	Limit time.Duration
}

// Server is one that takes mails. Each mail has a connection of its own.
type Server struct {
	host    string
	secure  *tls.Config // for smtps, which is TLS from the first byte; nil: by STARTTLS, if at all
	options []mail.Option
	from    netmail.Address
	now     func() time.Time
	limit   time.Duration
}

var errURL = errors.New("smtp: the URL must be smtp://user:password@host:port or smtps://…, with ?starttls=off, optional or required")

// NewServer refuses what cannot be a server or a mailbox.
func NewServer(c ServerConfig) (*Server, error) {
	u, err := url.Parse(c.URL.Value())
	if err != nil || u.Hostname() == "" { // err would show the password
		return nil, errURL
	}
	from, err := ParseSender(c.From)
	if err != nil {
		return nil, errors.New("smtp: the sender must be a mailbox, such as Love App <sos@example.org>")
	}
	s := &Server{host: u.Hostname(), from: from, now: c.Now, limit: c.Limit}
	if s.now == nil {
		s.now = time.Now
	}
	if s.limit == 0 {
		s.limit = limit
	}
	encryption := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname(), RootCAs: c.Roots}
	if s.options, err = optionsOf(u, encryption); err != nil {
		return nil, err
	}
	if u.Scheme == "smtps" {
		s.secure = encryption
	}
	if _, err := mail.NewClient(s.host, s.options...); err != nil {
		return nil, errURL
	}
	return s, nil
}

func optionsOf(u *url.URL, encryption *tls.Config) ([]mail.Option, error) {
	options := []mail.Option{mail.WithTLSConfig(encryption), mail.WithoutNoop()}
	password, secret := u.User.Password()
	if secret {
		options = append(options, mail.WithUsername(u.User.Username()), mail.WithPassword(password), mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover))
	}
	port := submission
	switch {
	case u.Scheme == "smtps":
		// Not WithSSL, which has the library believe that nothing is encrypted where it does not dial itself.
		port, options = submissions, append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case u.Scheme != "smtp":
		return nil, errURL
	default:
		policy, err := policyOf(u.Query().Get("starttls"), secret)
		if err != nil {
			return nil, err
		}
		options = append(options, mail.WithTLSPolicy(policy))
	}
	if text := u.Port(); text != "" {
		var err error
		if port, err = strconv.Atoi(text); err != nil {
			return nil, errURL
		}
	}
	return append(options, mail.WithPort(port)), nil
}

func policyOf(starttls string, secret bool) (mail.TLSPolicy, error) {
	switch {
	case starttls == "required", starttls == "" && secret:
		return mail.TLSMandatory, nil
	case starttls == "optional", starttls == "":
		return mail.TLSOpportunistic, nil
	case starttls == "off":
		return mail.NoTLS, nil
	}
	return mail.NoTLS, errURL
}

// Send hands the message over. It fails with a *provider.Error, or with ctx's
// error when ctx was cancelled.
func (s *Server) Send(ctx context.Context, message Message) error {
	m, err := message.compose(s.from, s.now())
	if err != nil {
		return failure(provider.Rejected, "address")
	}
	bounded, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	// Everything is said over connections that end with bounded: the library
	// itself bounds the dialling only.
	client, err := mail.NewClient(s.host, append(slices.Clip(s.options), mail.WithTimeout(s.limit), mail.WithDialContextFunc(s.dial(bounded)))...)
	if err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	if err := client.DialWithContext(bounded); err != nil {
		return s.failed(ctx, err, connecting)
	}
	err = client.Send(m)
	_ = client.Close() // a server that has taken the mail and says no good-bye has taken it
	if err != nil {
		return s.failed(ctx, err, sending)
	}
	return nil
}

// dial has the connection end with ctx.
func (s *Server) dial(ctx context.Context) mail.DialContextFunc {
	return func(dialling context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(dialling, network, address)
		if err != nil {
			return nil, err
		}
		ending := &bound{Conn: conn, stop: context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })}
		if s.secure == nil {
			return ending, nil
		}
		secured := tls.Client(ending, s.secure)
		if err := secured.HandshakeContext(dialling); err != nil {
			_ = ending.Close()
			return nil, err
		}
		return secured, nil
	}
}

// bound is a connection whose every read and write fails once its context has ended.
type bound struct {
	net.Conn
	stop func() bool
}

func (b *bound) Close() error {
	b.stop()
	return b.Conn.Close()
}

// SetDeadline leaves the deadline to the context.
func (*bound) SetDeadline(time.Time) error { return nil }

// phase is what was being done.
type phase int

const (
	connecting phase = iota // until the server knows who we are
	sending
)

// Replies of RFC 5321 and RFC 4954.
const (
	temporary     = 400
	permanent     = 500
	needsAuth     = 530
	weakMechanism = 534
	badPassword   = 535
	needsTLS      = 538
)

// failed drops err's text: it may hold addresses.
func (s *Server) failed(ctx context.Context, err error, at phase) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled
	}
	code := replyOf(err)
	trouble := provider.Untrusted(err, "SMTP_URL", s.host)
	var certificate *tls.CertificateVerificationError
	switch {
	case trouble != "", errors.As(err, &certificate):
		return &provider.Error{Provider: "smtp", Kind: provider.Misconfigured, Code: provider.Word(err), Trouble: trouble}
	case code == needsAuth, code == weakMechanism, code == badPassword, code == needsTLS:
		return failure(provider.Misconfigured, strconv.Itoa(code))
	case code >= permanent && at == connecting:
		return failure(provider.Misconfigured, strconv.Itoa(code))
	case code >= permanent:
		return failure(provider.Rejected, strconv.Itoa(code))
	case code >= temporary:
		return failure(provider.Unreachable, strconv.Itoa(code))
	}
	return failure(provider.Unreachable, provider.Word(err))
}

func replyOf(err error) int {
	var refused *mail.SendError
	if errors.As(err, &refused) && refused.ErrorCode() != 0 {
		return refused.ErrorCode()
	}
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return reply.Code
	}
	return 0
}

func failure(kind provider.Kind, code string) error {
	return &provider.Error{Provider: "smtp", Kind: kind, Code: code}
}
