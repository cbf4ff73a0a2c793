// Package outfile writes what would be mailed or texted into a folder: for a
// backend on one machine that has no mail server and no SMS service.
package outfile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/email"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Sender = (*Sender)(nil)

// Config says what is written where.
type Config struct {
	// Folder is made where it is missing; only its owner may look into it.
	Folder string
	// From is whom mails come from; "" takes a mailbox of this machine.
	From string
	// Now is the clock; nil = time.Now.
	Now func() time.Time
}

// Sender is a ports.Sender.
type Sender struct {
	provider domain.Provider
	folder   string
	now      func() time.Time
	form     func(domain.Parcel, time.Time) ([]byte, error)
	ending   string
}

// Mail writes each e-mail as a file that mail programs open (.eml).
func Mail(c Config) (*Sender, error) {
	if c.From == "" {
		c.From = "Love App <loveapp@localhost>"
	}
	from, err := email.Sender(c.From)
	if err != nil {
		return nil, err
	}
	return open(c, &Sender{provider: domain.SMTP, ending: ".eml", form: func(p domain.Parcel, now time.Time) ([]byte, error) { return asMail(p, from, now) }})
}

// SMS writes each text message as JSON: to, body, at.
func SMS(c Config) (*Sender, error) {
	return open(c, &Sender{provider: domain.Twilio, ending: ".json", form: asJSON})
}

// A folder of personal data is its owner's alone.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

func open(c Config, s *Sender) (*Sender, error) {
	if c.Folder == "" {
		return nil, errors.New("outfile: Folder is required")
	}
	if err := os.MkdirAll(c.Folder, folderMode); err != nil {
		return nil, fmt.Errorf("outfile: %w", err)
	}
	s.folder, s.now = c.Folder, c.Now
	if s.now == nil {
		s.now = time.Now
	}
	return s, nil
}

// Close has nothing to give up.
func (s *Sender) Close() error { return nil }

// Provider implements ports.Sender.
func (s *Sender) Provider() domain.Provider { return s.provider }

// Send implements ports.Sender: the file appears whole or not at all, and once,
// however often the parcel is sent.
func (s *Sender) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	if err := ctx.Err(); err != nil {
		if errors.Is(err, context.Canceled) {
			return domain.Handed{}, err
		}
		return domain.Handed{}, s.failure(domain.Unreachable, "timeout")
	}
	now := s.now()
	if p.Expired(now) {
		return domain.Handed{}, s.failure(domain.Overdue, "expired")
	}
	content, err := s.form(p, now)
	if errors.Is(err, email.ErrAddress) {
		return domain.Handed{}, s.failure(domain.Rejected, "address")
	}
	if err != nil {
		return domain.Handed{}, fmt.Errorf("outfile: %w", err)
	}
	name := filepath.Base(string(p.ID)) + s.ending
	if err := write(s.folder, name, content); err != nil {
		return domain.Handed{}, s.failure(domain.Unreachable, "disk")
	}
	return domain.Handed{ProviderID: name}, nil
}

func (s *Sender) failure(kind domain.SendErrorKind, code string) error {
	return &domain.SendError{Provider: s.provider, Kind: kind, Code: code}
}

func write(folder, name string, content []byte) (err error) {
	draft, err := os.CreateTemp(folder, ".draft-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(draft.Name())
		}
	}()
	_, err = draft.Write(content)
	if err = errors.Join(err, draft.Chmod(fileMode), draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), filepath.Join(folder, name))
}

func asMail(p domain.Parcel, from netmail.Address, now time.Time) ([]byte, error) {
	m, err := email.Compose(p, from, now)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	_, err = m.WriteTo(&out)
	return out.Bytes(), err
}

func asJSON(p domain.Parcel, now time.Time) ([]byte, error) {
	return json.MarshalIndent(struct {
		To   string    `json:"to"`
		Body string    `json:"body"`
		At   time.Time `json:"at"`
	}{p.To.Address, p.Text, now.UTC()}, "", "  ")
}
