package httpapi

import (
	"context"
	"net/http"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/wire"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
)

type (
	// headcount is one instance's.
	headcount struct {
		InstanceID string `json:"instanceId"`
		Live       int    `json:"live"`
		Ghosts     int    `json:"ghosts"`
	}
	// connection is one of a user's.
	connection struct {
		ConnectionID string    `json:"connectionId"`
		UserID       string    `json:"userId"`
		SessionID    string    `json:"sessionId"`
		InstanceID   string    `json:"instanceId"`
		ConnectedAt  wire.Time `json:"connectedAt"`
		State        string    `json:"state"`
	}
	listing[T any] struct {
		Items      []T     `json:"items"`
		NextCursor *string `json:"nextCursor"`
	}
	// place is what a cursor of this list holds: whose list, and the last id on the page.
	place struct {
		User  domain.UserID `json:"connectionsOf"`
		After string        `json:"connectionsAfter"`
	}
)

// connections is GET /v1/admin/connections: how many each instance has, or with
// ?userId= those of one user.
func (a *api) connections(w http.ResponseWriter, r *http.Request, _ domain.Principal) error {
	limit, from, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	user, err := userOf(r)
	if err != nil {
		return err
	}
	at := place{User: user}
	if from != "" {
		if err := a.cursors.Decode(from, &at); err != nil {
			return err
		}
		if at.User != user || at.After == "" {
			return cursor.ErrInvalid
		}
	}
	if user != "" {
		return a.connectionsOf(r.Context(), w, at, limit)
	}
	found, err := a.app.Headcounts(r.Context())
	if err != nil {
		return err
	}
	items := make([]headcount, len(found))
	for i, h := range found {
		items[i] = headcount{string(h.Instance), h.Live, h.Ghosts}
	}
	return httpserver.WriteJSON(w, http.StatusOK, cut(a.cursors, items, at, limit, func(h headcount) string { return h.InstanceID }))
}

func (a *api) connectionsOf(ctx context.Context, w http.ResponseWriter, at place, limit int) error {
	found, err := a.app.Standing(ctx, at.User)
	if err != nil {
		return err
	}
	items := make([]connection, len(found))
	for i, s := range found {
		items[i] = connection{string(s.Socket), string(s.User), string(s.Session), string(s.Instance), wire.Time(s.ConnectedAt), "ghost"}
		if s.Live {
			items[i].State = "live"
		}
	}
	return httpserver.WriteJSON(w, http.StatusOK, cut(a.cursors, items, at, limit, func(c connection) string { return c.ConnectionID }))
}

func userOf(r *http.Request) (domain.UserID, error) {
	values, given := r.URL.Query()["userId"]
	if !given {
		return "", nil
	}
	user, ok := domain.ParseUserID(values[0])
	if !ok || len(values) > 1 {
		return "", fault.NewInvalid(fault.Field{Field: "userId", Code: "invalid_format", Message: "must be the id of one user"})
	}
	return user, nil
}

// cut gives the page behind the cursor. The items are in the order of their ids.
func cut[T any](cursors cursor.Codec, items []T, at place, limit int, id func(T) string) listing[T] {
	for len(items) > 0 && id(items[0]) <= at.After {
		items = items[1:]
	}
	page := listing[T]{Items: items}
	if len(items) > limit {
		page.Items = items[:limit]
		next := cursors.Encode(place{at.User, id(items[limit-1])})
		page.NextCursor = &next
	}
	return page
}
