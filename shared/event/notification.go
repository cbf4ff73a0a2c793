// Package event holds the contracts between services: versioned JSON that one
// writes and another reads. Domain types never cross the wire.
package event

import "time"

// MaxNotifications is the most items that one intake request carries.
const MaxNotifications = 500

// Notifications is the body of POST /internal/notifications.
type Notifications struct {
	Items []Notification `json:"items"`
}

// Notification asks the notification service to tell people something. The
// pair (EventID, user) is delivered once, however often it is sent.
type Notification struct {
	EventID   string         `json:"eventId"`
	UserIDs   []string       `json:"userIds"`
	Category  string         `json:"category"`
	Priority  string         `json:"priority"`
	Title     string         `json:"title"`
	Body      string         `json:"body"`
	Data      map[string]any `json:"data"`
	CreatedAt time.Time      `json:"createdAt"`
	ExpiresAt *time.Time     `json:"expiresAt,omitempty"`
	// Channels says how to reach them: socket, push, sms, email. Nil leaves it to
	// the category and the priority; a receiver that knows none of it may ignore it.
	Channels []string `json:"channels,omitempty"`
}

// Accepted is the 202 answer: how many (event, user) pairs are now in inboxes, repeats included.
type Accepted struct {
	Accepted int `json:"accepted"`
}
