// Package smtp hands e-mails to a mail server.
package smtp

import (
	"context"
	"crypto/x509"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/email"
	"github.com/loveapp/backend/notification/internal/exchange"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/mail"
)

var _ ports.Sender = (*Sender)(nil)

// Config is a mail server and whom mails come from, as mail.ServerConfig has it.
type Config struct {
	URL  config.Secret
	From string

	// Roots are the authorities that the server's certificate may come from; nil: the system's.
	Roots *x509.CertPool
	// Now is the clock; nil = time.Now.
	Now func() time.Time
	// Limit bounds one mail; 0: thirty seconds.
	Limit time.Duration
}

// Sender is a ports.Sender. Each mail has a connection of its own.
type Sender struct {
	server *mail.Server
	now    func() time.Time
}

// New refuses what cannot be a server or a mailbox.
func New(c Config) (*Sender, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	server, err := mail.NewServer(mail.ServerConfig{URL: c.URL, From: c.From, Roots: c.Roots, Now: c.Now, Limit: c.Limit})
	if err != nil {
		return nil, err
	}
	return &Sender{server, c.Now}, nil
}

// Close has nothing to give up.
func (s *Sender) Close() error { return nil }

// Provider implements ports.Sender.
func (s *Sender) Provider() domain.Provider { return domain.SMTP }

// Send implements ports.Sender.
func (s *Sender) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	if p.Expired(s.now()) {
		return domain.Handed{}, &domain.SendError{Provider: domain.SMTP, Kind: domain.Overdue, Code: "expired"}
	}
	if err := s.server.Send(ctx, email.Mail(p)); err != nil {
		return domain.Handed{}, exchange.SendError(err)
	}
	return domain.Handed{ProviderID: string(p.ID)}, nil
}
