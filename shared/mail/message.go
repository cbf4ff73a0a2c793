// Package mail writes e-mails (RFC 5322) and hands them to a mail server (RFC 5321).
package mail

import (
	"bytes"
	"errors"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"
)

// ErrAddress is an address that no mail can go to.
var ErrAddress = errors.New("mail: not the address of one mailbox")

// maxSubject keeps the header on a few lines of 78 characters (RFC 5322 section 2.1.1).
const maxSubject = 200

// Message is an e-mail to one person.
type Message struct {
	// ID becomes the Message-ID: sent twice, it is the same mail.
	ID      string
	To      string // one mailbox, without a name
	Subject string
	Text    string
	HTML    string // "" sends the text alone
	Urgent  bool
}

// Write gives the message as a mail program opens it (.eml), from sender, a
// mailbox with or without a name. It fails with ErrAddress.
func (m Message) Write(sender netmail.Address, now time.Time) ([]byte, error) {
	composed, err := m.compose(sender, now)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	_, err = composed.WriteTo(&out)
	return out.Bytes(), err
}

func (m Message) compose(sender netmail.Address, now time.Time) (*mail.Msg, error) {
	to, err := netmail.ParseAddress(m.To)
	if err != nil || to.Address != m.To {
		return nil, ErrAddress
	}
	_, host, _ := strings.Cut(sender.Address, "@")
	composed := mail.NewMsg()
	composed.FromMailAddress(&sender)
	composed.ToMailAddress(to)
	composed.SetDateWithValue(now)
	composed.SetMessageIDWithValue(m.ID + "@" + host)
	composed.Subject(oneLine(m.Subject))
	composed.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notice in return
	if m.Urgent {
		composed.SetImportance(mail.ImportanceHigh)
	}
	composed.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		composed.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	return composed, nil
}

// oneLine makes a header of what may be anybody's text: a line break in it would
// begin another header.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if runes := []rune(text); len(runes) > maxSubject {
		text = string(runes[:maxSubject-1]) + "…"
	}
	return text
}

// ParseSender reads the mailbox that mails come from, such as
// "Love App <sos@example.org>".
func ParseSender(text string) (netmail.Address, error) {
	address, err := netmail.ParseAddress(text)
	if err != nil {
		return netmail.Address{}, ErrAddress
	}
	return *address, nil
}
