package domain

import (
	"crypto/hmac"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// Purpose is the one thing that a one-time token is good for.
type Purpose string

// The purposes.
const (
	VerifyEmail   Purpose = "verify_email"
	ChangeEmail   Purpose = "change_email"
	ResetPassword Purpose = "reset_password"
	VerifyPhone   Purpose = "verify_phone"
)

// Lives of one-time tokens. A reset lives an hour (OWASP Forgot Password Cheat
// Sheet: short); a code that can be guessed, ten minutes.
const (
	verifyLife = 24 * time.Hour
	linkLife   = time.Hour
	codeLife   = 10 * time.Minute
	// maxTries of one code: a guess of one in a million, five times.
	maxTries = 5
)

func (p Purpose) life() time.Duration {
	switch p {
	case VerifyPhone:
		return codeLife
	case VerifyEmail:
		return verifyLife
	default:
		return linkLife
	}
}

// TokenID names a one-time token (UUIDv7).
type TokenID string

// OneTimeToken is what a link or code stands for. What the person gets is an
// HMAC over all of it: nothing that could be replayed is stored, not even its
// hash, and the text can be made again when a mail has to be sent again.
type OneTimeToken struct {
	ID      TokenID
	User    UserID
	Session SessionID // that asked; "" where nobody was signed in
	Purpose Purpose
	// Address is where it is sent, and all that it can prove or set.
	Address   string
	Tries     int // wrong codes so far
	CreatedAt time.Time
	ExpiresAt time.Time
}

// What callers tell apart.
var (
	// ErrLinkSpent is one answer for used, replaced and expired.
	ErrLinkSpent = fault.New(fault.Gone, "link_expired", "This link has been used or has expired. Ask for another.")
	errLinkForm  = fault.NewInvalid(fault.Field{Field: "token", Code: "invalid_format", Message: "is not a token of one of our mails"})
	// ErrWrongPhoneCode is one answer for wrong, never sent, expired and tried too often.
	ErrWrongPhoneCode = fault.NewInvalid(fault.Field{Field: "code", Code: "wrong_code", Message: "is not the code that was sent to this number lately"})
)

// ErrLinkForm is the answer to a token that we have not made.
func ErrLinkForm() error { return errLinkForm }

// NewToken makes the token that fulfils an order.
func (o Order) NewToken(id TokenID, user UserID, now time.Time) OneTimeToken {
	return OneTimeToken{
		ID: id, User: user, Session: o.Session, Purpose: o.Purpose, Address: o.Address,
		CreatedAt: now, ExpiresAt: now.Add(o.Purpose.life()),
	}
}

// Live says whether the token still counts.
func (t OneTimeToken) Live(now time.Time) bool { return now.Before(t.ExpiresAt) && t.Tries < maxTries }

const (
	uuidBytes = 16
	// macBytes of HMAC-SHA256 (RFC 2104 section 5: half is enough) keep a link on
	// one line of a mail.
	macBytes = 16
)

// Presented is what somebody has sent back; nothing of it is true before
// Keys.Made has said so.
type Presented struct {
	ID  TokenID
	mac []byte
}

// ParseLinkToken takes the token of a link apart: id and HMAC.
func ParseLinkToken(raw string) (Presented, bool) {
	if strings.ContainsAny(raw, "\r\n") {
		return Presented{}, false
	}
	bytes, err := strictBase64().DecodeString(raw)
	if err != nil || len(bytes) != uuidBytes+macBytes {
		return Presented{}, false
	}
	h := hex.EncodeToString(bytes[:uuidBytes])
	id := strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
	return Presented{TokenID(id), bytes[uuidBytes:]}, true
}

// LinkToken is what stands in the link: 43 characters of A–Z, a–z, 0–9, - and _.
func (k Keys) LinkToken(t OneTimeToken) string {
	id, _ := hex.DecodeString(strings.ReplaceAll(string(t.ID), "-", "")) // ids are ours
	return strictBase64().EncodeToString(append(id, tokenMAC(k.sets[0], t)[:macBytes]...))
}

// Made says, in constant time, whether the text was made by us for that token.
func (k Keys) Made(p Presented, t OneTimeToken) bool {
	for _, set := range k.sets {
		if p.ID == t.ID && hmac.Equal(p.mac, tokenMAC(set, t)[:macBytes]) {
			return true
		}
	}
	return false
}

// codes is how many six digits make.
const codes = 1_000_000

// Code is the six digits that are sent for the token.
func (k Keys) Code(t OneTimeToken) string { return code(k.sets[0], t) }

// CodeMatches compares in constant time.
func (k Keys) CodeMatches(typed string, t OneTimeToken) bool {
	for _, set := range k.sets {
		if subtle.ConstantTimeCompare([]byte(typed), []byte(code(set, t))) == 1 {
			return true
		}
	}
	return false
}

func code(set keySet, t OneTimeToken) string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(tokenMAC(set, t)[macBytes:])%codes)
}

func tokenMAC(set keySet, t OneTimeToken) []byte {
	return mac(set.oneTime, string(t.ID), string(t.User), string(t.Purpose), t.Address)
}

// TypedCode takes six digits.
func TypedCode(raw string) (string, *Refusal) {
	switch {
	case raw == "":
		return "", missing
	case len(raw) != len("000000") || !isNumeric(raw):
		return "", &Refusal{"invalid_format", "must be the six digits of the message"}
	}
	return raw, nil
}

// IsFor says whether the token is good for one of the purposes.
func (t OneTimeToken) IsFor(purposes ...Purpose) bool { return slices.Contains(purposes, t.Purpose) }
