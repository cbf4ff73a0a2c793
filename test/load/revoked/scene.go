package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/test/stack"
)

// place is a process that has to refuse what is revoked.
type place struct{ kind, name, url string }

// scene is the stack, who is in it, and where they are refused.
type scene struct {
	stack  *stack.Stack
	http   *http.Client
	redis  *redispool.Pool
	places []place
	auths  []string // URLs
	admin  *person
	since  time.Time // when the administrator signed in
	people []*person
	// redisName is its process.
	redisName string
}

// person is somebody on one device.
type person struct {
	id, email, password, role string
	access, refresh, device   string
}

const (
	// watched gateways; the others stand behind nginx as spares.
	watched = 2
	crowd   = 12
	// patience of every request: a Redis that is cut off costs a sign-in a while.
	patience = 10 * time.Second
	// The paths that tell whether a token is good, at the gateway and notification, and at sos.
	inbox    = "/v1/notifications/unread-count"
	contacts = "/v1/sos/contacts"
)

func newScene(ctx context.Context, s *stack.Stack) (*scene, error) {
	c := &scene{stack: s, http: &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
	if err := c.look(ctx); err != nil {
		return nil, err
	}
	c.admin = &person{email: "root@example.org", password: "seven quiet lighthouses"}
	if err := c.keepAdmin(ctx); err != nil {
		return nil, err
	}
	for range crowd {
		p := &person{email: "crowd." + strings.ToLower(rand.Text()) + "@example.org", password: rand.Text(), role: "USER"}
		var made signedIn
		if err := c.call(ctx, http.MethodPost, c.gateway(0)+"/v1/auth/register", nil, map[string]any{"email": p.email, "password": p.password}, http.StatusCreated, &made); err != nil {
			return nil, err
		}
		p.take(made)
		c.people = append(c.people, p)
	}
	return c, nil
}

// look finds the processes.
func (c *scene) look(ctx context.Context) error {
	processes, err := c.stack.Status(ctx)
	if err != nil {
		return err
	}
	gateways := 0
	for _, p := range processes {
		url := "http://" + p.Addr
		switch {
		case p.Role == "gateway" && gateways < watched:
			gateways++
			c.places = append(c.places, place{p.Role, p.Name, url + inbox})
		case p.Role == "notification":
			c.places = append(c.places, place{p.Role, p.Name, url + inbox})
		case p.Role == "sos":
			c.places = append(c.places, place{p.Role, p.Name, url + contacts})
		case p.Role == "auth":
			c.auths = append(c.auths, url)
		case p.Role == "master":
			c.redisName, err = p.Name, c.openRedis(p.Addr)
		}
		if err != nil {
			return err
		}
	}
	if gateways < watched || c.redis == nil || len(c.auths) < 2 {
		return errors.New("the stack has too few gateways or auths, or no Redis")
	}
	return nil
}

// openRedis asks the server itself, not through the link that is cut.
func (c *scene) openRedis(addr string) error {
	secrets, err := c.stack.Secrets()
	if err != nil {
		return err
	}
	hosts, err := config.ParseHosts(addr, 0)
	if err != nil {
		return err
	}
	c.redis, err = redispool.Open(redispool.Config{Addrs: hosts, Password: config.Secret(secrets.Redis)})
	return err
}

func (c *scene) gateway(n int) string { return c.stack.Gateways[n%watched] }

// signedIn is what auth answers.
type signedIn struct {
	User                                   struct{ ID string }
	AccessToken, RefreshToken, DeviceToken string
}

func (p *person) take(s signedIn) {
	p.id, p.access, p.refresh, p.device = s.User.ID, s.AccessToken, s.RefreshToken, s.DeviceToken
}

// signIn opens a new session.
func (c *scene) signIn(ctx context.Context, p *person) error {
	var s signedIn
	err := c.call(ctx, http.MethodPost, c.gateway(0)+"/v1/auth/login", &person{device: p.device}, map[string]any{"email": p.email, "password": p.password}, http.StatusOK, &s)
	if err == nil {
		p.take(s)
	}
	return err
}

// keepAdmin signs the administrator in anew before the token expires.
func (c *scene) keepAdmin(ctx context.Context) error {
	const often = 5 * time.Minute // of the 15 that an access token lives
	if time.Since(c.since) < often {
		return nil
	}
	c.since = time.Now()
	return c.signIn(ctx, c.admin)
}

// call sends a request as somebody and reads the answer, which must have the status.
func (c *scene) call(ctx context.Context, method, url string, as *person, body map[string]any, want int, into any) error {
	status, text, err := c.send(ctx, method, url, as, body)
	switch {
	case err != nil:
		return err
	case status != want:
		return fmt.Errorf("%s %s answers %d: %s", method, url, status, text)
	case into != nil:
		return json.Unmarshal(text, into)
	}
	return nil
}

func (c *scene) send(ctx context.Context, method, url string, as *person, body map[string]any) (status int, text []byte, _ error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	if body == nil {
		raw = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if as != nil && as.access != "" {
		req.Header.Set("Authorization", "Bearer "+as.access)
	}
	if as != nil && as.device != "" {
		req.Header.Set("X-Device-Token", as.device)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err = io.ReadAll(res.Body)
	return res.StatusCode, text, err
}
