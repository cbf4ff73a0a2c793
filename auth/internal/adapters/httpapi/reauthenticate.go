package httpapi

import (
	"fmt"
	"net/http"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/shared/token"
)

type reauthenticated struct {
	ReauthToken string `json:"reauthToken"`
	ExpiresIn   int64  `json:"expiresIn"` // seconds
}

// reauthenticate gives what the changes take that a borrowed phone must not be able to make.
func (a api) reauthenticate(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	var body struct {
		Password string `json:"password"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	if err := a.App.Reauthenticate(r.Context(), caller, body.Password); err != nil {
		return err
	}
	now := a.Now()
	signed, err := a.Signer.SignReauth(token.ReauthClaims{
		Subject: string(caller.User), SessionID: string(caller.Session), IssuedAt: now, ExpiresAt: now.Add(token.ReauthLifetime),
	})
	if err != nil {
		return fmt.Errorf("sign a reauthentication token: %w", err)
	}
	return httpserver.WriteJSON(w, http.StatusOK, reauthenticated{signed, int64(token.ReauthLifetime.Seconds())})
}
