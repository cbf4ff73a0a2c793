package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/loveapp/backend/auth/internal/adapters/carrier"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/mail"
	"github.com/loveapp/backend/shared/outfile"
	"github.com/loveapp/backend/shared/sms"
)

// Letters are the credentials of whoever carries links and codes to people.
type Letters struct {
	// SMTPURL is smtp://user:password@host:587 or smtps://…:465.
	SMTPURL config.Secret `envconfig:"SMTP_URL"`
	// MailFrom is a mailbox, such as "Love App <no-reply@example.org>"; "" takes
	// no-reply at the host of PUBLIC_URL.
	MailFrom string `envconfig:"MAIL_FROM"`

	TwilioAccountSID string        `envconfig:"TWILIO_ACCOUNT_SID"`
	TwilioAuthToken  config.Secret `envconfig:"TWILIO_AUTH_TOKEN"`
	// TwilioFrom is our number in E.164, or the id of a messaging service (MG…).
	TwilioFrom string `envconfig:"TWILIO_FROM"`
	// TwilioBaseURL is of a compatible service.
	TwilioBaseURL string `envconfig:"TWILIO_BASE_URL" default:"https://api.twilio.com"`

	// OutboxDir, where set, is the folder into which mails and texts are written
	// that there is nobody to carry.
	OutboxDir string
}

func (c Config) checkLetters(m *config.Mistakes) {
	if c.SMTPURL != "" {
		if _, err := c.mailServer(); err != nil {
			m.Add("SMTP_URL and MAIL_FROM cannot be used: %v", err)
		}
	}
	switch c.texting() {
	case 0:
	case len(c.twilio()):
		service, err := c.account()
		if err != nil {
			m.Add("TWILIO_BASE_URL cannot be used: %v", err)
			return
		}
		_ = service.Close()
	default:
		m.Add("TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM must be given all or not at all")
	}
}

func (c Config) twilio() []string {
	return []string{c.TwilioAccountSID, c.TwilioAuthToken.Value(), c.TwilioFrom}
}

// texting counts what is given of an account.
func (c Config) texting() (given int) {
	for _, value := range c.twilio() {
		if value != "" {
			given++
		}
	}
	return given
}

func (c Config) account() (*sms.Service, error) {
	return sms.New(sms.Config{BaseURL: c.TwilioBaseURL, AccountSID: c.TwilioAccountSID, AuthToken: c.TwilioAuthToken, From: c.TwilioFrom})
}

func (c Config) mailServer() (*mail.Server, error) {
	return mail.NewServer(mail.ServerConfig{URL: c.SMTPURL, From: c.sender()})
}

func (c Config) sender() string {
	if c.MailFrom != "" {
		return c.MailFrom
	}
	return mail.DefaultSender(c.PublicURL)
}

// carriers are those that there are. What a missing one would carry stays queued.
func (c Config) carriers() (map[domain.Channel]ports.Carrier, io.Closer, error) {
	carriers := map[domain.Channel]ports.Carrier{}
	mailer, err := c.mailer()
	if err != nil {
		return nil, nil, err
	}
	if mailer != nil {
		carriers[domain.ByMail] = carrier.Mail{To: mailer}
	}
	texter, closer, err := c.texter()
	if err != nil {
		return nil, nil, err
	}
	if texter != nil {
		carriers[domain.BySMS] = carrier.SMS{To: texter, Now: time.Now}
	}
	return carriers, closer, nil
}

// mailer is nil where there is none.
func (c Config) mailer() (carrier.Mailer, error) {
	switch {
	case c.SMTPURL != "":
		return c.mailServer()
	case c.OutboxDir != "":
		return outfile.NewMailbox(outfile.Config{Folder: filepath.Join(c.OutboxDir, "mail"), From: c.MailFrom})
	}
	return nil, nil //nolint:nilnil // nobody is an answer
}

// nothing has nothing to close.
type nothing struct{}

func (nothing) Close() error { return nil }

// texter is nil where there is none.
func (c Config) texter() (carrier.Texter, io.Closer, error) {
	switch {
	case c.texting() > 0:
		service, err := c.account()
		if err != nil {
			return nil, nil, fmt.Errorf("sms: %w", err)
		}
		return service, service, nil
	case c.OutboxDir != "":
		texts, err := outfile.NewTexts(outfile.Config{Folder: filepath.Join(c.OutboxDir, "sms")})
		return texts, nothing{}, err
	}
	return nil, nothing{}, nil
}

// errNoCarrier shows on the health page: people wait for what is queued.
var errNoCarrier = errors.New("there is no provider: messages stay queued")

// letterChecks show which letters wait for a provider, and warn of it once.
func (c Config) letterChecks(carriers map[domain.Channel]ports.Carrier) (checks []health.Check) {
	for channel, setting := range map[domain.Channel]string{domain.ByMail: "SMTP_URL", domain.BySMS: "TWILIO_ACCOUNT_SID"} {
		if carriers[channel] != nil {
			continue
		}
		c.Logger.Warn("no provider: messages stay queued", "channel", string(channel), "missing", setting)
		checks = append(checks, health.Check{
			Name: string(channel), Group: health.Services, Role: "letters", Probe: func(context.Context) error { return errNoCarrier },
		})
	}
	return checks
}
