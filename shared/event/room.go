package event

import (
	"encoding/json"
	"time"
)

// Rooms are what sockets listen to together: "sos:{ticketId}", owned by the sos
// service, and "topic:{name}". Every request about them needs a service token.
const (
	SOSRoom   = "sos:"   // + the ticket's id in small letters
	TopicRoom = "topic:" // + a name

	// MaxRoom is the longest name of a room, in visible ASCII characters.
	MaxRoom = 128
	// MaxRoomData is the most that one event carries, in bytes.
	MaxRoomData = 16 << 10
)

// What happens in a room of the sos service.
const (
	RoomLocation     = "location" // at most one a second is passed on, the newest
	RoomStatus       = "status"
	RoomAcknowledged = "acknowledged"
	RoomComment      = "comment"
)

// RoomNotFound is the code of the 404 with which an owner says no.
const RoomNotFound = "room_not_found"

// RoomMember asks the owner of a room whether somebody may listen: POST
// /internal/rooms/authorize, 204 yes, 404 room_not_found no or no such room.
// Anything else decides nothing.
type RoomMember struct {
	Room   string `json:"room"`
	UserID string `json:"userId"`
	Role   string `json:"role"` // as the access token says
}

// RoomEvent tells those in the room: POST /internal/rooms/events of any copy of
// the notification service, 204 once it is on its way. It is passed on as it
// comes, to whom is connected at that moment, and is not kept; whoever must hear
// of it gets a notification. Sent again under the same ID it is passed on once.
type RoomEvent struct {
	ID    string          `json:"id"`
	Room  string          `json:"room"`
	Event string          `json:"event"` // a to z, 0 to 9, . and _, at most 64
	At    time.Time       `json:"at"`
	Data  json.RawMessage `json:"data"` // a JSON object
}

// RoomClose puts everybody out of the room, or only those named: POST
// /internal/rooms/close, 204. Whoever joins later is asked for anew.
type RoomClose struct {
	Room    string   `json:"room"`
	UserIDs []string `json:"userIds,omitempty"` // none: everybody; at most 100
}
