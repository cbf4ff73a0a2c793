package domain

import "time"

// DeliveryID names one message on its way to one target.
type DeliveryID string

// Parcel is one message on its way to one target, ready to be handed over.
type Parcel struct {
	// ID stays the same when the message is sent again: providers that know
	// idempotency get it.
	ID DeliveryID
	To Target

	// What a push carries for the app, which fetches the rest.
	Notification NotificationID
	Seq          Seq
	Category     Category
	Kind         string
	TicketID     string // "" where it is about no ticket

	// What the person sees, rendered. A sender trims what its provider does not
	// take; the end of an SMS, which has the link, is kept.
	Title string
	Text  string
	HTML  string // only of an e-mail; "" sends the text alone

	Priority Priority
	// ExpiresAt is after when nobody wants the message any more; nil: never.
	ExpiresAt *time.Time
	// CollapseKey is of messages of which a device that was away needs only the
	// last; "" collapses nothing but a message that is sent again.
	CollapseKey string
}

// ShownAs names what a device shows of the parcel: the same again takes its place.
func (p Parcel) ShownAs() string {
	if p.CollapseKey != "" {
		return p.CollapseKey
	}
	return string(p.ID)
}

// Expired tells whether it is too late to send the parcel.
func (p Parcel) Expired(now time.Time) bool { return p.ExpiresAt != nil && !now.Before(*p.ExpiresAt) }

// longestTTL is how long every provider keeps a push for a device that is away:
// four weeks (FCM), and no less elsewhere.
const longestTTL = 28 * 24 * time.Hour

// TTL is for how long a provider should try, never more than four weeks.
func (p Parcel) TTL(now time.Time) time.Duration {
	if p.ExpiresAt == nil {
		return longestTTL
	}
	return min(max(p.ExpiresAt.Sub(now), 0), longestTTL)
}
