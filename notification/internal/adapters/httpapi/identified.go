package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/token"
)

// handler answers a request of somebody who is known.
type handler func(w http.ResponseWriter, r *http.Request, caller domain.Principal) error

// identified takes the caller from the token's claims.
func identified(next handler) httpserver.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, _ := token.ClaimsFrom(r.Context())
		caller, ok := domain.NewPrincipal(c.Subject, c.SessionID, c.Role, c.IssuedAt, c.ExpiresAt)
		if !ok {
			return token.ErrUnauthenticated
		}
		return next(w, r, caller)
	}
}
