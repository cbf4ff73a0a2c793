package httpapi

import (
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
)

var errUser = fault.New(fault.NotFound, "not_found", "That is no user's id.")

// erase is POST /internal/users/:id/erase.
func (a *api) erase(w http.ResponseWriter, r *http.Request) error {
	user, ok := domain.ParseUserID(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if !ok {
		return errUser
	}
	if err := a.app.Erase(r.Context(), user); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}
