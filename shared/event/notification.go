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
	// Address is somebody without an account, in place of UserIDs. They have agreed
	// to be written to there, or Data's url asks them for that; the pair (EventID,
	// address) is delivered once.
	Address *Address `json:"address,omitempty"`
	// Channels says how to reach them: socket, push, sms, email. Nil leaves it to
	// the category and the priority; a receiver that knows none of it may ignore it.
	Channels []string `json:"channels,omitempty"`
	// Traceparent is the trace that it belongs to (W3C Trace Context); "" where nobody follows it.
	Traceparent string `json:"traceparent,omitempty"`
}

// Address is where somebody without an account can be told.
type Address struct {
	Channel string `json:"channel"` // email or sms
	To      string `json:"to"`      // an address, or a number in E.164
	Locale  string `json:"locale,omitempty"`
}

// Accepted is the 202 answer: how many (event, user) and (event, address) pairs
// are stored now, repeats included.
type Accepted struct {
	Accepted int `json:"accepted"`
	// NoChannel are the places in the request, from 0, of the items to an Address
	// on whose channel nothing can be sent here. They are not stored: whoever sent
	// them keeps them, and sends them again later.
	NoChannel []int `json:"noChannel,omitempty"`
}
