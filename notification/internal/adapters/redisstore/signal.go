package redisstore

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// signalVersion: instances of two versions run side by side during a roll-out.
// What a newer one says in another form is not understood, and found by the sweeper.
const signalVersion = 1

type signalWire struct {
	Version       int                `json:"v"`
	Notifications []notificationWire `json:"notifications,omitempty"`
	Changes       []changeWire       `json:"changes,omitempty"`
	Evicted       []domain.SocketID  `json:"evicted,omitempty"`
	Events        []eventWire        `json:"events,omitempty"`
	Closed        []closingWire      `json:"closed,omitempty"`
	Erased        []domain.UserID    `json:"erased,omitempty"`
}

type eventWire struct {
	ID   string          `json:"id"`
	Room domain.Room     `json:"room"`
	Name string          `json:"event"`
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"`
}

type closingWire struct {
	ID    string          `json:"id"`
	Room  domain.Room     `json:"room"`
	Users []domain.UserID `json:"users,omitempty"`
}

type notificationWire struct {
	ID        domain.NotificationID `json:"id"`
	User      domain.UserID         `json:"user"`
	Seq       domain.Seq            `json:"seq"`
	Category  domain.Category       `json:"category"`
	Priority  domain.Priority       `json:"priority"`
	Title     string                `json:"title"`
	Body      string                `json:"body"`
	Data      json.RawMessage       `json:"data"`
	CreatedAt time.Time             `json:"createdAt"`
	StoredAt  time.Time             `json:"storedAt"`
	ExpiresAt *time.Time            `json:"expiresAt,omitempty"`
	ReadAt    *time.Time            `json:"readAt,omitempty"`
	Trace     string                `json:"trace,omitempty"`
}

type changeWire struct {
	User   domain.UserID           `json:"user"`
	Kind   domain.ChangeKind       `json:"kind"`
	IDs    []domain.NotificationID `json:"ids"`
	Unread int                     `json:"unread"`
}

func encodeSignal(s domain.Signal) ([]byte, error) {
	w := signalWire{Version: signalVersion, Evicted: s.Evicted, Erased: s.Erased}
	for _, n := range s.Notifications {
		w.Notifications = append(w.Notifications, notificationWire(n))
	}
	for _, c := range s.Changes {
		w.Changes = append(w.Changes, changeWire(c))
	}
	for _, e := range s.Events {
		w.Events = append(w.Events, eventWire(e))
	}
	for _, c := range s.Closed {
		w.Closed = append(w.Closed, closingWire(c))
	}
	payload, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encode a signal: %w", err)
	}
	return payload, nil
}

func decodeSignal(payload []byte) (domain.Signal, bool) {
	var w signalWire
	if json.Unmarshal(payload, &w) != nil || w.Version != signalVersion {
		return domain.Signal{}, false
	}
	s := domain.Signal{Evicted: w.Evicted, Erased: w.Erased}
	for _, n := range w.Notifications {
		s.Notifications = append(s.Notifications, domain.Notification(n))
	}
	for _, c := range w.Changes {
		s.Changes = append(s.Changes, domain.Change(c))
	}
	for _, e := range w.Events {
		s.Events = append(s.Events, domain.Event(e))
	}
	for _, c := range w.Closed {
		s.Closed = append(s.Closed, domain.Closing(c))
	}
	return s, true
}
