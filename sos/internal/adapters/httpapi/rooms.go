package httpapi

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/sos/internal/domain"
)

var errNoRoom = fault.New(fault.NotFound, event.RoomNotFound, "There is no such room, or it is not open to this user.")

// forNotification lets the notification service in, and nobody else.
func (a api) forNotification(next httpserver.Handler) httpserver.Handler {
	return a.Services.Require(servicetoken.SOS, []string{servicetoken.Notification}, a.bounded(next))
}

// authorizeRoom is POST /internal/rooms/authorize.
func (a api) authorizeRoom(w http.ResponseWriter, r *http.Request) error {
	var member event.RoomMember
	if err := strictjson.Decode(w, r, &member); err != nil {
		return err
	}
	id, ok := roomTicket(member.Room)
	if !ok {
		return errNoRoom
	}
	caller := domain.Caller{User: domain.UserID(member.UserID), Staff: isStaff(member.Role)}
	err := a.App.MayListen(r.Context(), caller, id)
	if errors.Is(err, domain.ErrTicketNotFound) {
		return errNoRoom
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// roomTicket is whose room it is; ids have one form only, small letters.
func roomTicket(room string) (domain.TicketID, bool) {
	id, ok := strings.CutPrefix(room, event.SOSRoom)
	parsed, err := uuid.Parse(id)
	return domain.TicketID(id), ok && err == nil && parsed.String() == id
}

func isStaff(role string) bool { return role == token.RoleAdmin || role == token.RoleSuperAdmin }
