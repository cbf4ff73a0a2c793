// Package outfile writes what would be mailed or texted into a folder: for a
// backend on one machine that has no mail server and no SMS service.
package outfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"time"

	"github.com/loveapp/backend/shared/mail"
	"github.com/loveapp/backend/shared/provider"
	"github.com/loveapp/backend/shared/sms"
)

// Config says what is written where.
type Config struct {
	// Folder is made where it is missing; only its owner may look into it.
	Folder string
	// From is whom mails come from; "" takes a mailbox of this machine.
	From string
	// Now is the clock; nil = time.Now.
	Now func() time.Time
}

// Mailbox writes each e-mail as a file that mail programs open (.eml).
type Mailbox struct {
	folder folder
	from   netmail.Address
}

// NewMailbox makes the folder.
func NewMailbox(c Config) (*Mailbox, error) {
	if c.From == "" {
		c.From = "Love App <loveapp@localhost>"
	}
	from, err := mail.ParseSender(c.From)
	if err != nil {
		return nil, err
	}
	folder, err := open(c)
	return &Mailbox{folder, from}, err
}

// Send writes the file <ID>.eml. It fails with a *provider.Error, or with ctx's
// error when ctx was cancelled.
func (b *Mailbox) Send(ctx context.Context, m mail.Message) error {
	content, err := m.Write(b.from, b.folder.now())
	if errors.Is(err, mail.ErrAddress) {
		return &provider.Error{Provider: "smtp", Kind: provider.Rejected, Code: "address"}
	}
	if err != nil {
		return fmt.Errorf("outfile: %w", err)
	}
	return b.folder.put(ctx, "smtp", m.ID+".eml", content)
}

// Texts writes each text message as JSON: to, body, at.
type Texts struct{ folder folder }

// NewTexts makes the folder.
func NewTexts(c Config) (*Texts, error) {
	folder, err := open(c)
	return &Texts{folder}, err
}

// Send writes the file <ID>.json, as Mailbox.Send does, and gives its name.
func (t *Texts) Send(ctx context.Context, m sms.Message) (string, error) {
	content, err := json.MarshalIndent(struct {
		To   string    `json:"to"`
		Body string    `json:"body"`
		At   time.Time `json:"at"`
	}{m.To, m.Body, t.folder.now().UTC()}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("outfile: %w", err)
	}
	name := filepath.Base(m.ID + ".json")
	return name, t.folder.put(ctx, "sms", name, content)
}

// A folder of personal data is its owner's alone.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

type folder struct {
	path string
	now  func() time.Time
}

func open(c Config) (folder, error) {
	if c.Folder == "" {
		return folder{}, errors.New("outfile: Folder is required")
	}
	if err := os.MkdirAll(c.Folder, folderMode); err != nil {
		return folder{}, fmt.Errorf("outfile: %w", err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return folder{c.Folder, c.Now}, nil
}

// put has the file appear whole or not at all, and once, however often it is put.
func (f folder) put(ctx context.Context, sender, name string, content []byte) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if ctx.Err() != nil {
		return &provider.Error{Provider: sender, Kind: provider.Unreachable, Code: "timeout"}
	}
	if write(f.path, filepath.Base(name), content) != nil {
		return &provider.Error{Provider: sender, Kind: provider.Unreachable, Code: "disk"}
	}
	return nil
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
