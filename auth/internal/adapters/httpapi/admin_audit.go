package httpapi

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
)

type eventView struct {
	ID        string         `json:"id"`
	At        string         `json:"at"`
	Kind      string         `json:"kind"`
	UserID    string         `json:"userId"`
	SessionID *string        `json:"sessionId"`
	IP        *string        `json:"ip"`
	UserAgent *string        `json:"userAgent"`
	Data      map[string]any `json:"data"`
}

type eventPage struct {
	Items      []eventView `json:"items"`
	NextCursor *string     `json:"nextCursor"`
}

type eventCursor struct {
	Below string `json:"below_event"`
}

func (a api) audit(w http.ResponseWriter, r *http.Request, _ app.Caller) error {
	limit, sealed, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	page, err := readAuditPage(r.URL.Query())
	if err != nil {
		return err
	}
	var from eventCursor
	if sealed != "" {
		if err := a.Cursors.Decode(sealed, &from); err != nil {
			return err
		}
	}
	page.Below, page.Limit = from.Below, limit
	events, more, err := a.App.Events(r.Context(), page)
	if err != nil {
		return err
	}
	answer := eventPage{Items: make([]eventView, 0, len(events))}
	for _, e := range events {
		answer.Items = append(answer.Items, viewEvent(e))
	}
	if more {
		next := a.Cursors.Encode(eventCursor{events[len(events)-1].ID})
		answer.NextCursor = &next
	}
	return httpserver.WriteJSON(w, http.StatusOK, answer)
}

func readAuditPage(query url.Values) (page domain.AuditPage, err error) {
	var wrong []fault.Field
	if id := query.Get("userId"); id != "" {
		user, ok := domain.ParseUserID(id)
		if !ok {
			wrong = append(wrong, fault.Field{Field: "userId", Code: "invalid_format", Message: "must be the id of a user"})
		}
		page.User = user
	}
	kind := query.Get("kind")
	if len(kind) > maxSearch || !utf8.ValidString(kind) || hasNUL(kind) {
		wrong = append(wrong, fault.Field{Field: "kind", Code: "invalid_format", Message: "must be the name of a kind of event"})
	}
	page.Kind = domain.AuditKind(kind)
	if len(wrong) > 0 {
		return page, fault.NewInvalid(wrong...)
	}
	return page, nil
}

// hasNUL: PostgreSQL takes no such text.
func hasNUL(text string) bool { return strings.ContainsRune(text, 0) }

func viewEvent(e domain.AuditEvent) eventView {
	view := eventView{
		ID: e.ID, At: timestamp(e.At), Kind: string(e.Kind), UserID: string(e.User), SessionID: given(string(e.Session)),
		IP: given(e.Origin.IP), UserAgent: given(e.Origin.UserAgent), Data: e.Data,
	}
	if view.Data == nil {
		view.Data = map[string]any{}
	}
	return view
}
