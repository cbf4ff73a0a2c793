package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

type leaving struct {
	DeleteAfter string `json:"deleteAfter"`
}

func (a api) leave(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	var body struct {
		ReauthToken string `json:"reauthToken"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if err := a.proven(r, caller, body.ReauthToken); err != nil {
		return err
	}
	at, err := a.App.Leave(r.Context(), caller)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusAccepted, leaving{timestamp(at)})
}
