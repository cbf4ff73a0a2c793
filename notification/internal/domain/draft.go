package domain

import (
	"encoding/json"
	"fmt"
	"slices"
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

// check collects what is wrong with a draft.
type check struct {
	prefix string
	wrong  []fault.Field
}

func (c *check) that(ok bool, field, code, message string) {
	if !ok {
		c.wrong = append(c.wrong, fault.Field{Field: c.prefix + field, Code: code, Message: message})
	}
}

func (c *check) text(field, value string, length, limit int, unit string) {
	c.that(value != "", field, "required", "must be given")
	c.length(field, length, limit, unit)
}

func (c *check) length(field string, length, limit int, unit string) {
	c.that(length <= limit, field, "too_long", fmt.Sprintf("must have at most %d %s", limit, unit))
}

// users gives each recipient once, in order of their ids.
func (c *check) users(texts []string) []UserID {
	c.that(len(texts) > 0, "userIds", "required", "must name at least one user")
	if len(texts) > MaxUsers {
		c.that(false, "userIds", "too_many", fmt.Sprintf("must name at most %d users", MaxUsers))
		return nil
	}
	users := make([]UserID, 0, len(texts))
	for i, text := range texts {
		id, ok := ParseUserID(text)
		c.that(ok, fmt.Sprintf("userIds[%d]", i), "invalid_format", "must be a user's id")
		users = append(users, id)
	}
	slices.Sort(users)
	return slices.Compact(users)
}

func (c *check) expiry(at *time.Time, now time.Time) {
	if at == nil {
		return
	}
	c.that(plausible(*at), "expiresAt", "out_of_range", "must be a time between 2000 and 2200")
	c.that(at.After(now), "expiresAt", "in_the_past", "must be in the future")
}

// data makes sure of a kind, which clients branch on. Members stay as they were
// written: a number may have more digits than a float64 holds.
func (c *check) data(raw json.RawMessage, fallback string) json.RawMessage {
	members := map[string]json.RawMessage{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &members); err != nil {
			c.that(false, "data", "invalid_type", "must be an object")
			return nil
		}
	}
	if members == nil { // null
		members = map[string]json.RawMessage{}
	}
	kind := fallback
	if given, ok := members["kind"]; ok {
		err := json.Unmarshal(given, &kind)
		c.that(err == nil && kind != "" && len(kind) <= MaxKind, "data.kind", "invalid_format", "must be a short text")
	}
	members["kind"] = quoted(kind)
	encoded, err := json.Marshal(members)
	c.that(err == nil, "data", "invalid_type", "must be an object")
	c.length("data", len(encoded), MaxData, "bytes")
	return encoded
}

func quoted(text string) json.RawMessage {
	encoded, _ := json.Marshal(text) // a string always encodes
	return encoded
}

// Entry is a draft on its way into one inbox.
type Entry struct {
	ID    NotificationID
	User  UserID
	Draft *Draft
}
