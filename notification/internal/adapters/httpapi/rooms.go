package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/strictjson"
)

// maxRoomBody is the largest body about a room: an event's data and what is around it.
const maxRoomBody = event.MaxRoomData + 4<<10

// roomEvent is event.RoomEvent.
type roomEvent struct {
	ID    string          `json:"id"`
	Room  string          `json:"room"`
	Event string          `json:"event"`
	At    time.Time       `json:"at"`
	Data  json.RawMessage `json:"data"`
}

// roomEvent is POST /internal/rooms/events.
func (a *api) roomEvent(w http.ResponseWriter, r *http.Request) error {
	var body roomEvent
	if err := strictjson.Decode(w, r, &body, strictjson.MaxBytes(maxRoomBody)); err != nil {
		return err
	}
	if !mayHost(r, body.Room) {
		return servicetoken.ErrForbidden
	}
	err := a.app.Happen(domain.Event{ID: body.ID, Room: domain.Room(body.Room), Name: body.Event, At: body.At, Data: body.Data})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// closeRoom is POST /internal/rooms/close.
func (a *api) closeRoom(w http.ResponseWriter, r *http.Request) error {
	var body event.RoomClose
	if err := strictjson.Decode(w, r, &body, strictjson.MaxBytes(maxRoomBody)); err != nil {
		return err
	}
	if !mayHost(r, body.Room) {
		return servicetoken.ErrForbidden
	}
	if err := a.app.CloseRoom(body.Room, body.UserIDs); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// mayHost: what happens in the rooms of sos, sos says.
func mayHost(r *http.Request, room string) bool {
	caller, _ := servicetoken.CallerFrom(r.Context())
	return caller == servicetoken.SOS || !strings.HasPrefix(room, event.SOSRoom)
}
