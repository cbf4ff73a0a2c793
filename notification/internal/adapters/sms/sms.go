// Package sms sends text messages through a service that speaks Twilio's Messages API.
package sms

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/email"
	"github.com/loveapp/backend/notification/internal/exchange"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/sms"
)

var _ ports.Sender = (*Sender)(nil)

// Config is an account at the service, as sms.Config has it.
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
	service *sms.Service
	now     func() time.Time
}

// New refuses a hole. Close when done.
func New(c Config) (*Sender, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	service, err := sms.New(sms.Config{BaseURL: c.BaseURL, AccountSID: c.AccountSID, AuthToken: c.AuthToken, From: c.From, Limit: c.Limit})
	if err != nil {
		return nil, err
	}
	return &Sender{service, c.Now}, nil
}

// Close gives the kept connections up.
func (s *Sender) Close() error { return s.service.Close() }

// Provider implements ports.Sender.
func (s *Sender) Provider() domain.Provider { return domain.Twilio }

// Send implements ports.Sender.
func (s *Sender) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	now := s.now()
	if p.Expired(now) {
		return domain.Handed{}, &domain.SendError{Provider: domain.Twilio, Kind: domain.Overdue, Code: "expired"}
	}
	id, err := s.service.Send(ctx, email.Text(p, now))
	if err != nil {
		return domain.Handed{}, exchange.SendError(err)
	}
	return domain.Handed{ProviderID: id}, nil
}
