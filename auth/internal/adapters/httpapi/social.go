package httpapi

import (
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

// socialResult is AuthResult and whether there was no account before.
type socialResult struct {
	authResult

	Created bool `json:"created"`
}

func (a api) signInWith(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		IDToken    string  `json:"idToken"`
		Nonce      string  `json:"nonce"`
		FirstName  *string `json:"firstName"`
		LastName   *string `json:"lastName"`
		DeviceName *string `json:"deviceName"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	signedIn, created, err := a.App.SignInWith(r.Context(), domain.SocialSignIn{
		ProviderToken: domain.ProviderToken{
			Provider: httprouter.ParamsFromContext(r.Context()).ByName("provider"), IDToken: body.IDToken, Nonce: body.Nonce,
		},
		FirstName: body.FirstName, LastName: body.LastName, DeviceName: body.DeviceName,
	}, client(r))
	if err != nil {
		return err
	}
	if signedIn.MFAToken != "" {
		return answerChallenge(w, signedIn.MFAToken)
	}
	result, err := a.authResult(signedIn)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, socialResult{result, created})
}
