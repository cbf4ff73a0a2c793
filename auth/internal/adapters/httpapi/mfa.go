package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

// mfaChallenge is what a sign-in answers that needs a second step.
type mfaChallenge struct {
	MFARequired bool     `json:"mfaRequired"`
	MFAToken    string   `json:"mfaToken"`
	Methods     []string `json:"methods"`
}

func answerChallenge(w http.ResponseWriter, mfaToken string) error {
	return httpserver.WriteJSON(w, http.StatusOK, mfaChallenge{true, mfaToken, []string{"totp", "recoveryCode"}})
}

func (a api) loginMFA(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		MFAToken     string `json:"mfaToken"`
		Code         string `json:"code"`
		RecoveryCode string `json:"recoveryCode"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	signedIn, err := a.App.LoginMFA(r.Context(), domain.SecondStep{Token: body.MFAToken, Code: body.Code, RecoveryCode: body.RecoveryCode}, client(r))
	if err != nil {
		return err
	}
	return a.answerSignedIn(w, http.StatusOK, signedIn)
}

// readReauth reads a body that holds nothing but the proof, and judges it.
func (a api) readReauth(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	var body struct {
		ReauthToken string `json:"reauthToken"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if body.ReauthToken == "" {
		return fault.NewInvalid(fault.Field{Field: "reauthToken", Code: "required", Message: "is required"})
	}
	return a.Verifier.VerifyReauth(r.Context(), body.ReauthToken, string(caller.User))
}

type totpOffer struct {
	Secret string `json:"secret"`
	URI    string `json:"uri"`
}

func (a api) offerTOTP(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	if err := a.readReauth(w, r, caller); err != nil {
		return err
	}
	offer, err := a.App.OfferTOTP(r.Context(), caller)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusCreated, totpOffer(offer))
}

func (a api) confirmTOTP(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	var body struct {
		Code string `json:"code"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	codes, err := a.App.ConfirmTOTP(r.Context(), caller, body.Code)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, struct {
		RecoveryCodes []string `json:"recoveryCodes"`
	}{codes})
}

func (a api) removeTOTP(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	if err := a.readReauth(w, r, caller); err != nil {
		return err
	}
	if err := a.App.RemoveTOTP(r.Context(), caller); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}
