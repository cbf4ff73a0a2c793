package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/fault"
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
		Password *string `json:"password"`
		Provider string  `json:"provider"`
		IDToken  string  `json:"idToken"`
		Nonce    string  `json:"nonce"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	provider := domain.ProviderToken{Provider: body.Provider, IDToken: body.IDToken, Nonce: body.Nonce}
	if err := a.prove(r.Context(), caller, body.Password, provider); err != nil {
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

// prove takes one of the two ways.
func (a api) prove(ctx context.Context, caller app.Caller, password *string, provider domain.ProviderToken) error {
	switch {
	case provider == domain.ProviderToken{}:
		typed := ""
		if password != nil {
			typed = *password
		}
		return a.App.Reauthenticate(ctx, caller, typed)
	case password != nil:
		return fault.NewInvalid(fault.Field{Field: "password", Code: "conflict", Message: "must be left out where there is a provider"})
	}
	return a.App.ReauthenticateWith(ctx, caller, provider)
}
