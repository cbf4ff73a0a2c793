package httpapi

import (
	"net/http"
	"time"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
)

// exported is everything that auth holds about somebody, but for what proves who
// they are: the hash of a password is no use to its owner, and much to a thief.
type exported struct {
	ExportedAt  string            `json:"exportedAt"`
	User        userView          `json:"user"`
	DeleteAfter *string           `json:"deleteAfter"`
	Sessions    []exportedSession `json:"sessions"`
	Pending     []pendingProof    `json:"pendingVerifications"`
	Events      []exportedEvent   `json:"events"`
}

type exportedSession struct {
	ID         string  `json:"id"`
	DeviceName *string `json:"deviceName"`
	IP         *string `json:"ip"`
	UserAgent  *string `json:"userAgent"`
	CreatedAt  string  `json:"createdAt"`
	LastUsedAt string  `json:"lastUsedAt"`
	EndedAt    *string `json:"endedAt"`
}

type pendingProof struct {
	Purpose   string `json:"purpose"`
	Address   string `json:"address"`
	CreatedAt string `json:"createdAt"`
	ExpiresAt string `json:"expiresAt"`
}

type exportedEvent struct {
	ID        string         `json:"id"`
	At        string         `json:"at"`
	Kind      string         `json:"kind"`
	SessionID *string        `json:"sessionId"`
	IP        *string        `json:"ip"`
	UserAgent *string        `json:"userAgent"`
	Data      map[string]any `json:"data"`
}

func (a api) export(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	held, err := a.App.Export(r.Context(), caller)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="love-app-account.json"`)
	return httpserver.WriteJSON(w, http.StatusOK, viewHolding(held, a.Now()))
}

func viewHolding(held domain.Holding, now time.Time) exported {
	e := exported{
		ExportedAt: timestamp(now), User: viewUser(held.User), DeleteAfter: momentOrNull(held.User.DeleteAfter),
		Sessions: []exportedSession{}, Pending: []pendingProof{}, Events: []exportedEvent{},
	}
	for _, s := range held.Sessions {
		e.Sessions = append(e.Sessions, exportedSession{
			string(s.ID), given(s.DeviceName), given(s.Origin.IP), given(s.Origin.UserAgent),
			timestamp(s.CreatedAt), timestamp(s.LastUsedAt), momentOrNull(s.EndedAt),
		})
	}
	for _, t := range held.Tokens {
		e.Pending = append(e.Pending, pendingProof{string(t.Purpose), t.Address, timestamp(t.CreatedAt), timestamp(t.ExpiresAt)})
	}
	for _, v := range held.Events {
		data := v.Data
		if data == nil {
			data = map[string]any{}
		}
		e.Events = append(e.Events, exportedEvent{
			v.ID, timestamp(v.At), string(v.Kind), given(string(v.Session)), given(v.Origin.IP), given(v.Origin.UserAgent), data,
		})
	}
	return e
}

func momentOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := timestamp(t)
	return &text
}
