package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

func TestWhoIsConnectedIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	res := p.send(http.MethodGet, "/v1/events", "", "Authorization", "Bearer "+accessToken(t, p))
	first := make([]byte, len("event: connected"))
	if _, err := io.ReadFull(res.Body, first); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %q (%v)", res.StatusCode, first, err)
	}
	p.signal(os.Interrupt)
	rest, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(rest), `{"type":"reconnect","retryAfterMs":`) {
		t.Errorf("the last words are %q (%v)", rest, err)
	}
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d\nstderr: %s", code, p.stderr())
	}
}

// accessToken signs in with the demo account.
func accessToken(t *testing.T, p *process) string {
	t.Helper()
	account := strings.Fields(demoAccount(t, p))
	res := p.send(http.MethodPost, "/v1/auth/login", `{"email":"`+account[0]+`","password":"`+account[1]+`"}`, "Content-Type", "application/json")
	var session struct {
		AccessToken string `json:"accessToken"`
	}
	if err := json.NewDecoder(res.Body).Decode(&session); err != nil || session.AccessToken == "" {
		t.Fatalf("sign in: %d (%v)", res.StatusCode, err)
	}
	return session.AccessToken
}

// send asks the gateway, with one header, and leaves the answer's body to be read.
func (p *process) send(method, path, body, header, value string) *http.Response {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url()+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set(header, value)
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}
