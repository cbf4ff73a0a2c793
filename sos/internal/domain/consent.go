package domain

import (
	"strings"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

const (
	// outsidePrefix cannot begin an account's id, which is a UUID.
	outsidePrefix = "contact:"
	consentLife   = 7 * 24 * time.Hour
	// MaxConsentRequests is how many messages one address gets in ConsentWindow,
	// whoever asks: nobody is pestered through us.
	MaxConsentRequests = 3
	// ConsentWindow is what MaxConsentRequests counts in.
	ConsentWindow = 24 * time.Hour

	testPause = time.Minute // between two tests of one contact
	maxTests  = 20          // of one owner in testWindow
	// testWindow is what maxTests counts in.
	testWindow = 24 * time.Hour
)

// What can go wrong with tests.
var (
	ErrContactNotActive = fault.New(fault.Conflict, "contact_not_active", "This person has not agreed to be your contact.")
	ErrNoChannel        = fault.New(fault.Conflict, "channel_unavailable", "This contact is not on the app, and nothing can be sent to their address from here.")
	ErrTooManyTests     = fault.New(fault.RateLimited, "rate_limited", "Tests wake people too. Wait before the next one.")
)

// ConsentID is one request for consent; its token is derived from it.
type ConsentID string

// AddressChannel is how an address is written to.
type AddressChannel string

// The channels of addresses.
const (
	ByEmail AddressChannel = "email"
	BySMS   AddressChannel = "sms"
)

// Consent asks whoever reads a mail or text at an address to be a contact
// without the app. Only that answer makes the address one to be used.
type Consent struct {
	ID         ConsentID
	Contact    ContactID
	Channel    AddressChannel
	Address    string
	Locale     string
	CreatedAt  time.Time
	ExpiresAt  time.Time
	AnsweredAt *time.Time
}

// ConsentFor is the request that a new contact is sent; nil without an address.
func (c Contact) ConsentFor(id ConsentID, now time.Time) *Consent {
	at := c.askedAt()
	if at == (Mailbox{}) {
		return nil
	}
	return &Consent{ID: id, Contact: c.ID, Channel: at.Channel, Address: at.To, Locale: at.Locale, CreatedAt: now, ExpiresAt: now.Add(consentLife)}
}

// Open tells whether the contact is still to be asked by the request.
func (c Consent) Open(of Contact, now time.Time) bool {
	return c.AnsweredAt == nil && now.Before(c.ExpiresAt) && of.readAt(c.Address)
}

// readAt tells whether the address is one of the contact's.
func (c Contact) readAt(address string) bool {
	return address == strings.ToLower(c.Email) || address == c.Phone
}

// elsewhere tells whether consent is to be asked for at another address than before.
func (c Contact) elsewhere(before Contact) bool { return c.askedAt().To != before.askedAt().To }

// outsider is who a contact without the app is to a ticket.
func (c Contact) outsider() UserID { return UserID(outsidePrefix + string(c.ID)) }

// Outside tells whether the id is that of a contact without the app.
func (id UserID) Outside() bool { return strings.HasPrefix(string(id), outsidePrefix) }

// ConsentedContact is a request for consent with the contact it would make.
type ConsentedContact struct {
	Consent Consent
	Contact Contact
}

// Answer takes the holder's word. The first one counts; who has agreed may take
// that back at any time.
func (c *ConsentedContact) Answer(accept bool, now time.Time) error {
	if !c.Contact.readAt(c.Consent.Address) {
		return ErrInvitationNotFound // whoever reads there is not meant any more
	}
	agreed := c.Contact.Status == Active && c.Contact.User == c.Contact.outsider()
	switch {
	case agreed && accept, c.Consent.AnsweredAt != nil && c.Contact.Status == Declined && !accept:
		return nil
	case agreed:
		c.Contact.Status, c.Contact.AgreedBy, c.Contact.UpdatedAt = Declined, "", now
		return nil
	case c.Consent.AnsweredAt != nil || c.Contact.Status != Invited:
		return ErrInvitationUsed
	case !now.Before(c.Consent.ExpiresAt):
		return ErrInvitationExpired
	}
	c.Consent.AnsweredAt = &now
	c.Contact.Status, c.Contact.UpdatedAt = Declined, now
	if accept {
		c.Contact.Status, c.Contact.User, c.Contact.AgreedBy = Active, c.Contact.outsider(), c.Consent.Channel
	}
	return nil
}

// Addresses are those that somebody has verified; "" where there is none.
type Addresses struct {
	Email string
	Phone string // E.164
}

// None tells whether there is no address at all.
func (a Addresses) None() bool { return a.Email == "" && a.Phone == "" }

// AddressedTo tells whether the contact was invited at one of the addresses.
func (c Contact) AddressedTo(a Addresses) bool {
	return a.Email != "" && strings.EqualFold(c.Email, a.Email) || a.Phone != "" && c.Phone == a.Phone
}

// ContactTest is when a contact was sent a test.
type ContactTest struct {
	Contact ContactID
	At      time.Time
}

// TestsSince is how far back tests count.
func TestsSince(now time.Time) time.Time { return now.Add(-testWindow) }

// Testable tells whether the contact may be sent a test now. tests are the
// owner's since TestsSince, the oldest first.
func (c Contact) Testable(tests []ContactTest, now time.Time) error {
	switch {
	case c.Status != Active:
		return ErrContactNotActive
	case len(tests) >= maxTests:
		return ErrTooManyTests.WithRetryAfter(tests[len(tests)-maxTests].At.Add(testWindow).Sub(now))
	}
	for _, t := range tests {
		if since := now.Sub(t.At); t.Contact == c.ID && since < testPause {
			return ErrTooManyTests.WithRetryAfter(testPause - since)
		}
	}
	return nil
}
