package domain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// Room is the name of what sockets listen to together: "sos:" and the id of a
// ticket, or "topic:" and a name.
type Room string

const (
	sosRoom   = "sos:"
	topicRoom = "topic:"
	// maxRoom is the longest name, in bytes.
	maxRoom = 128
)

// ParseRoom takes a name in the one form that it has: ids in small letters.
func ParseRoom(text string) (Room, bool) {
	if id, ok := strings.CutPrefix(text, sosRoom); ok {
		canonical, ok := parseUUID(id)
		return Room(text), ok && canonical == id
	}
	topic, ok := strings.CutPrefix(text, topicRoom)
	return Room(text), ok && topic != "" && len(text) <= maxRoom && consistsOf(topic, small+big+digits+"._:-")
}

// Owned tells whether another service decides who may listen; topics are open
// to everybody who is signed in.
func (r Room) Owned() bool { return strings.HasPrefix(string(r), sosRoom) }

const (
	small  = "abcdefghijklmnopqrstuvwxyz"
	big    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

func consistsOf(text, allowed string) bool { return strings.Trim(text, allowed) == "" }

// Event is something that happens in a room. Who is there hears of it; it is not kept.
type Event struct {
	ID   string // the same event comes with the same one
	Room Room
	Name string
	At   time.Time
	Data json.RawMessage // a JSON object
}

// Located is the event that brings a position.
const Located = "location"

// Bounds of an event.
const (
	maxEventName = 64
	maxEventID   = 128
	maxEventData = 16 << 10 // bytes
)

// NewEvent takes what another service has sent, or names what is wrong with it.
func NewEvent(e Event) (Event, error) {
	var c check
	c.room(string(e.Room))
	c.that(e.Name != "" && len(e.Name) <= maxEventName && consistsOf(e.Name, small+digits+"._"),
		"event", "invalid_format", "must be 1 to 64 of a to z, 0 to 9, '.', '_'")
	c.that(e.ID != "" && len(e.ID) <= maxEventID && isVisible(e.ID), "id", "invalid_format", "must be 1 to 128 visible ASCII characters")
	c.that(plausible(e.At), "at", "out_of_range", "must be a time between 2000 and 2200")
	c.length("data", len(e.Data), maxEventData, "bytes")
	c.that(bytes.HasPrefix(bytes.TrimSpace(e.Data), []byte{'{'}), "data", "invalid_type", "must be an object")
	if len(c.wrong) > 0 {
		return Event{}, fault.NewInvalid(c.wrong...)
	}
	return e, nil
}

func isVisible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

func (c *check) room(name string) Room {
	room, ok := ParseRoom(name)
	c.that(ok, "room", "invalid_format", "must be sos: and the id of a ticket, or topic: and a name")
	return room
}

// Closing puts everybody out of a room, or only the users named.
type Closing struct {
	ID    string // the same closing comes with the same one
	Room  Room
	Users []UserID // none: everybody
}

// Concerns tells whether the user is put out.
func (c Closing) Concerns(user UserID) bool {
	return len(c.Users) == 0 || slices.Contains(c.Users, user)
}

// maxClosed is how many users one closing names.
const maxClosed = 100

// NewClosing takes what another service has sent, or names what is wrong with it.
func NewClosing(id, room string, users []string) (Closing, error) {
	var c check
	closing := Closing{ID: id, Room: c.room(room)}
	c.that(len(users) <= maxClosed, "userIds", "too_many", fmt.Sprintf("must name at most %d users", maxClosed))
	for i, text := range users[:min(len(users), maxClosed)] {
		id, ok := ParseUserID(text)
		c.that(ok, fmt.Sprintf("userIds[%d]", i), "invalid_format", "must be a user's id")
		closing.Users = append(closing.Users, id)
	}
	if len(c.wrong) > 0 {
		return Closing{}, fault.NewInvalid(c.wrong...)
	}
	return closing, nil
}
