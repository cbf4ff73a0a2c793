package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

const (
	// roomChannel is one of its own: what is said there may be lost, marks may not wait behind it.
	roomChannel = "notification_rooms"
	// maxPayload is what NOTIFY takes, in bytes.
	maxPayload = 7_999
)

// roomWire is one thing that happens in a room.
type roomWire struct {
	ID   string      `json:"i"`
	Room domain.Room `json:"r"`

	Users []domain.UserID `json:"u,omitempty"` // of a closing

	Name string          `json:"e,omitempty"` // "" = it is a closing
	At   time.Time       `json:"t,omitzero"`
	Data json.RawMessage `json:"d,omitempty"`
}

func (a *Alerts) raiseInRooms(ctx context.Context, alert domain.Alert) error {
	var said []roomWire
	for _, c := range alert.Closed {
		said = append(said, roomWire{ID: c.ID, Room: c.Room, Users: c.Users}) // 100 users take 3,900 bytes
	}
	for _, e := range alert.Events {
		said = append(said, roomWire{Room: e.Room, ID: e.ID, Name: e.Name, At: e.At, Data: e.Data})
	}
	for _, wire := range said {
		payload, err := json.Marshal(wire)
		if err != nil {
			return fmt.Errorf("encode what happens in a room: %w", err)
		}
		if len(payload) > maxPayload {
			continue
		}
		if err := a.db.Notify(ctx, roomChannel, string(payload)); err != nil {
			return fmt.Errorf("tell what happens in a room: %w", err)
		}
	}
	return nil
}

func roomsIn(payload string) domain.Alert {
	var w roomWire
	switch {
	case json.Unmarshal([]byte(payload), &w) != nil || w.Room == "":
		return domain.Alert{}
	case w.Name == "":
		return domain.Alert{Closed: []domain.Closing{{ID: w.ID, Room: w.Room, Users: w.Users}}}
	}
	return domain.Alert{Events: []domain.Event{{ID: w.ID, Room: w.Room, Name: w.Name, At: w.At, Data: w.Data}}}
}
