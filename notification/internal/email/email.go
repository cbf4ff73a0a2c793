// Package email gives a parcel the form of an e-mail (RFC 5322).
package email

import (
	"errors"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"

	"github.com/loveapp/backend/notification/internal/domain"
)

// ErrAddress is an address that no mail can go to.
var ErrAddress = errors.New("email: not the address of one mailbox")

// maxSubject keeps the header on a few lines of 78 characters (RFC 5322 section 2.1.1).
const maxSubject = 200

// Compose writes the parcel as an e-mail from sender, a mailbox with or without a
// name. Its Message-ID follows from the parcel's: sent twice, it is the same mail.
func Compose(p domain.Parcel, sender netmail.Address, now time.Time) (*mail.Msg, error) {
	to, err := netmail.ParseAddress(p.To.Address)
	if err != nil || to.Address != p.To.Address {
		return nil, ErrAddress
	}
	_, host, _ := strings.Cut(sender.Address, "@")
	m := mail.NewMsg()
	m.FromMailAddress(&sender)
	m.ToMailAddress(to)
	m.SetDateWithValue(now)
	m.SetMessageIDWithValue(string(p.ID) + "@" + host)
	m.Subject(oneLine(p.Title))
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notice in return
	if p.Priority == domain.Critical || p.Priority == domain.High {
		m.SetImportance(mail.ImportanceHigh)
	}
	m.SetBodyString(mail.TypeTextPlain, p.Text)
	if p.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, p.HTML)
	}
	return m, nil
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

// Sender reads the mailbox that mails come from, such as
// "Love App <sos@example.org>".
func Sender(text string) (netmail.Address, error) {
	address, err := netmail.ParseAddress(text)
	if err != nil {
		return netmail.Address{}, ErrAddress
	}
	return *address, nil
}
