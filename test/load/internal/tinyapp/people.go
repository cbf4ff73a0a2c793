package tinyapp

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/token"
)

// signIn gives the refresh token the user's id, which is secret enough for here.
func (a *App) signIn(user string) any {
	now := time.Now()
	raw, err := a.signer.Sign(token.Claims{Subject: user, SessionID: idgen.NewV7(), ID: idgen.NewV7(), Role: token.RoleUser, IssuedAt: now, ExpiresAt: now.Add(time.Hour)})
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	return map[string]any{"user": map[string]string{"id": user}, "accessToken": raw, "refreshToken": user, "deviceToken": "d"}
}

func (a *App) refresh(r *http.Request) any {
	var body struct {
		RefreshToken string `json:"refreshToken"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body) // an unknown one gets tokens of nobody, which fail
	return a.signIn(body.RefreshToken)
}

func (a *App) invite(user string, _ *http.Request) any {
	a.mu.Lock()
	defer a.mu.Unlock()
	invitation := idgen.NewV7()
	a.contacts[invitation] = user
	return map[string]string{"inviteToken": invitation}
}

func (a *App) accept(user string, r *http.Request) any {
	var body struct {
		Token string `json:"token"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body) // an unknown one befriends nobody
	a.mu.Lock()
	defer a.mu.Unlock()
	a.contacts[a.contacts[body.Token]] = user
	return struct{}{}
}

func (a *App) trigger(user string, r *http.Request) any {
	ticket := idgen.V5(user, r.Header.Get("Idempotency-Key"))
	a.mu.Lock()
	contact := a.contacts[user]
	a.mu.Unlock()
	a.Notify(contact, map[string]string{"kind": "sos.triggered", "ticketId": ticket})
	return map[string]any{"ticket": map[string]string{"id": ticket}, "durability": "local"}
}

func (a *App) announce(_ string, r *http.Request) any {
	var body struct {
		UserIDs []string          `json:"userIds"`
		Data    map[string]string `json:"data"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body) // what cannot be read reaches nobody
	for _, user := range body.UserIDs {
		a.Notify(user, body.Data)
	}
	return map[string]int{"accepted": len(body.UserIDs)}
}
