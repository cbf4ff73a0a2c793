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
	APNs         *apple            `json:"apns,omitempty"` // of a device that Firebase reaches through Apple
}

type shown struct {
	Title string `json:"title"`
	Body  string `json:"body,omitempty"`
}

type android struct {
	// CollapseKey is only for what has one: FCM keeps four at most for a device that is away.
	CollapseKey  string `json:"collapse_key,omitempty"`
	Priority     string `json:"priority"` // HIGH wakes a device that dozes
	TTL          string `json:"ttl"`
	Notification drawer `json:"notification"`
}

// drawer: a notification takes the place of the one with the same tag.
type drawer struct {
	Tag string `json:"tag"`
}

type apple struct {
	Headers map[string]string `json:"headers"`
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
			TTL:          strconv.FormatInt(int64(p.TTL(now)/time.Second), 10) + "s",
			Notification: drawer{p.ShownAs()},
		},
		APNs: appleOf(p),
	}}
}

// maxCollapseID is Apple's, in bytes.
const maxCollapseID = 64

func appleOf(p domain.Parcel) *apple {
	id := p.ShownAs()
	if len(id) > maxCollapseID {
		return nil
	}
	return &apple{map[string]string{"apns-collapse-id": id}}
}
