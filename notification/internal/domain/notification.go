package domain

import (
	"encoding/json"
	"time"
)

// Category says what a notification is about; people mute by category.
type Category string

// The categories.
const (
	General   Category = "general"
	SOS       Category = "sos"
	System    Category = "system"
	Campaign  Category = "campaign"
	Donation  Category = "donation"
	Volunteer Category = "volunteer"
)

// Categories are all that there are.
func Categories() []Category { return []Category{General, SOS, System, Campaign, Donation, Volunteer} }

// Known tells whether there is such a category.
func (c Category) Known() bool {
	switch c {
	case General, SOS, System, Campaign, Donation, Volunteer:
		return true
	}
	return false
}

// Priority says how much it hurries.
type Priority string

// The priorities. Critical ones overtake everything else on a socket and reach
// other instances on a second way too.
const (
	Low      Priority = "low"
	Medium   Priority = "medium"
	High     Priority = "high"
	Critical Priority = "critical"
)

// Known tells whether there is such a priority.
func (p Priority) Known() bool {
	switch p {
	case Low, Medium, High, Critical:
		return true
	}
	return false
}

// Notification is one entry of one user's inbox.
type Notification struct {
	ID       NotificationID
	User     UserID
	Seq      Seq
	Category Category
	Priority Priority
	Title    string
	Body     string
	// Data is a JSON object that always has a member "kind".
	Data json.RawMessage
	// CreatedAt is when it happened, StoredAt when it was put into the inbox.
	CreatedAt time.Time
	StoredAt  time.Time
	ExpiresAt *time.Time // nil: never
	ReadAt    *time.Time // nil: unread
	// Trace is what it is followed by on its way; "" where nobody does. No client sees it.
	Trace string
}

// Urgent tells whether it may overtake others.
func (n Notification) Urgent() bool { return n.Priority == Critical }
