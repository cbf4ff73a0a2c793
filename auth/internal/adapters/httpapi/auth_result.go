package httpapi

import (
	"fmt"
	"net/http"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/token"
)

// authResult is AuthResult of the API: everything a phone needs to be signed in
// and to call for help.
type authResult struct {
	User          userView `json:"user"`
	AccessToken   string   `json:"accessToken"`
	TokenType     string   `json:"tokenType"`
	ExpiresIn     int64    `json:"expiresIn"` // seconds
	RefreshToken  string   `json:"refreshToken"`
	SessionID     string   `json:"sessionId"`
	DeviceToken   string   `json:"deviceToken"`
	SOSCredential string   `json:"sosCredential"`
}

// answerSignedIn answers with the session's tokens.
func (a api) answerSignedIn(w http.ResponseWriter, status int, s app.SignedIn) error {
	result, err := a.authResult(s)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, status, result)
}

// authResult signs the session's tokens.
func (a api) authResult(s app.SignedIn) (authResult, error) {
	now := a.Now()
	issue := domain.Issue{User: s.User.ID, Session: s.Session, TokenID: a.NewID(), ExpiresAt: now.Add(a.TokenLife)}
	access, err := a.Signer.Sign(token.Claims{
		Subject: string(s.User.ID), SessionID: string(s.Session), ID: issue.TokenID, Role: string(s.Role),
		IssuedAt: s.At, ExpiresAt: issue.ExpiresAt,
	})
	if err != nil {
		return authResult{}, fmt.Errorf("sign an access token: %w", err)
	}
	sos, err := a.Signer.SignSOS(token.SOSClaims{
		Subject: string(s.User.ID), SessionID: string(s.Session), IssuedAt: now, ExpiresAt: now.Add(token.SOSLifetime),
	})
	if err != nil {
		return authResult{}, fmt.Errorf("sign an SOS credential: %w", err)
	}
	a.App.Issued(issue)
	return authResult{
		User: viewUser(s.User), AccessToken: access, TokenType: token.SchemeBearer, ExpiresIn: int64(a.TokenLife.Seconds()),
		RefreshToken: s.RefreshToken, SessionID: string(s.Session), DeviceToken: s.DeviceToken, SOSCredential: sos,
	}, nil
}
