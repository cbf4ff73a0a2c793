package httpapi

import (
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/httpserver"
)

type sessionView struct {
	ID         string  `json:"id"`
	DeviceName *string `json:"deviceName"`
	IP         *string `json:"ip"`
	UserAgent  *string `json:"userAgent"`
	CreatedAt  string  `json:"createdAt"`
	LastUsedAt string  `json:"lastUsedAt"`
	Current    bool    `json:"current"`
}

type sessionPage struct {
	Items      []sessionView `json:"items"`
	NextCursor *string       `json:"nextCursor"`
}

// sessionCursor is where a page ended.
type sessionCursor struct {
	Below string `json:"below_session"`
}

func (a api) sessions(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	limit, sealed, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	var from sessionCursor
	if sealed != "" {
		if err := a.Cursors.Decode(sealed, &from); err != nil {
			return err
		}
	}
	sessions, more, err := a.App.LiveSessions(r.Context(), caller, domain.SessionID(from.Below), limit)
	if err != nil {
		return err
	}
	page := sessionPage{Items: make([]sessionView, 0, len(sessions))}
	for _, s := range sessions {
		page.Items = append(page.Items, viewSession(s, caller))
	}
	if more {
		next := a.Cursors.Encode(sessionCursor{string(sessions[len(sessions)-1].ID)})
		page.NextCursor = &next
	}
	return httpserver.WriteJSON(w, http.StatusOK, page)
}

func viewSession(s domain.Session, caller app.Caller) sessionView {
	return sessionView{
		ID: string(s.ID), DeviceName: given(s.DeviceName), IP: given(s.Origin.IP), UserAgent: given(s.Origin.UserAgent),
		CreatedAt: timestamp(s.CreatedAt), LastUsedAt: timestamp(s.LastUsedAt), Current: s.ID == caller.Session,
	}
}

func (a api) endSession(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	id, ok := domain.ParseSessionID(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if !ok {
		return domain.ErrSessionNotFound
	}
	if err := a.App.EndSession(r.Context(), caller, id); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}
