package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

func (a api) profile(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	user, err := a.App.ShowProfile(r.Context(), caller)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, viewUser(user))
}

func (a api) editProfile(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	var body struct {
		FirstName change `json:"firstName"`
		LastName  change `json:"lastName"`
		Locale    change `json:"locale"`
		Timezone  change `json:"timezone"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	user, err := a.App.EditProfile(r.Context(), caller, domain.ProfileEdit{
		FirstName: domain.Change(body.FirstName), LastName: domain.Change(body.LastName),
		Locale: domain.Change(body.Locale), Timezone: domain.Change(body.Timezone),
	})
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, viewUser(user))
}
