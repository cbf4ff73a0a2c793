package apns

import (
	"net/http"
	"strconv"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/exchange"
)

// payload is what the device gets: Apple's part, and ours for the app.
type payload struct {
	APS            aps    `json:"aps"`
	NotificationID string `json:"notificationId"`
	Seq            int64  `json:"seq"`
	Category       string `json:"category"`
	Kind           string `json:"kind"`
	TicketID       string `json:"ticketId,omitempty"`
}

type aps struct {
	Alert alert  `json:"alert"`
	Sound string `json:"sound,omitempty"`
	// Interruption time-sensitive breaks through Focus; "critical" would need an
	// entitlement that Apple gives out one by one.
	Interruption string `json:"interruption-level"`
}

type alert struct {
	Title string `json:"title"`
	Body  string `json:"body,omitempty"`
}

// Both together, escaped, leave room for the rest below Apple's 4,096 bytes.
const (
	maxTitle = 200
	maxText  = 1500
)

func payloadOf(p domain.Parcel) payload {
	made := payload{
		APS:            aps{Alert: alert{exchange.Trim(p.Title, maxTitle), exchange.Trim(p.Text, maxText)}, Interruption: "active"},
		NotificationID: string(p.Notification), Seq: int64(p.Seq), Category: string(p.Category), Kind: p.Kind, TicketID: p.TicketID,
	}
	if urgent(p) {
		made.APS.Sound, made.APS.Interruption = "default", "time-sensitive"
	}
	return made
}

func urgent(p domain.Parcel) bool { return p.Priority == domain.Critical || p.Priority == domain.High }

const (
	atOnce        = "10"
	whenSuits     = "5"
	maxCollapseID = 64 // bytes
)

func headersOf(p domain.Parcel, topic string, now time.Time) http.Header {
	h := http.Header{}
	h.Set("apns-topic", topic)
	h.Set("apns-push-type", "alert")
	h.Set("apns-id", string(p.ID)) // the same again: Apple's answers name it
	h.Set("apns-priority", whenSuits)
	if urgent(p) {
		h.Set("apns-priority", atOnce)
	}
	h.Set("apns-expiration", strconv.FormatInt(now.Add(p.TTL(now)).Unix(), 10))
	if id := p.ShownAs(); len(id) <= maxCollapseID {
		h.Set("apns-collapse-id", id)
	}
	h.Set("Content-Type", "application/json")
	return h
}
