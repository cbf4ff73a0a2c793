package domain

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/loveapp/backend/shared/fault"
)

// Bounds of a draft. Together they keep a notification's frame below the 64 KiB
// that a socket carries, whatever its text needs to be escaped.
const (
	MaxTitle   = 200      // characters
	MaxBody    = 4000     // characters
	MaxData    = 16 << 10 // bytes of JSON
	MaxEventID = 200      // bytes
	MaxKind    = 100      // bytes
	MaxUsers   = 1000     // recipients of one draft
)

// earliest and latest bound times: beyond them is a unit or clock mistake, not an event.
var (
	earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Draft is what somebody wants to tell people, before it is in any inbox.
type Draft struct {
	// EventID makes it idempotent: the same event reaches the same user once.
	EventID   string
	Users     []UserID
	Category  Category
	Priority  Priority
	Title     string
	Body      string
	Data      json.RawMessage
	CreatedAt time.Time
	ExpiresAt *time.Time
}

// Proposal is a draft as it came, nothing checked.
type Proposal struct {
	EventID   string
	Users     []string
	Category  string
	Priority  string
	Title     string
	Body      string
	Data      json.RawMessage // an object, null or nothing
	CreatedAt time.Time
	ExpiresAt *time.Time
}

// NewDraft checks p and fills in what may be left out: category general,
// priority medium, createdAt now, data.kind the category. The fields that it
// refuses are named below prefix, "" or one such as "items[3].".
func NewDraft(p Proposal, prefix string, now time.Time) (Draft, []fault.Field) {
	c := check{prefix: prefix}
	d := Draft{
		EventID:   p.EventID,
		Users:     c.users(p.Users),
		Category:  Category(orElse(p.Category, string(General))),
		Priority:  Priority(orElse(p.Priority, string(Medium))),
		Title:     p.Title,
		Body:      p.Body,
		CreatedAt: p.CreatedAt,
		ExpiresAt: p.ExpiresAt,
	}
	if d.CreatedAt.IsZero() {
		d.CreatedAt = now
	}
	c.text("eventId", d.EventID, len(d.EventID), MaxEventID, "bytes")
	c.text("title", d.Title, utf8.RuneCountInString(d.Title), MaxTitle, "characters")
	c.length("body", utf8.RuneCountInString(d.Body), MaxBody, "characters")
	c.that(d.Category.Known(), "category", "unknown_value", "must be general, sos, system, campaign, donation or volunteer")
	c.that(d.Priority.Known(), "priority", "unknown_value", "must be low, medium, high or critical")
	c.that(plausible(d.CreatedAt), "createdAt", "out_of_range", "must be a time between 2000 and 2200")
	c.expiry(d.ExpiresAt, now)
	d.Data = c.data(p.Data, string(d.Category))
	return d, c.wrong
}

func orElse(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

func plausible(t time.Time) bool { return !t.Before(earliest) && t.Before(latest) }

// Entry is a draft on its way into one inbox.
type Entry struct {
	ID    NotificationID
	User  UserID
	Draft *Draft
}
