package world

import (
	"encoding/json"
	"time"
)

// What the contract says, in the types of a client: test code never shares the services' own.

// User is an account as its owner sees it.
type User struct {
	ID            string    `json:"id"`
	Email         string    `json:"email"`
	EmailVerified bool      `json:"emailVerified"`
	Role          string    `json:"role"`
	FirstName     string    `json:"firstName"`
	LastName      string    `json:"lastName"`
	Locale        string    `json:"locale"`
	Timezone      string    `json:"timezone"`
	CreatedAt     time.Time `json:"createdAt"`
	UpdatedAt     time.Time `json:"updatedAt"`
}

// AuthResult is what signing in brings.
type AuthResult struct {
	User          User   `json:"user"`
	AccessToken   string `json:"accessToken"`
	TokenType     string `json:"tokenType"`
	ExpiresIn     int    `json:"expiresIn"`
	RefreshToken  string `json:"refreshToken"`
	SessionID     string `json:"sessionId"`
	DeviceToken   string `json:"deviceToken"`
	SOSCredential string `json:"sosCredential"`
}

// Contact is somebody whom the owner trusts; the token and the URL come only with a new one.
type Contact struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Status      string `json:"status"`
	InviteToken string `json:"inviteToken"`
	InviteURL   string `json:"inviteUrl"`
}

// Acceptance is what the invited one is told.
type Acceptance struct {
	ID        string `json:"id"`
	Status    string `json:"status"`
	OwnerName string `json:"ownerName"`
}

// Fix is a place at a time.
type Fix struct {
	Latitude  float64  `json:"latitude"`
	Longitude float64  `json:"longitude"`
	Accuracy  *float64 `json:"accuracy,omitempty"`
}

// Alarm is what a trigger sends.
type Alarm struct {
	EmergencyType    string `json:"emergencyType,omitempty"`
	Description      string `json:"description,omitempty"`
	Location         *Fix   `json:"location,omitempty"`
	CountdownSeconds int    `json:"countdownSeconds,omitempty"`
	Drill            bool   `json:"drill,omitempty"`
}

// Actor is somebody as a ticket shows them.
type Actor struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Ticket is one call for help.
type Ticket struct {
	ID             string     `json:"id"`
	Status         string     `json:"status"`
	Priority       string     `json:"priority"`
	EmergencyType  string     `json:"emergencyType"`
	Reporter       Actor      `json:"reporter"`
	Location       *Fix       `json:"location"`
	AcknowledgedAt *time.Time `json:"acknowledgedAt"`
	AcknowledgedBy *Actor     `json:"acknowledgedBy"`
	Outcome        *string    `json:"outcome"`
	CreatedAt      time.Time  `json:"createdAt"`
	ClosedAt       *time.Time `json:"closedAt"`
	Version        int64      `json:"version"`
}

// Triggered is the answer to a trigger.
type Triggered struct {
	Ticket           Ticket    `json:"ticket"`
	Durability       string    `json:"durability"`
	ContactsNotified int       `json:"contactsNotified"`
	Warnings         []Warning `json:"warnings"`
	EmergencyNumbers []struct {
		Service, Number, Source string
	} `json:"emergencyNumbers"`
}

// Warning is what a trigger could not use.
type Warning struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Notification is one entry of an inbox.
type Notification struct {
	ID        string         `json:"id"`
	Seq       int64          `json:"seq"`
	Category  string         `json:"category"`
	Priority  string         `json:"priority"`
	Title     string         `json:"title"`
	Body      string         `json:"body"`
	Data      map[string]any `json:"data"`
	CreatedAt time.Time      `json:"createdAt"`
	ReadAt    *time.Time     `json:"readAt"`
	ExpiresAt *time.Time     `json:"expiresAt"`
}

// Kind is what the notification is about: sos.triggered.
func (n Notification) Kind() string { kind, _ := n.Data["kind"].(string); return kind }

// TicketID is the ticket that it is about, "" for none.
func (n Notification) TicketID() string { id, _ := n.Data["ticketId"].(string); return id }

// Inbox is a page of notifications, newest first.
type Inbox struct {
	Items       []Notification `json:"items"`
	NextCursor  *string        `json:"nextCursor"`
	UnreadCount int            `json:"unreadCount"`
}

// Frame is what comes over the socket; Type says which fields count.
type Frame struct {
	Type         string        `json:"type"`
	Seq          int64         `json:"seq"`
	Notification *Notification `json:"notification"`
	UserID       string        `json:"userId"`
	ConnectionID string        `json:"connectionId"`
	ExpiresAt    time.Time     `json:"expiresAt"`
	IDs          []string      `json:"ids"`
	UnreadCount  int           `json:"unreadCount"`
	Code         string        `json:"code"`
	Detail       string        `json:"detail"`

	Raw json.RawMessage `json:"-"`
}
