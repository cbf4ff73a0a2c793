// Package wire gives notifications the JSON form that clients see, over HTTP
// and over sockets alike.
package wire

import (
	"encoding/json"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Time is written as RFC 3339 in UTC with milliseconds.
type Time time.Time

const layout = `"2006-01-02T15:04:05.000Z"`

// MarshalJSON writes the time.
func (t Time) MarshalJSON() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(make([]byte, 0, len(layout)), layout), nil
}

// Notification is one entry of an inbox.
type Notification struct {
	ID        string          `json:"id"`
	Seq       int64           `json:"seq"`
	Category  string          `json:"category"`
	Priority  string          `json:"priority"`
	Title     string          `json:"title"`
	Body      string          `json:"body"`
	Data      json.RawMessage `json:"data"`
	CreatedAt Time            `json:"createdAt"`
	ReadAt    *Time           `json:"readAt"`
	ExpiresAt *Time           `json:"expiresAt"`
}

// Of is how n is written.
func Of(n domain.Notification) Notification {
	return Notification{
		ID: string(n.ID), Seq: int64(n.Seq), Category: string(n.Category), Priority: string(n.Priority),
		Title: n.Title, Body: n.Body, Data: n.Data,
		CreatedAt: Time(n.CreatedAt), ReadAt: optional(n.ReadAt), ExpiresAt: optional(n.ExpiresAt),
	}
}

func optional(t *time.Time) *Time {
	return (*Time)(t)
}
