package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/strictjson"
)

func (a api) register(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Email      string  `json:"email"`
		Password   string  `json:"password"`
		FirstName  *string `json:"firstName"`
		LastName   *string `json:"lastName"`
		Phone      *string `json:"phone"`
		Locale     *string `json:"locale"`
		Timezone   *string `json:"timezone"`
		DeviceName *string `json:"deviceName"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	signedIn, err := a.App.Register(r.Context(), domain.Registration(body), client(r))
	if err != nil {
		return err
	}
	return a.answerSignedIn(w, http.StatusCreated, signedIn)
}

func (a api) login(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Email      string  `json:"email"`
		Password   string  `json:"password"`
		DeviceName *string `json:"deviceName"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	signedIn, err := a.App.Login(r.Context(), domain.SignIn(body), client(r))
	if err != nil {
		return err
	}
	if signedIn.MFAToken != "" {
		return answerChallenge(w, signedIn.MFAToken)
	}
	return a.answerSignedIn(w, http.StatusOK, signedIn)
}

func (a api) refresh(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		RefreshToken string `json:"refreshToken"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if body.RefreshToken == "" {
		return fault.NewInvalid(fault.Field{Field: "refreshToken", Code: "required", Message: "is required"})
	}
	signedIn, err := a.App.Refresh(r.Context(), body.RefreshToken, client(r))
	if err != nil {
		return err
	}
	return a.answerSignedIn(w, http.StatusOK, signedIn)
}
