package domain

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// DeliveryState is how far one message to one target has come.
type DeliveryState string

// The states. Only Waiting ones are sent; only Dead ones can be replayed.
const (
	Waiting   DeliveryState = "waiting"
	Sent      DeliveryState = "sent"      // the provider has it
	Dead      DeliveryState = "dead"      // refused for good, or given up: a dead letter
	Removed   DeliveryState = "gone"      // the device or address is no more
	Cancelled DeliveryState = "cancelled" // acknowledged, read or deleted before it was sent
	Expired   DeliveryState = "expired"
)

// Delivery is the log's line about one message to one target.
type Delivery struct {
	ID           DeliveryID
	Event        string
	Notification NotificationID // "" where it goes to an address without an account
	User         UserID         // "" likewise
	Provider     Provider
	Device       DeviceID
	// ShownAs is the address with most of it covered, or "".
	ShownAs    string
	Category   Category
	Priority   Priority
	State      DeliveryState
	Attempts   int
	Code       string // the provider's short word for what went wrong last
	ProviderID string
	Bypassed   bool
	CreatedAt  time.Time
	DueAt      time.Time // of the next try
	SettledAt  *time.Time
}

// NewDelivery is a message that is to be sent.
type NewDelivery struct {
	ID       DeliveryID
	To       Target // of a push only Provider and Device: its token is read when it is sent
	Locale   string
	Bypassed bool
}

// Advance is what became of one claimed plan.
type Advance struct {
	Plan       Plan
	Deliveries []NewDelivery
	Steps      []Channel // what is left; none ends the plan
	Looked     bool
	After      time.Duration
}

// Work is a claimed delivery with all that is needed to send it.
type Work struct {
	ID           DeliveryID
	Notification NotificationID
	User         UserID
	Seq          Seq
	Provider     Provider
	Device       DeviceID
	Address      string
	Locale       string
	Category     Category
	Priority     Priority
	Title, Body  string
	Data         json.RawMessage
	ExpiresAt    *time.Time
	Attempt      int           // 1 at the first
	Age          time.Duration // since it was queued
	Trace        string        // what it is followed by; "" where nobody does
}

// Outcome is what became of one attempt.
type Outcome struct {
	ID    DeliveryID
	State DeliveryState
	// After is when to try again, where State is Waiting.
	After time.Duration
	// Uncounted: the provider was not asked.
	Uncounted  bool
	Code       string
	ProviderID string
}

// Mask covers most of an address: enough is left to recognise one's own.
func Mask(address string) string {
	const cover = "•••"
	if name, host, ok := strings.Cut(address, "@"); ok {
		first, _ := utf8.DecodeRuneInString(name)
		if first == utf8.RuneError {
			return cover + "@" + host
		}
		return string(first) + cover + "@" + host
	}
	if len(address) <= 6 {
		return cover
	}
	return address[:3] + cover + address[len(address)-2:]
}

// Position is a place in a list of deliveries, which is ordered by time and id.
type Position struct {
	At time.Time
	ID DeliveryID
}

// MaxPeople is how many are looked up at once.
const MaxPeople = 100
