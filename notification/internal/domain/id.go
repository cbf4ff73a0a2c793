package domain

import "strings"

type (
	// UserID names a person: the sub of an access token.
	UserID string
	// NotificationID names one notification in one inbox.
	NotificationID string
	// SessionID names a signed-in device: the sid of an access token.
	SessionID string
	// SocketID names one connection, in Redis and to its client.
	SocketID string
	// InstanceID names one running process of this service.
	InstanceID string
)

// Seq is a notification's place in its user's inbox: 1, 2, 3 … without a gap,
// in the order of the commits. Only after a failover of the store it leaps.
type Seq int64

// leap is more than any inbox holds, and less than a leap of the store's.
const leap Seq = 1 << 31

// Leaps tells whether a failover lies between seq and the next one that there
// is: what the store gave in between it has lost, and gives to nobody again.
func (s Seq) Leaps(next Seq) bool { return next-s >= leap }

// uuidLength is that of the text form (RFC 9562 section 4).
const uuidLength = 36

// ParseUserID takes a UUID in any case and gives its canonical, small form.
func ParseUserID(text string) (UserID, bool) {
	id, ok := parseUUID(text)
	return UserID(id), ok
}

// ParseNotificationID takes a UUID in any case and gives its canonical, small form.
func ParseNotificationID(text string) (NotificationID, bool) {
	id, ok := parseUUID(text)
	return NotificationID(id), ok
}

// ParseDeliveryID takes a UUID in any case and gives its canonical, small form.
func ParseDeliveryID(text string) (DeliveryID, bool) {
	id, ok := parseUUID(text)
	return DeliveryID(id), ok
}

func parseUUID(text string) (string, bool) {
	if len(text) != uuidLength {
		return "", false
	}
	for i := range len(text) {
		if !isUUIDByte(i, text[i]) {
			return "", false
		}
	}
	return strings.ToLower(text), true
}

func isUUIDByte(at int, c byte) bool {
	switch at {
	case 8, 13, 18, 23:
		return c == '-'
	}
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
