package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/domain"
)

func (a api) getPin(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	set, err := a.App.HasPin(r.Context(), caller.User)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, struct {
		Set bool `json:"set"`
	}{set})
}

func (a api) setPin(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	var body struct {
		Pin         string `json:"pin"`
		ReauthToken string `json:"reauthToken"`
	}
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	if err := domain.CheckPin(body.Pin); err != nil {
		return err
	}
	if err := a.reauthenticated(r, caller, body.ReauthToken); err != nil {
		return err
	}
	if err := a.App.SetPin(r.Context(), caller.User, body.Pin); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}

func (a api) removePin(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	var body struct {
		ReauthToken string `json:"reauthToken"`
	}
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	if err := a.reauthenticated(r, caller, body.ReauthToken); err != nil {
		return err
	}
	if err := a.App.RemovePin(r.Context(), caller.User); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}

// reauthenticated: who has only picked the phone up cannot change what protects its owner.
func (a api) reauthenticated(r *http.Request, caller domain.Caller, raw string) error {
	if raw == "" {
		return fault.NewInvalid(fault.Field{Field: "reauthToken", Code: "required", Message: "must be what /v1/auth/reauthenticate gives"})
	}
	return a.Verifier.VerifyReauth(r.Context(), raw, string(caller.User))
}
