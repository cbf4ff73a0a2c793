package httpapi

import (
	"net/http"

	"github.com/google/uuid"
	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/sos/internal/domain"
)

var errNoUser = fault.New(fault.NotFound, "not_found", "That is no user's id.")

// forAuth lets the auth service in, and nobody else.
func (a api) forAuth(next httpserver.Handler) httpserver.Handler {
	return a.Services.Require(servicetoken.SOS, []string{servicetoken.Auth}, a.bounded(next))
}

// eraseUser is POST /internal/users/:id/erase.
func (a api) eraseUser(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if err != nil {
		return errNoUser
	}
	if err := a.App.Erase(r.Context(), domain.UserID(id.String())); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}
