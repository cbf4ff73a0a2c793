// Package fcm sends pushes through Firebase Cloud Messaging's HTTP v1 API.
package fcm

import (
	"bytes"
	"context"
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

// DefaultURL is Google's.
const DefaultURL = "https://fcm.googleapis.com"

// Config is a project at Firebase.
type Config struct {
	BaseURL string // "" = DefaultURL
	// ServiceAccount is the JSON file that the Firebase console gives.
	ServiceAccount config.Secret
	// Now is the clock; nil = time.Now.
	Now func() time.Time
	// Limit bounds one exchange; 0: ten seconds.
	Limit time.Duration
}

// Sender is a ports.Sender.
type Sender struct {
	url         string
	exchange    *exchange.Exchange
	credentials *credentials
	now         func() time.Time
}

// New refuses a service account that cannot sign. Close when done.
func New(c Config) (*Sender, error) {
	if c.BaseURL == "" {
		c.BaseURL = DefaultURL
	}
	if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" {
		return nil, errors.New("fcm: BaseURL must be a URL")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Sender{exchange: exchange.New(exchange.Config{Provider: domain.FCM, Limit: c.Limit}), now: c.Now}
	var err error
	if s.credentials, err = newCredentials(c.ServiceAccount, s.exchange, c.Now); err != nil {
		return nil, err
	}
	s.url = strings.TrimSuffix(c.BaseURL, "/") + "/v1/projects/" + url.PathEscape(s.credentials.account.ProjectID) + "/messages:send"
	return s, nil
}

// Close gives the kept connections up.
func (s *Sender) Close() error { return s.exchange.Close() }

// Provider implements ports.Sender.
func (s *Sender) Provider() domain.Provider { return domain.FCM }

// Send implements ports.Sender.
func (s *Sender) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	now := s.now()
	if p.Expired(now) {
		return domain.Handed{}, &domain.SendError{Provider: domain.FCM, Kind: domain.Overdue, Code: "expired"}
	}
	body, err := exchange.Encode(envelopeOf(p, now))
	if err != nil {
		return domain.Handed{}, fmt.Errorf("fcm: encode a message: %w", err)
	}
	token, err := s.credentials.bearer(ctx, "")
	if err != nil {
		return domain.Handed{}, err
	}
	answer, err := s.post(ctx, token, body)
	if err == nil && answer.Status == http.StatusUnauthorized { // ended before its time: once more with a new one
		if token, err = s.credentials.bearer(ctx, token); err == nil {
			answer, err = s.post(ctx, token, body)
		}
	}
	if err != nil {
		return domain.Handed{}, err
	}
	return s.understand(answer)
}

func (s *Sender) post(ctx context.Context, token string, body []byte) (exchange.Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return exchange.Answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	return s.exchange.Do(ctx, req)
}

// verdict is what of Google's answer matters (google.rpc.Status, with FCM's own
// code among the details).
type verdict struct {
	Name  string `json:"name"`
	Error struct {
		Status  string `json:"status"`
		Details []struct {
			ErrorCode string `json:"errorCode"`
		} `json:"details"`
	} `json:"error"`
}

func (v verdict) code() string {
	for _, detail := range v.Error.Details {
		if detail.ErrorCode != "" {
			return detail.ErrorCode
		}
	}
	return v.Error.Status
}

func (s *Sender) understand(a exchange.Answer) (domain.Handed, error) {
	var said verdict
	readable := json.Unmarshal(a.Body, &said) == nil
	if a.Status == http.StatusOK {
		if !readable || said.Name == "" {
			return domain.Handed{}, s.exchange.Error(domain.Unreachable, "garbage", a)
		}
		return domain.Handed{ProviderID: said.Name}, nil
	}
	return domain.Handed{}, s.exchange.Error(kind(a.Status, said.code()), said.code(), a)
}

// kind follows FCM's list of error codes. Only the first says that the token is
// dead: INVALID_ARGUMENT is as often a message that we made badly, and with the
// service account of another project every token is a SENDER_ID_MISMATCH.
func kind(status int, code string) domain.SendErrorKind {
	switch code {
	case "UNREGISTERED":
		return domain.Gone
	case "QUOTA_EXCEEDED", "RESOURCE_EXHAUSTED":
		return domain.Throttled
	case "THIRD_PARTY_AUTH_ERROR", "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "UNAUTHENTICATED":
		return domain.Misconfigured
	}
	switch {
	case status == http.StatusTooManyRequests:
		return domain.Throttled
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return domain.Misconfigured
	case status == http.StatusNotFound: // no word of FCM's: the project or the path is wrong
		return domain.Misconfigured
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		return domain.Rejected
	}
	return domain.Unreachable
}
