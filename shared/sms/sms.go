// Package sms sends text messages through a service that speaks Twilio's
// Messages API (POST /2010-04-01/Accounts/{sid}/Messages.json).
package sms

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/provider"
)

// Config is an account at the service.
type Config struct {
	BaseURL    string // such as https://api.twilio.com
	AccountSID string
	AuthToken  config.Secret
	// From is our number in E.164, or the id of a messaging service (MG…).
	From string
	// Limit bounds one exchange; 0: ten seconds.
	Limit time.Duration
}

// Message is a text to one number.
type Message struct {
	// ID stays the same when the message is sent again.
	ID string
	To string // E.164
	// Body is trimmed to ten segments.
	Body string
	// ValidFor is for how long the service should try; 0: as long as it likes.
	ValidFor time.Duration
}

// Service is an account at it, safe for concurrent use.
type Service struct {
	config   Config
	url      string
	exchange *provider.Exchange
}

// New refuses a hole. Close when done.
func New(c Config) (*Service, error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, errors.New("sms: the base URL must be an http or https URL")
	}
	if c.AccountSID == "" || c.AuthToken == "" || c.From == "" {
		return nil, errors.New("sms: AccountSID, AuthToken and From are required")
	}
	return &Service{
		config:   c,
		url:      strings.TrimSuffix(c.BaseURL, "/") + "/2010-04-01/Accounts/" + url.PathEscape(c.AccountSID) + "/Messages.json",
		exchange: provider.NewExchange(provider.ExchangeConfig{Provider: "sms", Limit: c.Limit}),
	}, nil
}

// Close gives the kept connections up.
func (s *Service) Close() error { return s.exchange.Close() }

// shortestValidity and longestValidity are what the service takes, in seconds:
// a message that could not be delivered by then is dropped.
const (
	shortestValidity = 1
	longestValidity  = 36_000
)

// Send hands the message over and gives the service's name for it. It fails with
// a *provider.Error, or with ctx's error when ctx was cancelled.
func (s *Service) Send(ctx context.Context, m Message) (string, error) {
	form := url.Values{"To": {m.To}, "Body": {Fit(strings.ToValidUTF8(m.Body, ""))}}
	if strings.HasPrefix(s.config.From, "MG") {
		form.Set("MessagingServiceSid", s.config.From)
	} else {
		form.Set("From", s.config.From)
	}
	if m.ValidFor != 0 {
		validity := min(max(int(m.ValidFor/time.Second), shortestValidity), longestValidity)
		form.Set("ValidityPeriod", strconv.Itoa(validity))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(s.config.AccountSID, s.config.AuthToken.Value())
	answer, err := s.exchange.Do(ctx, req)
	if err != nil {
		return "", err
	}
	return s.understand(answer)
}

// answer is what of the service's JSON matters.
type answer struct {
	SID  string `json:"sid"`
	Code int    `json:"code"`
}

func (s *Service) understand(a provider.Answer) (string, error) {
	var said answer
	readable := json.Unmarshal(a.Body, &said) == nil
	if a.Status == http.StatusCreated || a.Status == http.StatusOK {
		if !readable || said.SID == "" { // some proxy's page, not the service
			return "", s.exchange.Refusal(provider.Unreachable, "garbage", a)
		}
		return said.SID, nil
	}
	code := ""
	if said.Code != 0 {
		code = strconv.Itoa(said.Code)
	}
	return "", s.exchange.Refusal(kind(a.Status, said.Code), code, a)
}

// Codes of Twilio's error dictionary that say more than their status.
const (
	authenticate     = 20003 // the account or its token is wrong
	tooManyRequests  = 20429
	accountSuspended = 20005
	fromNotOurs      = 21606
	fromUnusable     = 21659
	queueFull        = 21611 // of this sender
)

func kind(status, code int) provider.Kind {
	switch code {
	case authenticate, accountSuspended, fromNotOurs, fromUnusable:
		return provider.Misconfigured
	case tooManyRequests, queueFull:
		return provider.Throttled
	}
	switch {
	case status == http.StatusTooManyRequests:
		return provider.Throttled
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound:
		return provider.Misconfigured
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		return provider.Rejected // the number is none, is a landline, or its holder has said STOP
	}
	return provider.Unreachable
}
