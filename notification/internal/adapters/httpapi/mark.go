package httpapi

import (
	"fmt"
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

// markRead is POST /v1/notifications/items/:id/read.
func (a *api) markRead(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	return a.mark(w, r, caller, domain.Read)
}

// markUnread is POST /v1/notifications/items/:id/unread.
func (a *api) markUnread(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	return a.mark(w, r, caller, domain.Unread)
}

// markDeleted is DELETE /v1/notifications/items/:id.
func (a *api) markDeleted(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	return a.mark(w, r, caller, domain.Deleted)
}

func (a *api) mark(w http.ResponseWriter, r *http.Request, caller domain.Principal, kind domain.ChangeKind) error {
	id, ok := domain.ParseNotificationID(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if !ok {
		return domain.ErrNotificationNotFound
	}
	if err := a.app.Mark(r.Context(), caller.User, id, kind); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}

type updated struct {
	Updated int `json:"updated"`
}

// readAll is POST /v1/notifications/read-all.
func (a *api) readAll(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	count, err := a.app.MarkAllRead(r.Context(), caller.User)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, updated{count})
}

// maxAck is how many notifications one ack names.
const maxAck = 500

type acked struct {
	IDs []string `json:"ids"`
}

// ack is POST /v1/notifications/ack. An id of nobody or of somebody else
// changes nothing and tells nothing.
func (a *api) ack(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	var body acked
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	ids, err := body.parse()
	if err != nil {
		return err
	}
	if err := a.app.AckIDs(r.Context(), caller.User, ids); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}

func (b acked) parse() ([]domain.NotificationID, error) {
	if len(b.IDs) == 0 || len(b.IDs) > maxAck {
		return nil, fault.NewInvalid(fault.Field{Field: "ids", Code: "out_of_range", Message: fmt.Sprintf("must name 1 to %d notifications", maxAck)})
	}
	ids := make([]domain.NotificationID, len(b.IDs))
	for i, text := range b.IDs {
		id, ok := domain.ParseNotificationID(text)
		if !ok {
			return nil, fault.NewInvalid(fault.Field{Field: fmt.Sprintf("ids[%d]", i), Code: "invalid_format", Message: "must be a notification's id"})
		}
		ids[i] = id
	}
	return ids, nil
}
