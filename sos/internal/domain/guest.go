package domain

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
)

const (
	// guestPrefix cannot begin an account's id, which is a UUID.
	guestPrefix = "guest:"
	// minGuestSecret and maxGuestSecret are in bytes: 256 bits cannot be guessed.
	minGuestSecret = 32
	maxGuestSecret = 256
	// MaxOpenGuests is how many guests at one address may be in need at once before
	// further ones are trusted less: more than a car or a flat holds. What is trusted
	// less is kept like any other and waits in the dispatchers' queue.
	MaxOpenGuests = 10

	// MaxGuestName is in characters; longer text is cut.
	MaxGuestName = 100
	// MaxGuestPhone is in characters, too.
	MaxGuestPhone = 32
)

// GuestID is who the phone with this secret is: a digest, so that nothing that
// is stored opens anything. ok is false for what is no such secret: base64url
// of 32 bytes or more.
func GuestID(secret string) (id UserID, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(secret, "="))
	if err != nil || len(raw) < minGuestSecret || len(raw) > maxGuestSecret || strings.ContainsAny(secret, "\r\n") {
		return "", false
	}
	sum := sha256.Sum256([]byte(strings.TrimRight(secret, "=")))
	return UserID(guestPrefix + hex.EncodeToString(sum[:])), true
}

// Guest tells whether the id is that of a phone without an account.
func (id UserID) Guest() bool { return strings.HasPrefix(string(id), guestPrefix) }

// Guest is what somebody without an account says of themselves. None of it is
// proven, and none of it opens anything.
type Guest struct {
	Name    string
	Phone   string // as typed: to call back
	Address string // a digest of where the request came from; "" = not known
}

// admitGuest notes who the guest says they are.
func (t *Ticket) admitGuest(g *Guest, openAtAddress int) {
	if g == nil {
		return
	}
	t.Reporter.Name, t.GuestPhone, t.GuestAddress = g.Name, g.Phone, g.Address
	t.LowTrust = openAtAddress >= MaxOpenGuests
}

// adoptGuest fills what the ticket does not know yet.
func (t *Ticket) adoptGuest(g *Guest) {
	if g == nil {
		return
	}
	if t.Reporter.Name == "" {
		t.Reporter.Name = g.Name
	}
	if t.GuestPhone == "" {
		t.GuestPhone = g.Phone
	}
}

// Claim makes the ticket the account's of whoever opened it as a guest. The
// contacts of that account are not called by it: a press does that.
func (c *Case) Claim(by Person, now time.Time) {
	if by.Name == "" {
		by.Name = c.Ticket.Reporter.Name
	}
	c.Ticket.Reporter = by
	c.record(EventClaimed, c.reporter(), now, nil)
}

// Network is the digest of where the press came from; "" without a guest.
func (g *Guest) Network() string {
	if g == nil {
		return ""
	}
	return g.Address
}
