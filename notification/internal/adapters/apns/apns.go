// Package apns sends pushes through the Apple Push Notification service, over
// HTTP/2 with a provider token.
package apns

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/exchange"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/config"
)

var _ ports.Sender = (*Sender)(nil)

// Apple's own services.
const (
	ProductionURL = "https://api.push.apple.com"
	SandboxURL    = "https://api.sandbox.push.apple.com"
)

// Config is a key of a developer team.
type Config struct {
	KeyID  string
	TeamID string
	Key    config.Secret // the .p8 file
	Topic  string        // the bundle id, for devices that did not name theirs

	ProductionURL, SandboxURL string // "" = Apple's
	// Roots are the authorities that the services' certificates may come from; nil: the system's.
	Roots *x509.CertPool
	// Now is the clock; nil = time.Now.
	Now func() time.Time
	// Limit bounds one exchange; 0: ten seconds.
	Limit time.Duration
}

// Sender is a ports.Sender.
type Sender struct {
	topic    string
	urls     map[domain.Environment]string
	exchange *exchange.Exchange
	signer   *signer
	now      func() time.Time
}

// New refuses a key that cannot sign. Close when done.
func New(c Config) (*Sender, error) {
	if c.KeyID == "" || c.TeamID == "" || c.Key == "" || c.Topic == "" {
		return nil, errors.New("apns: KeyID, TeamID, Key and Topic are required")
	}
	if c.ProductionURL == "" {
		c.ProductionURL = ProductionURL
	}
	if c.SandboxURL == "" {
		c.SandboxURL = SandboxURL
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	signer, err := newSigner(c)
	if err != nil {
		return nil, err
	}
	return &Sender{
		topic:    c.Topic,
		urls:     map[domain.Environment]string{domain.Production: c.ProductionURL, domain.Sandbox: c.SandboxURL},
		exchange: exchange.New(exchange.Config{Provider: domain.APNs, Roots: c.Roots, Limit: c.Limit}),
		signer:   signer, now: c.Now,
	}, nil
}

// Close gives the kept connections up.
func (s *Sender) Close() error { return s.exchange.Close() }

// Provider implements ports.Sender.
func (s *Sender) Provider() domain.Provider { return domain.APNs }

// Send implements ports.Sender.
func (s *Sender) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	if p.Expired(s.now()) {
		return domain.Handed{}, &domain.SendError{Provider: domain.APNs, Kind: domain.Overdue, Code: "expired"}
	}
	body, err := exchange.Encode(payloadOf(p))
	if err != nil {
		return domain.Handed{}, fmt.Errorf("apns: encode a payload: %w", err)
	}
	token, err := s.signer.bearer("")
	if err != nil {
		return domain.Handed{}, err
	}
	answer, err := s.post(ctx, p, token, body)
	if err == nil && reason(answer) == "ExpiredProviderToken" { // a clock is off: once more with a new one
		if token, err = s.signer.bearer(token); err == nil {
			answer, err = s.post(ctx, p, token, body)
		}
	}
	if err != nil {
		return domain.Handed{}, err
	}
	if answer.Status == http.StatusOK {
		return domain.Handed{ProviderID: answer.Header.Get("apns-id")}, nil
	}
	return domain.Handed{}, s.exchange.Error(kind(answer.Status, reason(answer)), reason(answer), answer)
}

func (s *Sender) post(ctx context.Context, p domain.Parcel, token string, body []byte) (exchange.Answer, error) {
	base, known := s.urls[p.To.Environment]
	if !known {
		base = s.urls[domain.Production]
	}
	to := strings.TrimSuffix(base, "/") + "/3/device/" + url.PathEscape(p.To.Token)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return exchange.Answer{}, err
	}
	topic := p.To.AppID
	if topic == "" {
		topic = s.topic
	}
	req.Header = headersOf(p, topic, s.now())
	req.Header.Set("Authorization", "bearer "+token)
	return s.exchange.Do(ctx, req)
}

// reason is Apple's word for why not.
func reason(a exchange.Answer) string {
	var said struct {
		Reason string `json:"reason"`
	}
	_ = json.Unmarshal(a.Body, &said) // what cannot be read has none
	return said.Reason
}

// kind follows Apple's table of reasons. Only those that say that the token is
// dead, or another app's, prune a device.
func kind(status int, reason string) domain.SendErrorKind {
	switch reason {
	case "Unregistered", "ExpiredToken", "BadDeviceToken", "DeviceTokenNotForTopic":
		return domain.Gone
	case "TooManyRequests", "TooManyProviderTokenUpdates":
		return domain.Throttled
	case "ExpiredProviderToken", "InvalidProviderToken", "MissingProviderToken", "BadTopic", "TopicDisallowed",
		"BadCertificate", "BadCertificateEnvironment", "Forbidden", "MissingTopic", "UnrelatedKeyIdInToken", "BadEnvironmentKeyIdInToken":
		return domain.Misconfigured
	}
	switch {
	case status == http.StatusGone: // whatever its reason is called by now
		return domain.Gone
	case status == http.StatusTooManyRequests:
		return domain.Throttled
	case status == http.StatusForbidden:
		return domain.Misconfigured
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		return domain.Rejected
	}
	return domain.Unreachable
}
