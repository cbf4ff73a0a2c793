package authtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// Session is a person who is signed in.
type Session struct {
	UserID        string
	Email         string
	SessionID     string
	AccessToken   string
	RefreshToken  string
	DeviceToken   string
	SOSCredential string
}

// Password is that of everybody whom Register registers.
const Password = "correct horse battery staple"

// Register opens an account with Password over HTTP, and signs it in. The first
// name may be "".
func (a *Auth) Register(email, firstName string) Session {
	a.tb.Helper()
	fields := map[string]string{"email": email, "password": Password}
	if firstName != "" {
		fields["firstName"] = firstName
	}
	body, err := json.Marshal(fields)
	if err != nil {
		a.tb.Fatal(err)
	}
	req, err := http.NewRequestWithContext(a.tb.Context(), http.MethodPost, a.URL+"/v1/auth/register", bytes.NewReader(body))
	if err != nil {
		a.tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := newClient().Do(req)
	if err != nil {
		a.tb.Fatalf("register %s: %v", email, err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusCreated {
		a.tb.Fatalf("register %s: %s %s %v", email, res.Status, answer, err)
	}
	return readSession(a.tb, answer)
}

func readSession(tb testing.TB, answer []byte) Session {
	tb.Helper()
	var result struct {
		User struct {
			ID    string `json:"id"`
			Email string `json:"email"`
		} `json:"user"`
		AccessToken   string `json:"accessToken"`
		RefreshToken  string `json:"refreshToken"`
		SessionID     string `json:"sessionId"`
		DeviceToken   string `json:"deviceToken"`
		SOSCredential string `json:"sosCredential"`
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		tb.Fatalf("read the answer of register: %v", err)
	}
	return Session{
		UserID: result.User.ID, Email: result.User.Email, SessionID: result.SessionID, AccessToken: result.AccessToken,
		RefreshToken: result.RefreshToken, DeviceToken: result.DeviceToken, SOSCredential: result.SOSCredential,
	}
}
