package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

// accepted is the one answer of whatever may lead to a letter, or not.
func accepted(w http.ResponseWriter) error {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// proven refuses whoever has not just typed their password.
func (a api) proven(r *http.Request, caller app.Caller, reauthToken string) error {
	if reauthToken == "" {
		return fault.NewInvalid(fault.Field{Field: "reauthToken", Code: "required", Message: "is required"})
	}
	return a.Verifier.VerifyReauth(r.Context(), reauthToken, string(caller.User))
}

func (a api) verifyEmail(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Token string `json:"token"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if err := a.App.VerifyEmail(r.Context(), body.Token); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}

func (a api) resendVerification(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Email string `json:"email"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if err := a.App.ResendVerification(r.Context(), body.Email); err != nil {
		return err
	}
	return accepted(w)
}

func (a api) changeEmail(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	var body struct {
		NewEmail    string `json:"newEmail"`
		ReauthToken string `json:"reauthToken"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if err := a.proven(r, caller, body.ReauthToken); err != nil {
		return err
	}
	if err := a.App.ChangeEmail(r.Context(), caller, body.NewEmail); err != nil {
		return err
	}
	return accepted(w)
}

func (a api) verifyPhone(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	var body struct {
		Phone string `json:"phone"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if err := a.App.VerifyPhone(r.Context(), caller, body.Phone); err != nil {
		return err
	}
	return accepted(w)
}

func (a api) confirmPhone(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	var body struct {
		Phone string `json:"phone"`
		Code  string `json:"code"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if err := a.App.ConfirmPhone(r.Context(), caller, domain.PhoneCode(body)); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}
