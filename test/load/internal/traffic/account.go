package traffic

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/loveapp/backend/test/load/internal/client"
	"github.com/loveapp/backend/test/load/internal/people"
)

// account is a registered person with the tokens of the moment.
type account struct {
	email, password string

	refreshing sync.Mutex // an app sends one refresh at a time
	mu         sync.Mutex
	now        people.Account
}

func newAccount(a people.Account) *account {
	return &account{email: a.Email, password: a.Password, now: a}
}

func (a *account) person() people.Person {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now.Person
}

func (a *account) tokens() people.Account {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now
}

func (a *account) keep(s people.SignedIn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now.Token, a.now.RefreshToken = s.AccessToken, s.RefreshToken
}

// refresh rotates somebody's tokens. Who is just doing that is passed over.
func (t *Traffic) refresh(ctx context.Context, turn turn) {
	a := among(t.accounts, turn.pick)
	for i := uint64(1); !a.refreshing.TryLock(); i++ {
		a = among(t.accounts, turn.pick+i)
	}
	defer a.refreshing.Unlock()
	had := a.tokens()
	body, _ := json.Marshal(map[string]string{"refreshToken": had.RefreshToken}) // strings always encode
	answer, ok := t.ask(ctx, refresh, turn.due, had.Phone,
		client.Request{Method: http.MethodPost, Path: "/v1/auth/refresh", Device: had.DeviceToken, Body: body, Keep: true}, http.StatusOK)
	if !ok {
		return // the same token again next time: what an honest phone does
	}
	var s people.SignedIn
	if json.Unmarshal(answer.Body, &s) == nil && s.RefreshToken != "" {
		a.keep(s)
	}
}

// login signs in on one more device.
func (t *Traffic) login(ctx context.Context, turn turn) {
	a := among(t.accounts, turn.pick)
	had := a.tokens()
	body, _ := json.Marshal(map[string]string{"email": a.email, "password": a.password, "deviceName": "tablet"}) // strings always encode
	t.ask(ctx, login, turn.due, had.Phone, client.Request{Method: http.MethodPost, Path: "/v1/auth/login", Device: had.DeviceToken, Body: body}, http.StatusOK)
}
