package notification

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/loveapp/backend/notification/internal/adapters/apns"
	"github.com/loveapp/backend/notification/internal/adapters/fcm"
	"github.com/loveapp/backend/notification/internal/adapters/outfile"
	"github.com/loveapp/backend/notification/internal/adapters/sms"
	"github.com/loveapp/backend/notification/internal/adapters/smtp"
	"github.com/loveapp/backend/notification/internal/adapters/webpush"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/mail"
)

// Providers are the credentials of whoever carries messages to people without an
// open socket. A provider without any is off.
type Providers struct {
	// SMTPURL is smtp://user:password@host:587 or smtps://…:465.
	SMTPURL config.Secret `envconfig:"SMTP_URL"`
	// MailFrom is a mailbox, such as "Love App <sos@example.org>"; "" takes
	// no-reply at the host of PUBLIC_URL.
	MailFrom string `envconfig:"MAIL_FROM"`

	TwilioAccountSID string        `envconfig:"TWILIO_ACCOUNT_SID"`
	TwilioAuthToken  config.Secret `envconfig:"TWILIO_AUTH_TOKEN"`
	// TwilioFrom is our number in E.164, or the id of a messaging service (MG…).
	TwilioFrom string `envconfig:"TWILIO_FROM"`
	// TwilioBaseURL is of a compatible service.
	TwilioBaseURL string `envconfig:"TWILIO_BASE_URL" default:"https://api.twilio.com"`

	// FCMServiceAccount is the JSON file that the Firebase console gives, or where it lies.
	FCMServiceAccount config.Secret `envconfig:"FCM_SERVICE_ACCOUNT"`

	APNsKeyID  string `envconfig:"APNS_KEY_ID"`
	APNsTeamID string `envconfig:"APNS_TEAM_ID"`
	// APNsKey is the .p8 file that Apple gives, or where it lies.
	APNsKey config.Secret `envconfig:"APNS_KEY"`
	// APNsTopic is the app's bundle id.
	APNsTopic string `envconfig:"APNS_TOPIC"`

	// The VAPID pair is made by the command vapid; the subject is an e-mail address
	// or an https URL by which push services reach us.
	VAPIDPublicKey  string        `envconfig:"VAPID_PUBLIC_KEY"`
	VAPIDPrivateKey config.Secret `envconfig:"VAPID_PRIVATE_KEY"`
	VAPIDSubject    string        `envconfig:"VAPID_SUBJECT"`

	// OutboxDir, where set, is the folder into which mails and texts are written
	// that there is no provider for.
	OutboxDir string
	// PrivatePush lets browsers' subscriptions lead into private networks: only a
	// test has its push service there.
	PrivatePush bool
}

// sender is what each provider is made as.
type sender interface {
	ports.Sender
	io.Closer
}

// setting is one variable and whether it is given.
type setting struct {
	name  string
	given bool
}

// way is one provider: what it needs, and how it is made of that.
type way struct {
	name     string // as it is called in logs
	settings []setting
	open     func() (sender, error)
}

// on: all that it needs is there; half: some of it only.
func (w way) on() bool {
	return !slices.ContainsFunc(w.settings, func(s setting) bool { return !s.given })
}

func (w way) half() bool {
	return !w.on() && slices.ContainsFunc(w.settings, func(s setting) bool { return s.given })
}

// names of the settings that are given, or not.
func (w way) names(given bool) string {
	var names []string
	for _, s := range w.settings {
		if s.given == given {
			names = append(names, s.name)
		}
	}
	return strings.Join(names, ", ")
}

// providers are those of the settings, and whom mails come from.
func (c Config) providers() Providers {
	p := c.Providers
	if p.SMTPURL != "" && p.MailFrom == "" {
		p.MailFrom = mail.DefaultSender(c.PublicURL)
	}
	return p
}

func (p Providers) ways() []way {
	return []way{
		{"fcm", []setting{{"FCM_SERVICE_ACCOUNT", p.FCMServiceAccount != ""}}, p.openFCM},
		{
			"apns",
			[]setting{{"APNS_KEY_ID", p.APNsKeyID != ""}, {"APNS_TEAM_ID", p.APNsTeamID != ""}, {"APNS_KEY", p.APNsKey != ""}, {"APNS_TOPIC", p.APNsTopic != ""}},
			p.openAPNs,
		},
		{
			"webpush",
			[]setting{{"VAPID_PUBLIC_KEY", p.VAPIDPublicKey != ""}, {"VAPID_PRIVATE_KEY", p.VAPIDPrivateKey != ""}, {"VAPID_SUBJECT", p.VAPIDSubject != ""}},
			p.openWebPush,
		},
		{
			"sms",
			[]setting{{"TWILIO_ACCOUNT_SID", p.TwilioAccountSID != ""}, {"TWILIO_AUTH_TOKEN", p.TwilioAuthToken != ""}, {"TWILIO_FROM", p.TwilioFrom != ""}},
			p.openSMS,
		},
		{"email", []setting{{"SMTP_URL", p.SMTPURL != ""}}, p.openMail},
	}
}

func (p Providers) openFCM() (sender, error) {
	account, err := contents("FCM_SERVICE_ACCOUNT", p.FCMServiceAccount, "{")
	if err != nil {
		return nil, err
	}
	return opened(fcm.New(fcm.Config{ServiceAccount: account}))
}

func (p Providers) openAPNs() (sender, error) {
	key, err := contents("APNS_KEY", p.APNsKey, "-----BEGIN")
	if err != nil {
		return nil, err
	}
	return opened(apns.New(apns.Config{KeyID: p.APNsKeyID, TeamID: p.APNsTeamID, Key: key, Topic: p.APNsTopic}))
}

func (p Providers) openWebPush() (sender, error) {
	return opened(webpush.New(webpush.Config{
		PublicKey: p.VAPIDPublicKey, PrivateKey: p.VAPIDPrivateKey, Subject: p.VAPIDSubject, Private: p.PrivatePush,
	}))
}

func (p Providers) openSMS() (sender, error) {
	return opened(sms.New(sms.Config{BaseURL: p.TwilioBaseURL, AccountSID: p.TwilioAccountSID, AuthToken: p.TwilioAuthToken, From: p.TwilioFrom}))
}

func (p Providers) openMail() (sender, error) {
	return opened(smtp.New(smtp.Config{URL: p.SMTPURL, From: p.MailFrom}))
}

// opened keeps a nil pointer from becoming a sender.
func opened[S sender](s S, err error) (sender, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// contents gives the text itself, or that of the file which it names: what
// starts otherwise than the text has to is a path. The error repeats neither: a key
// that was pasted wrongly is a secret still.
func contents(variable string, given config.Secret, start string) (config.Secret, error) {
	if strings.HasPrefix(strings.TrimSpace(given.Value()), start) {
		return given, nil
	}
	text, err := os.ReadFile(given.Value())
	if err != nil {
		why := "it cannot be opened"
		if system, ok := errors.AsType[*fs.PathError](err); ok {
			why = system.Err.Error()
		}
		return "", fmt.Errorf("%s is neither the text itself nor a file that can be read: %s", variable, why)
	}
	return config.Secret(text), nil
}

// check notes what is half configured, and what is of no use.
func (p Providers) check(m *config.Mistakes) {
	for _, w := range p.ways() {
		switch {
		case w.half():
			m.Add("%s given without %s: %s needs all of them or none", w.names(true), w.names(false), w.name)
		case w.on():
			made, err := w.open()
			if err != nil {
				m.Add("%s cannot be used: %v", w.names(true), err)
				continue
			}
			_ = made.Close()
		}
	}
}

// senders are those of the providers that there are, and the names of those that
// there are not.
func (p Providers) senders() (on []sender, off []string, err error) {
	for _, w := range p.ways() {
		if !w.on() {
			if w.open = p.outbox(w.name); w.open == nil {
				off = append(off, w.name)
				continue
			}
		}
		made, err := w.open()
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("%s: %w", w.name, err), closeAll(on))
		}
		on = append(on, made)
	}
	return on, off, nil
}

// outbox writes into files what the named provider would carry; nil where nobody looks there.
func (p Providers) outbox(name string) func() (sender, error) {
	if p.OutboxDir == "" {
		return nil
	}
	switch name {
	case "email":
		return func() (sender, error) {
			return opened(outfile.Mail(outfile.Config{Folder: filepath.Join(p.OutboxDir, "mail"), From: p.MailFrom}))
		}
	case string(domain.Twilio):
		return func() (sender, error) {
			return opened(outfile.SMS(outfile.Config{Folder: filepath.Join(p.OutboxDir, "sms")}))
		}
	}
	return nil
}

func closeAll(senders []sender) error {
	var errs []error
	for _, s := range senders {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// NewVAPIDKeys makes the pair that Web Push needs. Another pair later makes every
// browser's subscription void.
func NewVAPIDKeys() (public string, private config.Secret, err error) { return webpush.NewKeys() }

// PrintVAPIDKeys makes a pair and writes it as settings.
func PrintVAPIDKeys(out io.Writer) error {
	public, private, err := NewVAPIDKeys()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "VAPID_PUBLIC_KEY=%s\nVAPID_PRIVATE_KEY=%s\n", public, private.Value())
	return err
}
