// Package carrier hands letters to a mail server, to an SMS service, or to a
// folder where there is neither.
package carrier

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/mail"
	"github.com/loveapp/backend/shared/provider"
	"github.com/loveapp/backend/shared/sms"
)

var (
	_ ports.Carrier = Mail{}
	_ ports.Carrier = SMS{}
)

// Mailer takes e-mails: *mail.Server or *outfile.Mailbox.
type Mailer interface {
	Send(ctx context.Context, m mail.Message) error
}

// Mail carries letters as e-mails.
type Mail struct{ To Mailer }

// Send implements ports.Carrier.
func (c Mail) Send(ctx context.Context, l domain.Letter) error {
	return told(c.To.Send(ctx, mail.Message{ID: string(l.ID), To: l.To, Subject: l.Subject, Text: l.Text}))
}

// Texter takes text messages: *sms.Service or *outfile.Texts.
type Texter interface {
	Send(ctx context.Context, m sms.Message) (id string, err error)
}

// SMS carries letters as text messages.
type SMS struct {
	To  Texter
	Now func() time.Time
}

// Send implements ports.Carrier.
func (c SMS) Send(ctx context.Context, l domain.Letter) error {
	_, err := c.To.Send(ctx, sms.Message{ID: string(l.ID), To: l.To, Body: l.Text, ValidFor: l.ExpiresAt.Sub(c.Now())})
	return told(err)
}

// told puts a provider's failure into the port's words.
func told(err error) error {
	failed, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return err
	}
	return &ports.SendError{Final: !failed.Kind.Retry(), Why: failed.Provider + "_" + string(failed.Kind) + "_" + failed.Code, After: failed.RetryAfter, Trouble: failed.Trouble}
}
