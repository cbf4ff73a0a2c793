package webpush

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	push "github.com/SherClockHolmes/webpush-go"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/exchange"
)

// message is what the app's service worker gets.
type message struct {
	NotificationID string `json:"notificationId"`
	Seq            int64  `json:"seq"`
	Category       string `json:"category"`
	Kind           string `json:"kind"`
	TicketID       string `json:"ticketId,omitempty"`
	Title          string `json:"title"`
	Body           string `json:"body,omitempty"`
}

const (
	maxTitle = 200
	maxText  = 1500
	// maxMessage is what fits into the 4,096 bytes that every push service takes
	// (RFC 8030 section 7.2), beside the header of 86 bytes, the tag of 16 and the
	// delimiter of one (RFC 8188 section 2).
	maxMessage = 4096 - 86 - 16 - 1
)

// payload trims what the person reads until it fits.
func payload(p domain.Parcel) ([]byte, error) {
	m := message{
		NotificationID: string(p.Notification), Seq: int64(p.Seq), Category: string(p.Category), Kind: p.Kind, TicketID: p.TicketID,
		Title: exchange.Trim(p.Title, maxTitle),
	}
	for limit := maxText; ; limit /= 2 {
		m.Body = ""
		if limit >= len("…") {
			m.Body = exchange.Trim(p.Text, limit)
		}
		sealed, err := exchange.Encode(m)
		if err != nil || len(sealed) <= maxMessage {
			return sealed, err
		}
		if m.Body == "" { // the app fetches the rest by its id
			m.Kind, m.TicketID = exchange.Trim(m.Kind, maxTitle), ""
		}
	}
}

const (
	// alarmTTL: whoever comes back after a day need not be woken by an alarm's push.
	alarmTTL = 24 * time.Hour
	// longestTopic is the limit of RFC 8030 section 5.4.
	longestTopic = 32
)

// seconds is for how long the push service keeps the message (RFC 8030 section 5.2).
func seconds(p domain.Parcel, now time.Time) int {
	if p.ExpiresAt == nil && p.Category == domain.SOS {
		return int(alarmTTL / time.Second)
	}
	return int(p.TTL(now) / time.Second)
}

// urgency is what the device's battery is worth (RFC 8030 section 5.3).
func urgency(p domain.Priority) push.Urgency {
	switch p {
	case domain.Critical, domain.High:
		return push.UrgencyHigh
	case domain.Low:
		return push.UrgencyLow
	}
	return push.UrgencyNormal
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// topic is the collapse key in the form of RFC 8030 section 5.4: at most 32
// characters of base64url. Another key becomes its digest.
func topic(collapse string) string {
	if len(collapse) <= longestTopic && strings.Trim(collapse, base64URL) == "" {
		return collapse
	}
	digest := sha256.Sum256([]byte(collapse))
	return base64.RawURLEncoding.EncodeToString(digest[:])[:longestTopic]
}
