package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

func (a api) changePassword(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	var body struct {
		CurrentPassword string `json:"currentPassword"`
		NewPassword     string `json:"newPassword"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if err := a.App.ChangePassword(r.Context(), caller, domain.PasswordChange{Current: body.CurrentPassword, New: body.NewPassword}); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}

func (a api) forgotPassword(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Email string `json:"email"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if err := a.App.ForgotPassword(r.Context(), body.Email); err != nil {
		return err
	}
	return accepted(w)
}

func (a api) resetPassword(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Token       string `json:"token"`
		NewPassword string `json:"newPassword"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if err := a.App.ResetPassword(r.Context(), body.Token, body.NewPassword); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}
