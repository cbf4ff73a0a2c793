package fcm

import (
	"strconv"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/exchange"
)

// envelope is the body of messages:send.
type envelope struct {
	Message message `json:"message"`
}

type message struct {
	Token        string            `json:"token"`
	Data         map[string]string `json:"data"` // strings only
	Notification shown             `json:"notification"`
	Android      android           `json:"android"`
}

type shown struct {
	Title string `json:"title"`
	Body  string `json:"body,omitempty"`
}

type android struct {
	CollapseKey string `json:"collapse_key,omitempty"`
	Priority    string `json:"priority"` // HIGH wakes a device that dozes
	TTL         string `json:"ttl"`
}

// Both together, escaped, leave room for the data below FCM's 4,096 bytes.
const (
	maxTitle = 200
	maxText  = 1500
)

func envelopeOf(p domain.Parcel, now time.Time) envelope {
	priority := "NORMAL"
	if p.Priority == domain.Critical || p.Priority == domain.High {
		priority = "HIGH"
	}
	data := map[string]string{
		"notificationId": string(p.Notification), "seq": strconv.FormatInt(int64(p.Seq), 10),
		"category": string(p.Category), "kind": p.Kind,
	}
	if p.TicketID != "" {
		data["ticketId"] = p.TicketID
	}
	return envelope{message{
		Token: p.To.Token, Data: data,
		Notification: shown{Title: exchange.Trim(p.Title, maxTitle), Body: exchange.Trim(p.Text, maxText)},
		Android: android{
			CollapseKey: p.CollapseKey, Priority: priority,
			TTL: strconv.FormatInt(int64(p.TTL(now)/time.Second), 10) + "s",
		},
	}}
}
