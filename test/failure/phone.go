package failure

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// patience is what the contract tells apps to wait for an answer.
	patience = 5 * time.Second
	// pause before an app tries again; a real one doubles it, which would hide how long an outage lasts.
	pause = 100 * time.Millisecond
)

// phone is somebody's app: it keeps its tokens, goes on trying, and counts what it saw.
type phone struct {
	url    string
	client *http.Client
	saw    *Sightings
	dialer *net.Dialer

	id   string
	name string

	mu      sync.Mutex
	access  string
	refresh string
	device  string
}

// addresses gives every phone a source address of its own: limits are by address.
type addresses struct{ last atomic.Uint32 }

func (a *addresses) next() net.Addr {
	n := a.last.Add(1)
	return &net.TCPAddr{IP: net.IPv4(127, byte(100+n>>16), byte(n>>8), byte(n))} //nolint:gosec // that is the point
}

func newPhone(url string, from net.Addr, saw *Sightings) *phone {
	dialer := &net.Dialer{LocalAddr: from, Timeout: patience}
	return &phone{
		url: url, saw: saw, dialer: dialer,
		client: &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 4}},
	}
}

type reply struct {
	status int
	body   []byte
	err    error // no answer at all
}

func (r reply) into(dst any) error { return json.Unmarshal(r.body, dst) }

func (r reply) code() string {
	var problem struct{ Code string }
	_ = r.into(&problem) // no problem document has no code
	return problem.Code
}

// call sends one request once and notes what became of it.
func (p *phone) call(ctx context.Context, method, path string, body any, header ...string) reply {
	var payload io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return reply{err: err}
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, payload)
	if err != nil {
		return reply{err: err}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token := p.token(); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	r := p.do(req)
	if ctx.Err() == nil {
		p.saw.answer(route(method, path), r)
	}
	return r
}

func (p *phone) do(req *http.Request) reply {
	res, err := p.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return reply{status: res.StatusCode, body: text, err: err}
}

func (p *phone) token() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.access
}

// route is the path without ids and query.
func route(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if len(part) == len("00000000-0000-0000-0000-000000000000") && strings.Count(part, "-") == 4 {
			parts[i] = "{id}"
		}
	}
	return method + " " + strings.Join(parts, "/")
}

// until repeats a call until ok or ctx ends.
func (p *phone) until(ctx context.Context, ok func(reply) bool, call func() reply) (reply, error) {
	for {
		r := call()
		if r.err == nil && ok(r) {
			return r, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return r, fmt.Errorf("gave up after status %d %s: %w", r.status, r.code(), errors.Join(r.err, ctx.Err()))
		}
	}
}

func statusIs(wanted ...int) func(reply) bool {
	return func(r reply) bool { return slices.Contains(wanted, r.status) }
}

type authResult struct {
	User         struct{ ID string }
	AccessToken  string
	RefreshToken string
	DeviceToken  string
}

func (p *phone) keep(r reply) error {
	var a authResult
	if err := r.into(&a); err != nil {
		return fmt.Errorf("read the tokens: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.id, p.access, p.refresh, p.device = a.User.ID, a.AccessToken, a.RefreshToken, a.DeviceToken
	return nil
}

func (p *phone) register(ctx context.Context, name string) error {
	p.name = name
	r, err := p.until(ctx, statusIs(http.StatusCreated), func() reply {
		return p.call(ctx, http.MethodPost, "/v1/auth/register", map[string]any{
			"email": strings.ToLower(name+"."+rand.Text()) + "@example.org", "password": rand.Text(), "firstName": name,
		})
	})
	if err != nil {
		return fmt.Errorf("register %s: %w", name, err)
	}
	return p.keep(r)
}

// renew refreshes once. A lost answer leaves the old pair, as on a real phone.
func (p *phone) renew(ctx context.Context) {
	p.mu.Lock()
	refresh, device := p.refresh, p.device
	p.mu.Unlock()
	r := p.call(ctx, http.MethodPost, "/v1/auth/refresh", map[string]any{"refreshToken": refresh}, "X-Device-Token", device)
	switch {
	case r.err == nil && r.status == http.StatusOK:
		_ = p.keep(r) // an answer that cannot be read counts as lost
	case r.err == nil && r.code() == "session_ended":
		p.saw.signedOut(p.name)
	}
}

// trust makes friend a contact of p.
func (p *phone) trust(ctx context.Context, friend *phone) error {
	key := rand.Text()
	r, err := p.until(ctx, statusIs(http.StatusCreated), func() reply {
		return p.call(ctx, http.MethodPost, "/v1/sos/contacts", map[string]any{"name": friend.name}, "Idempotency-Key", key)
	})
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	var invitation struct{ InviteToken string }
	if err := r.into(&invitation); err != nil {
		return err
	}
	_, err = friend.until(ctx, statusIs(http.StatusOK), func() reply {
		return friend.call(ctx, http.MethodPost, "/v1/sos/contact-invitations/accept", map[string]any{"token": invitation.InviteToken})
	})
	return err
}
