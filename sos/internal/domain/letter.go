package domain

import (
	"strings"
	"time"
)

// Mailbox is where somebody without the app has agreed to be written to, or is
// to be asked whether they do. The zero value is nowhere.
type Mailbox struct {
	Channel AddressChannel
	To      string // an e-mail address, or a number in E.164
	Locale  string // "" where the owner of the contact has not said
}

// Letter is one message to somebody without the app: an alert, or the question
// whether they want to be a contact.
type Letter struct {
	To Mailbox
	// URL is where they see what it is about and answer; "" where there is nothing to open.
	URL     string
	Alert   *Alert
	Request *ConsentRequest
}

// ConsentRequest is the question.
type ConsentRequest struct {
	ID        ConsentID // however often it is sent, it arrives once
	OwnerName string
	At        time.Time
}

// Mailbox is where the request is sent.
func (c Consent) Mailbox() Mailbox { return Mailbox{c.Channel, c.Address, c.Locale} }

// Mailbox is where a contact without the app is told: at the address whose
// holder has agreed, and at no other that the owner has typed. It is the zero
// value for everybody else.
func (c Contact) Mailbox() Mailbox {
	if c.Status != Active || c.User != c.outsider() {
		return Mailbox{}
	}
	return c.askedAt()
}

// askedAt is the address at which the contact is asked for consent: by mail
// where an address is known, which costs nothing, else by text.
func (c Contact) askedAt() Mailbox {
	switch {
	case c.AgreedBy == BySMS && c.Phone != "", c.Email == "" && c.Phone != "":
		return Mailbox{BySMS, c.Phone, c.Locale}
	case c.Email != "":
		return Mailbox{ByEmail, strings.ToLower(c.Email), c.Locale}
	default:
		return Mailbox{}
	}
}

// ContactOf is the contact without the app behind the id; "" for everybody else.
func (id UserID) ContactOf() ContactID {
	contact, outside := strings.CutPrefix(string(id), outsidePrefix)
	if !outside {
		return ""
	}
	return ContactID(contact)
}

// ContactShare is the link that the letters about a ticket bring to a contact
// without the app: by it they see and say that they know, and nobody else does
// in their name.
func ContactShare(id ShareID, a Alert, name string) Share {
	return Share{ID: id, Ticket: a.TicketID, Contact: a.Recipient.ContactOf(), Name: name, CreatedAt: a.At, ExpiresAt: a.At.Add(shareLife)}
}

// Owner is the name to show for who asks; never empty.
func (r ConsentRequest) Owner() string { return orNobody(r.OwnerName) }

// Words are title and body in English.
func (r ConsentRequest) Words() (title, body string) {
	return "May we write to you if " + r.Owner() + " needs help?",
		r.Owner() + " has named you as an emergency contact. We write to you only if you agree. Follow the link to agree or to decline; if you do nothing, you will not hear from us again."
}
