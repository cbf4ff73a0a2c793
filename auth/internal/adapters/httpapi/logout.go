package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

func (a api) logout(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	var body struct {
		Scope *string `json:"scope"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown(), strictjson.Optional()); err != nil {
		return err
	}
	scope := app.Current
	if body.Scope != nil {
		scope = app.Scope(*body.Scope)
	}
	switch scope {
	case app.Current, app.Others, app.All:
	default:
		return fault.NewInvalid(fault.Field{Field: "scope", Code: "invalid_choice", Message: "must be current, others or all"})
	}
	if err := a.App.Logout(r.Context(), caller, scope); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}
