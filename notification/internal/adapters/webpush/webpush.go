// Package webpush sends pushes to browsers through whatever push service each of
// them has named (RFC 8030), encrypted so that only the browser can read them
// (RFC 8291) and signed with our own key (RFC 8292).
package webpush

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"syscall"
	"time"

	push "github.com/SherClockHolmes/webpush-go"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/exchange"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/config"
)

var _ ports.Sender = (*Sender)(nil)

// Config is who we are to push services.
type Config struct {
	PublicKey  string        // base64url of a P-256 point; browsers subscribe with it
	PrivateKey config.Secret // base64url of 32 bytes
	// Subject is where the people who run a push service find us: an https URL, or
	// an e-mail address, with or without "mailto:".
	Subject string

	// Private lets messages into private networks: only a test has a push service there.
	Private bool
	// Roots are the authorities that a service's certificate may come from; nil: the system's.
	Roots *x509.CertPool
	// Now is the clock; nil = time.Now.
	Now func() time.Time
	// Limit bounds one exchange; 0: ten seconds.
	Limit time.Duration
}

// Sender is a ports.Sender.
type Sender struct {
	config   Config
	exchange *exchange.Exchange
}

// New refuses keys that are no pair. Close when done.
func New(c Config) (*Sender, error) {
	if err := Check(c.PublicKey, c.PrivateKey, c.Subject); err != nil {
		return nil, fmt.Errorf("webpush: %w", err)
	}
	c.Subject = strings.TrimPrefix(c.Subject, "mailto:") // the library writes it back
	if c.Now == nil {
		c.Now = time.Now
	}
	setting := exchange.Config{Provider: domain.WebPush, Roots: c.Roots, Limit: c.Limit}
	if !c.Private {
		setting.Control = publicOnly
	}
	return &Sender{config: c, exchange: exchange.New(setting)}, nil
}

// publicOnly sees the address that a name has led to: whoever subscribes names
// the host, and may let its name lead into our own network (OWASP SSRF).
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !domain.AddressAllowed(at.Addr()) {
		return exchange.ErrForbidden
	}
	return nil
}

// Close gives the kept connections up.
func (s *Sender) Close() error { return s.exchange.Close() }

// Provider implements ports.Sender.
func (s *Sender) Provider() domain.Provider { return domain.WebPush }

// Send implements ports.Sender.
func (s *Sender) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	now := s.config.Now()
	if p.Expired(now) {
		return domain.Handed{}, &domain.SendError{Provider: domain.WebPush, Kind: domain.Overdue, Code: "expired"}
	}
	message, err := payload(p)
	if err != nil {
		return domain.Handed{}, fmt.Errorf("webpush: encode a message: %w", err)
	}
	to := &push.Subscription{Endpoint: p.To.Subscription.Endpoint, Keys: push.Keys{P256dh: p.To.Subscription.P256DH, Auth: p.To.Subscription.Auth}}
	c := courier{exchange: s.exchange}
	response, err := push.SendNotificationWithContext(ctx, message, to, &push.Options{
		HTTPClient: &c, Subscriber: s.config.Subject, VAPIDPublicKey: s.config.PublicKey, VAPIDPrivateKey: s.config.PrivateKey.Value(),
		TTL: seconds(p, now), Topic: topic(p.ShownAs()), Urgency: urgency(p.Priority),
	})
	if response != nil {
		_ = response.Body.Close() // empty: the answer was read
	}
	if err != nil {
		return domain.Handed{}, s.failed(err, c.asked)
	}
	return s.understand(c.answer)
}

// courier carries what the library has sealed.
type courier struct {
	exchange *exchange.Exchange
	asked    bool
	answer   exchange.Answer
}

// Do implements the library's HTTPClient.
func (c *courier) Do(req *http.Request) (*http.Response, error) {
	c.asked = true
	var err error
	if c.answer, err = c.exchange.Do(req.Context(), req); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: c.answer.Status, Header: c.answer.Header, Body: http.NoBody, Request: req}, nil
}

// failed: a subscription that leads into our own network is dead to us, as is one
// that nothing can be sealed for. Neither says anything about a push service.
func (s *Sender) failed(err error, asked bool) error {
	told, isTold := errors.AsType[*domain.SendError](err)
	switch {
	case isTold && told.Code == exchange.Forbidden:
		return &domain.SendError{Provider: domain.WebPush, Kind: domain.Gone, Code: told.Code}
	case !asked:
		return &domain.SendError{Provider: domain.WebPush, Kind: domain.Gone, Code: "subscription"}
	}
	return err
}

func (s *Sender) understand(a exchange.Answer) (domain.Handed, error) {
	kind := domain.Rejected
	switch {
	case a.Status >= 200 && a.Status <= 299:
		return domain.Handed{ProviderID: name(a.Header.Get("Location"))}, nil
	case a.Status == http.StatusNotFound, a.Status == http.StatusGone: // RFC 8030 section 7.3
		kind = domain.Gone
	case a.Status == http.StatusTooManyRequests: // section 8.4
		kind = domain.Throttled
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden: // RFC 8292 section 4.2
		kind = domain.Misconfigured
	case a.Status >= 500, a.Status < 400, a.Status == http.StatusRequestTimeout: // a redirect is no push service's
		kind = domain.Unreachable
	}
	return domain.Handed{}, s.exchange.Error(kind, "", a)
}

// longestName bounds what is kept of a message's URL.
const longestName = 128

// name is the end of the URL that the service gave the message (RFC 8030 section
// 5): all of it would let its reader withdraw the message.
func name(location string) string {
	last := path.Base(location)
	if location == "" || len(last) > longestName || strings.ContainsFunc(last, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return last
}
