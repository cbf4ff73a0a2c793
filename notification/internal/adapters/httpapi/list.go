package httpapi

import (
	"net/http"
	"net/url"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/wire"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
)

type page struct {
	Items       []wire.Notification `json:"items"`
	NextCursor  *string             `json:"nextCursor"`
	UnreadCount int                 `json:"unreadCount"`
}

// position is what a cursor of this list holds.
type position struct {
	Before domain.Seq `json:"inboxBefore"`
}

// list is GET /v1/notifications.
func (a *api) list(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	limit, from, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	filter, err := filterOf(r.URL.Query())
	if err != nil {
		return err
	}
	var at position
	if from != "" {
		if err := a.cursors.Decode(from, &at); err != nil {
			return err
		}
		if at.Before < 1 {
			return cursor.ErrInvalid
		}
	}
	found, err := a.app.List(r.Context(), caller.User, filter, at.Before, limit)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, a.page(found))
}

func (a *api) page(p domain.Page) page {
	answer := page{Items: make([]wire.Notification, len(p.Items)), UnreadCount: p.Unread}
	for i, n := range p.Items {
		answer.Items[i] = wire.Of(n)
	}
	if p.Next > 0 {
		next := a.cursors.Encode(position{p.Next})
		answer.NextCursor = &next
	}
	return answer
}

func filterOf(query url.Values) (f domain.Filter, err error) {
	var wrong []fault.Field
	switch values := query["unread"]; {
	case len(values) == 0, len(values) == 1 && values[0] == "false":
	case len(values) == 1 && values[0] == "true":
		f.UnreadOnly = true
	default:
		wrong = append(wrong, fault.Field{Field: "unread", Code: "unknown_value", Message: "must be true or false, once"})
	}
	if values, given := query["category"]; given {
		f.Category = domain.Category(values[0])
		if len(values) > 1 || !f.Category.Known() {
			wrong = append(wrong, fault.Field{Field: "category", Code: "unknown_value", Message: "must be one category"})
		}
	}
	if len(wrong) > 0 {
		return domain.Filter{}, fault.NewInvalid(wrong...)
	}
	return f, nil
}

type unreadCount struct {
	UnreadCount int `json:"unreadCount"`
}

// unreadCount is GET /v1/notifications/unread-count.
func (a *api) unreadCount(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	count, err := a.app.Unread(r.Context(), caller.User)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, unreadCount{count})
}
