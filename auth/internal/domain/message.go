package domain

import (
	"fmt"
	"strings"
	"time"
)

// Channel is a way to reach somebody.
type Channel string

// The channels.
const (
	ByMail Channel = "email"
	BySMS  Channel = "sms"
)

// Template names a text.
type Template string

// The texts.
const (
	LetterVerify          Template = "verify_email"
	LetterChange          Template = "change_email"
	LetterInUse           Template = "email_in_use"
	LetterEmailChanged    Template = "email_changed"
	LetterReset           Template = "reset_password"
	LetterPasswordChanged Template = "password_changed"
	LetterDeletion        Template = "deletion_planned"
	LetterMFAEnabled      Template = "mfa_enabled"
	LetterMFADisabled     Template = "mfa_disabled"
	LetterRecoveryUsed    Template = "recovery_code_used"
	TextCode              Template = "phone_code"
)

func (t Template) channel() Channel {
	if t == TextCode {
		return BySMS
	}
	return ByMail
}

// Path is where in the app its link leads.
func (t Template) path() string {
	if t == LetterReset {
		return "/reset#"
	}
	return "/verify#"
}

// MessageID names a message (UUIDv7); it stays the same when it is sent again.
type MessageID string

// Message waits in the database to be sent. It holds no text and no secret: both
// are made when it goes out.
type Message struct {
	ID       MessageID
	Channel  Channel
	Template Template
	To       string
	Locale   string
	User     UserID
	Token    TokenID   // "" where the text has neither link nor code
	Date     time.Time // that the text names; zero where it names none
	Tries    int
	// ExpiresAt is after when nobody wants the message any more.
	ExpiresAt time.Time
	// Trace is what it is followed by; "" where nobody does.
	Trace string
}

// noticeLife is how long news is news.
const noticeLife = 3 * day

// Notice is a message about what has happened to the account.
func Notice(id MessageID, about Template, to string, user User, now time.Time) Message {
	return Message{
		ID: id, Channel: about.channel(), Template: about, To: to, Locale: user.Locale, User: user.ID,
		Date: user.DeleteAfter, ExpiresAt: now.Add(noticeLife),
	}
}

// Carry is the message that brings a token to its address.
func (t OneTimeToken) Carry(id MessageID, with Template, locale string) Message {
	return Message{
		ID: id, Channel: with.channel(), Template: with, To: t.Address, Locale: locale, User: t.User,
		Token: t.ID, ExpiresAt: t.ExpiresAt,
	}
}

const (
	// mostTries of a message, over some two hours; then it is dead.
	mostTries     = 12
	firstPause    = 5 * time.Second
	longestPause  = 15 * time.Minute
	doublingsMost = 8
)

// Pause is how long to wait after a failed try, the first being number 1.
func Pause(tries int) time.Duration {
	return min(firstPause<<min(max(tries-1, 0), doublingsMost), longestPause)
}

// GivenUp says whether it has been tried often enough.
func (m Message) GivenUp() bool { return m.Tries >= mostTries }

// Letter is a message as its reader sees it.
type Letter struct {
	ID      MessageID
	Channel Channel
	To      string
	Subject string // "" of a text message
	Text    string
	// ExpiresAt is after when nobody wants it any more.
	ExpiresAt time.Time
}

// Write makes the letter. token is that of the message, where it has one.
func (m Message) Write(keys Keys, publicURL string, token OneTimeToken) (Letter, error) {
	text, ok := lettersIn(m.Locale)[m.Template]
	if !ok {
		return Letter{}, fmt.Errorf("no text for %q", m.Template)
	}
	filled := strings.NewReplacer(
		"{link}", strings.TrimSuffix(publicURL, "/")+m.Template.path()+keys.LinkToken(token),
		"{code}", keys.Code(token),
		"{date}", m.Date.UTC().Format(time.DateOnly),
	)
	return Letter{ID: m.ID, Channel: m.Channel, To: m.To, Subject: text.subject, Text: filled.Replace(text.body), ExpiresAt: m.ExpiresAt}, nil
}
