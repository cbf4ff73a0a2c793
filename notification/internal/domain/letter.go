package domain

import (
	"encoding/json"
	"strings"
)

// Address is where somebody without an account can be told.
type Address struct {
	Channel Channel // SMS or Email
	To      string  // a number in E.164, or an address
	Locale  string
}

// Letter is a draft on its way to an address. The pair of event and address is
// sent once.
type Letter struct {
	ID       DeliveryID
	Provider Provider
	Draft    *Draft // with an Address
}

// Acceptance is what whoever proposed drafts is told.
type Acceptance struct {
	Accepted int // pairs of event and user or address, repeats included
	// NoChannel are the places of drafts to an address that nothing can be sent to here.
	NoChannel []int
}

// Person is how somebody with an account can be reached beside the app: only by
// what they have verified.
type Person struct {
	Email  string
	Phone  string // E.164
	Locale string
}

// At is the person's address on the channel; "" where there is none.
func (p Person) At(c Channel) string {
	switch c {
	case SMS:
		return p.Phone
	case Email:
		return p.Email
	default:
		return ""
	}
}

const (
	maxAddress = 254 // RFC 5321 4.5.3.1.3, less the angle brackets
	maxLocale  = 35  // RFC 5646 4.4.1
)

// address checks where a draft goes that is for nobody with an account.
func (c *check) address(a *Address) *Address {
	if a == nil {
		return nil
	}
	switch a.Channel {
	case Email:
		name, host, ok := strings.Cut(a.To, "@")
		c.that(ok && name != "" && host != "" && len(a.To) <= maxAddress && isVisible(a.To) && !strings.ContainsAny(a.To, "<>,;\""), "address.to", "invalid_format", "must be an e-mail address")
	case SMS:
		number, ok := strings.CutPrefix(a.To, "+")
		c.that(ok && len(number) >= 5 && len(number) <= 15 && consistsOf(number, digits) && number[0] != '0', "address.to", "invalid_format", "must be a number in E.164")
	default:
		c.that(false, "address.channel", "unknown_value", "must be email or sms")
	}
	c.length("address.locale", len(a.Locale), maxLocale, "bytes")
	return a
}

// Members are those of a notification's data that a message on another channel carries.
type Members struct {
	Kind     string
	TicketID string
	URL      string
}

// MembersOf reads them; what is not there, or is no text, is "".
func MembersOf(data json.RawMessage) (m Members) {
	var raw map[string]any
	if json.Unmarshal(data, &raw) != nil {
		return Members{}
	}
	m.Kind, _ = raw["kind"].(string)
	m.TicketID, _ = raw["ticketId"].(string)
	m.URL, _ = raw["url"].(string)
	return m
}

// Parcel is the message but for its form, which Lay gives it; to is where it goes.
func (w Work) Parcel(to Target, about Members) Parcel {
	return Parcel{
		ID: w.ID, To: to, Notification: w.Notification, Seq: w.Seq, Category: w.Category, Kind: about.Kind, TicketID: about.TicketID,
		Title: w.Title, Priority: w.Priority, ExpiresAt: w.ExpiresAt,
	}
}
