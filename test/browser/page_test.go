package browser_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/notificationtest"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
)

// page is what the browser shows, and what it may ask of the test.
type page struct {
	n            *notificationtest.Notification
	ctx          context.Context //nolint:containedctx // the test's
	url, gateway string
	done         chan string
	http         *http.Client

	mu       sync.Mutex
	sessions map[string]string // by the user
	passed   string
}

func (p *page) pass(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed = part
}

func (p *page) progress() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passed
}

func (p *page) sessionOf(user string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sessions[user]
}

func (p *page) notify(user string) error {
	item := map[string]any{"eventId": idgen.NewV7(), "userIds": []string{user}, "title": "hello", "createdAt": time.Now().UTC().Format(time.RFC3339Nano)}
	_, err := p.post("/internal/notifications", p.n.ServiceToken(servicetoken.SOS), map[string]any{"items": []any{item}}, http.StatusAccepted)
	return err
}

func (p *page) ticket(token string) (string, error) {
	answer, err := p.post("/v1/notifications/ws-tickets", token, nil, http.StatusCreated)
	if err != nil {
		return "", err
	}
	var made struct{ Ticket string }
	err = json.Unmarshal(answer, &made)
	return made.Ticket, err
}

func (p *page) post(path, bearer string, body any, want int) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	if body == nil {
		text = nil
	}
	req, err := http.NewRequestWithContext(p.ctx, http.MethodPost, p.n.URL+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := p.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != want {
		err = fmt.Errorf("POST %s: %s %s", path, res.Status, answer)
	}
	return answer, err
}
