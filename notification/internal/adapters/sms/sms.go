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

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/exchange"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/config"
)

var _ ports.Sender = (*Sender)(nil)

// Config is an account at the service.
type Config struct {
	BaseURL    string // such as https://api.twilio.com
	AccountSID string
	AuthToken  config.Secret
	// From is our number in E.164, or the id of a messaging service (MG…).
	From string
	// Now is the clock; nil = time.Now.
	Now func() time.Time
	// Limit bounds one exchange; 0: ten seconds.
	Limit time.Duration
}

// Sender is a ports.Sender.
type Sender struct {
	config   Config
	url      string
	exchange *exchange.Exchange
}

// New refuses a hole. Close when done.
func New(c Config) (*Sender, error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || c.AccountSID == "" || c.AuthToken == "" || c.From == "" {
		return nil, errors.New("sms: BaseURL, AccountSID, AuthToken and From are required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Sender{
		config:   c,
		url:      strings.TrimSuffix(c.BaseURL, "/") + "/2010-04-01/Accounts/" + url.PathEscape(c.AccountSID) + "/Messages.json",
		exchange: exchange.New(exchange.Config{Provider: domain.Twilio, Limit: c.Limit}),
	}, nil
}

// Close gives the kept connections up.
func (s *Sender) Close() error { return s.exchange.Close() }

// Provider implements ports.Sender.
func (s *Sender) Provider() domain.Provider { return domain.Twilio }

// shortestValidity and longestValidity are what the service takes, in seconds:
// a message that could not be delivered by then is dropped.
const (
	shortestValidity = 1
	longestValidity  = 36_000
)

// Send implements ports.Sender.
func (s *Sender) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	now := s.config.Now()
	if p.Expired(now) {
		return domain.Handed{}, &domain.SendError{Provider: domain.Twilio, Kind: domain.Overdue, Code: "expired"}
	}
	form := url.Values{"To": {p.To.Address}, "Body": {Fit(strings.ToValidUTF8(p.Text, ""))}}
	if strings.HasPrefix(s.config.From, "MG") {
		form.Set("MessagingServiceSid", s.config.From)
	} else {
		form.Set("From", s.config.From)
	}
	if p.ExpiresAt != nil {
		validity := min(max(int(p.TTL(now)/time.Second), shortestValidity), longestValidity)
		form.Set("ValidityPeriod", strconv.Itoa(validity))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(form.Encode()))
	if err != nil {
		return domain.Handed{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(s.config.AccountSID, s.config.AuthToken.Value())
	answer, err := s.exchange.Do(ctx, req)
	if err != nil {
		return domain.Handed{}, err
	}
	return s.understand(answer)
}

// answer is what of the service's JSON matters.
type answer struct {
	SID  string `json:"sid"`
	Code int    `json:"code"`
}

func (s *Sender) understand(a exchange.Answer) (domain.Handed, error) {
	var said answer
	readable := json.Unmarshal(a.Body, &said) == nil
	if a.Status == http.StatusCreated || a.Status == http.StatusOK {
		if !readable || said.SID == "" { // some proxy's page, not the service
			return domain.Handed{}, s.exchange.Error(domain.Unreachable, "garbage", a)
		}
		return domain.Handed{ProviderID: said.SID}, nil
	}
	code := ""
	if said.Code != 0 {
		code = strconv.Itoa(said.Code)
	}
	return domain.Handed{}, s.exchange.Error(kind(a.Status, said.Code), code, a)
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

func kind(status, code int) domain.SendErrorKind {
	switch code {
	case authenticate, accountSuspended, fromNotOurs, fromUnusable:
		return domain.Misconfigured
	case tooManyRequests, queueFull:
		return domain.Throttled
	}
	switch {
	case status == http.StatusTooManyRequests:
		return domain.Throttled
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound:
		return domain.Misconfigured
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		return domain.Rejected // the number is none, is a landline, or its holder has said STOP
	}
	return domain.Unreachable
}
