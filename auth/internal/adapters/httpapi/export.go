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

	Identities   []exportedIdentity `json:"identities"`
	SecondFactor *exportedFactor    `json:"secondFactor"`
	Messages     []exportedMessage  `json:"queuedMessages"`
}

type exportedIdentity struct {
	Provider string `json:"provider"`
	Subject  string `json:"subject"`
	LinkedAt string `json:"linkedAt"`
}

type exportedFactor struct {
	Method            string  `json:"method"`
	ConfirmedAt       *string `json:"confirmedAt"`
	RecoveryCodesLeft int     `json:"recoveryCodesLeft"`
	LockedUntil       *string `json:"lockedUntil"`
}

type exportedMessage struct {
	Channel   string `json:"channel"`
	Kind      string `json:"kind"`
	Address   string `json:"address"`
	ExpiresAt string `json:"expiresAt"`
}

type exportedToken struct {
	ID        string `json:"id"`
	ExpiresAt string `json:"expiresAt"`
}

type exportedSession struct {
	ID         string  `json:"id"`
	DeviceName *string `json:"deviceName"`
	IP         *string `json:"ip"`
	UserAgent  *string `json:"userAgent"`
	CreatedAt  string  `json:"createdAt"`
	LastUsedAt string  `json:"lastUsedAt"`
	EndedAt    *string `json:"endedAt"`

	AccessToken *exportedToken `json:"accessToken"`
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
	return exported{
		ExportedAt: timestamp(now), User: viewUser(held.User), DeleteAfter: momentOrNull(held.User.DeleteAfter),
		Sessions: each(held.Sessions, func(s domain.Session) exportedSession { return viewHeldSession(s, held.Issued) }),
		Pending:  each(held.Tokens, viewPending), Events: each(held.Events, viewHeldEvent),
		Identities:   each(held.Identities, viewIdentity),
		SecondFactor: viewFactor(held.SecondFactor), Messages: each(held.Messages, viewMessage),
	}
}

func momentOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := timestamp(t)
	return &text
}
