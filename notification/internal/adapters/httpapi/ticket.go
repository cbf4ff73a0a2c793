package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
)

type ticket struct {
	Ticket    string `json:"ticket"`
	ExpiresIn int    `json:"expiresIn"` // seconds
}

// issueTicket is POST /v1/notifications/ws-tickets. It ignores Idempotency-Key:
// its answer is a secret that must not be kept.
func (a *api) issueTicket(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	made, ttl, err := a.app.IssueTicket(r.Context(), caller)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusCreated, ticket{made, int(ttl.Seconds())})
}
