// Package outfile writes what would be mailed or texted into a folder: for a
// backend on one machine that has no mail server and no SMS service.
package outfile

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/email"
	"github.com/loveapp/backend/notification/internal/exchange"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/outfile"
)

var _ ports.Sender = (*Sender)(nil)

// Config says what is written where.
type Config = outfile.Config

// Sender is a ports.Sender.
type Sender struct {
	provider domain.Provider
	now      func() time.Time
	send     func(context.Context, domain.Parcel) (name string, err error)
}

// Mail writes each e-mail as a file that mail programs open (.eml).
func Mail(c Config) (*Sender, error) {
	box, err := outfile.NewMailbox(c)
	if err != nil {
		return nil, err
	}
	return &Sender{domain.SMTP, clock(c), func(ctx context.Context, p domain.Parcel) (string, error) {
		return string(p.ID) + ".eml", box.Send(ctx, email.Mail(p))
	}}, nil
}

// SMS writes each text message as JSON: to, body, at.
func SMS(c Config) (*Sender, error) {
	texts, err := outfile.NewTexts(c)
	if err != nil {
		return nil, err
	}
	now := clock(c)
	return &Sender{domain.Twilio, now, func(ctx context.Context, p domain.Parcel) (string, error) {
		return texts.Send(ctx, email.Text(p, now()))
	}}, nil
}

func clock(c Config) func() time.Time {
	if c.Now == nil {
		return time.Now
	}
	return c.Now
}

// Close has nothing to give up.
func (s *Sender) Close() error { return nil }

// Provider implements ports.Sender.
func (s *Sender) Provider() domain.Provider { return s.provider }

// Send implements ports.Sender: the file appears whole or not at all, and once,
// however often the parcel is sent.
func (s *Sender) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	if p.Expired(s.now()) {
		return domain.Handed{}, &domain.SendError{Provider: s.provider, Kind: domain.Overdue, Code: "expired"}
	}
	name, err := s.send(ctx, p)
	if err != nil {
		return domain.Handed{}, exchange.SendError(err)
	}
	return domain.Handed{ProviderID: name}, nil
}
