package notificationclient

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/peer"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	eventsPath = "/internal/rooms/events"
	closePath  = "/internal/rooms/close"
)

// Rooms is a ports.Rooms. It has connections and breakers of its own: what is
// only shown must not be in an alarm's way.
type Rooms struct{ notification *peer.Service }

var _ ports.Rooms = (*Rooms)(nil)

// NewRooms refuses a hole. Close when done.
func NewRooms(c Config) (*Rooms, error) {
	notification, err := open(c)
	if err != nil {
		return nil, err
	}
	return &Rooms{notification}, nil
}

// Close gives the kept connections up.
func (r *Rooms) Close() error { return r.notification.Close() }

// Tell implements ports.Rooms.
func (r *Rooms) Tell(ctx context.Context, e domain.LiveEvent) error {
	data, err := json.Marshal(liveData(e))
	if err != nil {
		return fmt.Errorf("%w: %w", ports.ErrRefused, err)
	}
	return r.anywhere(ctx, eventsPath, event.RoomEvent{
		ID: idgen.V5(string(e.Ticket), e.Key), Room: event.SOSRoom + string(e.Ticket), Event: string(e.Kind), At: e.At, Data: data,
	})
}

// CloseRoom implements ports.Rooms.
func (r *Rooms) CloseRoom(ctx context.Context, id domain.TicketID, users ...domain.UserID) error {
	closing := event.RoomClose{Room: event.SOSRoom + string(id)}
	for _, user := range users {
		closing.UserIDs = append(closing.UserIDs, string(user))
	}
	return r.anywhere(ctx, closePath, closing)
}

// anywhere sends to the first copy that takes it.
func (r *Rooms) anywhere(ctx context.Context, path string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%w: %w", ports.ErrRefused, err)
	}
	return r.notification.Post(ctx, path, body, verdict)
}

// liveJSON is what clients get as the data of a room's event.
type liveJSON struct {
	TicketID        string     `json:"ticketId"`
	Status          string     `json:"status"`
	Priority        string     `json:"priority"`
	EscalationLevel int        `json:"escalationLevel"`
	Version         int        `json:"version"`
	At              timestamp  `json:"at"`
	Kind            string     `json:"kind,omitempty"` // of the timeline's event
	Seq             int        `json:"seq,omitempty"`
	Actor           *actorJSON `json:"actor,omitempty"`
	Note            string     `json:"note,omitempty"`
	Location        *placeJSON `json:"location,omitempty"`
}

type actorJSON struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// placeJSON is a LocationFix of the API.
type placeJSON struct {
	Latitude   float64    `json:"latitude"`
	Longitude  float64    `json:"longitude"`
	Accuracy   *float64   `json:"accuracy,omitempty"`
	Altitude   *float64   `json:"altitude,omitempty"`
	Speed      *float64   `json:"speed,omitempty"`
	Heading    *float64   `json:"heading,omitempty"`
	Battery    *float64   `json:"battery,omitempty"`
	Source     string     `json:"source,omitempty"`
	CapturedAt *timestamp `json:"capturedAt,omitempty"`
}

func liveData(e domain.LiveEvent) liveJSON {
	data := liveJSON{
		TicketID: string(e.Ticket), Status: string(e.Status), Priority: string(e.Priority), EscalationLevel: e.Level, Version: e.Version,
		At: timestamp(e.At), Kind: string(e.Event.Kind), Seq: e.Event.Seq,
	}
	if e.Event.Kind != "" {
		data.Actor = &actorJSON{e.Event.By.Kind(), e.Event.By.Name}
		data.Note, _ = e.Event.Data["note"].(string)
	}
	if e.Place != nil {
		data.Location = place(*e.Place)
	}
	return data
}

func place(l domain.Location) *placeJSON {
	return &placeJSON{l.Latitude, l.Longitude, l.Accuracy, l.Altitude, l.Speed, l.Heading, l.Battery, l.Source, (*timestamp)(l.CapturedAt)}
}
