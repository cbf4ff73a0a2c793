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
	// Channels are those that the sender has chosen; none leaves it to the priority.
	Channels []string
	// Address is for whom the draft is, in place of Users.
	Address *Address
	// Topic is the room whose visitors hear of it, in place of Users. It is in no inbox.
	Topic Room
	// SendAt is when it goes out; nil: now.
	SendAt *time.Time
	// FollowUp are the channels that are tried until it is acknowledged (Steps), and
	// FollowAfter is when the first one is due after the commit.
	FollowUp    []Channel
	FollowAfter time.Duration
	// Trace is what it is followed by on its way; "" where nobody does.
	Trace string
	// Wording has the words of a template for those who do not read Title and Body.
	Wording
}

// Urgent tells whether it may overtake others.
func (d *Draft) Urgent() bool { return d.Priority == Critical }

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
	Channels  []string // unknown ones are of newer senders, and are passed over
	Address   *Address
	Topic     string // a topic's name
	SendAt    *time.Time
	Template  string // whose words it says, in place of Title and Body
	Trace     string // what it is followed by on its way
}

// NewDraft checks p and fills in what may be left out: category general,
// priority medium, createdAt now, data.kind the category. The fields that it
// refuses are named below prefix, "" or one such as "items[3].".
func NewDraft(p Proposal, prefix string, now time.Time) (Draft, []fault.Field) {
	c := check{prefix: prefix}
	d := Draft{
		EventID:   p.EventID,
		Users:     c.recipients(p),
		Category:  Category(orElse(p.Category, string(General))),
		Priority:  Priority(orElse(p.Priority, string(Medium))),
		Title:     p.Title,
		Body:      p.Body,
		CreatedAt: p.CreatedAt,
		ExpiresAt: p.ExpiresAt,
		Channels:  p.Channels,
		Address:   c.address(p.Address),
		Topic:     c.topic(p.Topic),
		SendAt:    p.SendAt,
		Trace:     p.Trace,
	}
	c.that(len(p.Channels) <= maxChannels, "channels", "too_many", "must name each channel once")
	if d.CreatedAt.IsZero() {
		d.CreatedAt = now
	}
	c.text("eventId", d.EventID, len(d.EventID), MaxEventID, "bytes")
	c.that(oneLine(d.Title, MaxTitle) != "" || p.Template != "", "title", "required", "must be given") // a blank one is no subject and no text message
	c.length("title", utf8.RuneCountInString(d.Title), MaxTitle, "characters")
	c.length("body", utf8.RuneCountInString(d.Body), MaxBody, "characters")
	c.that(d.Category.Known(), "category", "unknown_value", "must be general, sos, system, campaign, donation or volunteer")
	c.that(d.Priority.Known(), "priority", "unknown_value", "must be low, medium, high or critical")
	c.that(plausible(d.CreatedAt), "createdAt", "out_of_range", "must be a time between 2000 and 2200")
	c.expiry(d.ExpiresAt, now)
	c.sending(d, now)
	d.Data = c.data(p.Data, string(d.Category))
	return d, c.wrong
}

// recipients: who has an address needs no account.
func (c *check) recipients(p Proposal) []UserID {
	if p.Address == nil && p.Topic == "" {
		return c.users(p.Users)
	}
	c.that(len(p.Users) == 0, "userIds", "conflict", "must be left out beside an address or a topic")
	return nil
}

func (c *check) topic(name string) Room {
	if name == "" {
		return ""
	}
	room, ok := ParseRoom(topicRoom + name)
	c.that(ok, "topic", "invalid_format", "must be 1 to 122 of a to z, A to Z, 0 to 9, '.', '_', ':', '-'")
	return room
}

// furthest is how far ahead something may be scheduled: beyond it is a slip of the pen.
const furthest = 366 * 24 * time.Hour

// sending: a time that has passed is now, as for a request that took its time.
func (c *check) sending(d Draft, now time.Time) {
	if d.SendAt == nil {
		return
	}
	c.that(plausible(*d.SendAt) && d.SendAt.Sub(now) <= furthest, "sendAt", "out_of_range", "must be within a year")
	c.that(d.ExpiresAt == nil || d.ExpiresAt.After(*d.SendAt), "expiresAt", "out_of_range", "must be after sendAt")
}

// maxChannels: socket, push, sms, email, and some that are not known yet.
const maxChannels = 16

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
