// Package authclient asks the auth service how people can be reached.
package authclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/event"
)

var _ ports.People = (*Client)(nil)

const (
	lookupPath = "/internal/users/lookup"
	dialLimit  = 300 * time.Millisecond
	// askLimit is what one question may take: a batch of alarms waits for it.
	askLimit = 2 * time.Second
	// tripAfter failures in a row a copy is left alone for restAfter.
	tripAfter   = 5
	restAfter   = time.Second
	connections = 8
	maxAnswer   = 256 << 10 // 100 people take 40 KiB
)

// Config says where the service is.
type Config struct {
	URLs []string // base URLs of its copies
	// Token gives the proof of who is calling.
	Token func() (string, error)
}

// Client is a ports.People.
type Client struct {
	token  func() (string, error)
	http   *http.Client
	copies []*instance
	next   atomic.Uint64
}

// instance is one copy and the breaker in front of it.
type instance struct {
	url     string
	breaker *gobreaker.CircuitBreaker[event.Users]
}

// New refuses a hole. Close when done.
func New(c Config) (*Client, error) {
	if len(c.URLs) == 0 || c.Token == nil {
		return nil, errors.New("authclient: URLs and Token are required")
	}
	client := &Client{token: c.Token, http: &http.Client{
		Transport: &http.Transport{ // straight to the peer: no proxy
			DialContext:         (&net.Dialer{Timeout: dialLimit}).DialContext,
			MaxConnsPerHost:     connections,
			MaxIdleConnsPerHost: connections,
			IdleConnTimeout:     30 * time.Second,
		},
		// A redirect could lead the token anywhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, url := range c.URLs {
		client.copies = append(client.copies, &instance{
			url: strings.TrimSuffix(url, "/") + lookupPath,
			breaker: gobreaker.NewCircuitBreaker[event.Users](gobreaker.Settings{
				Timeout:     restAfter,
				ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
			}),
		})
	}
	return client, nil
}

// Close gives the kept connections up.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Of implements ports.People. Each copy is asked once, beginning with another
// one at each call, until one answers.
func (c *Client) Of(ctx context.Context, users []domain.UserID) (map[domain.UserID]domain.Person, error) {
	if len(users) == 0 {
		return map[domain.UserID]domain.Person{}, nil
	}
	question := event.UserLookup{}
	for _, user := range users {
		question.IDs = append(question.IDs, string(user))
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("encode a look-up: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	n := len(c.copies)
	start := int(c.next.Add(1) % uint64(n)) //nolint:gosec // less than n
	var failures []error
	for i := range n {
		found, err := c.try(ctx, c.copies[(start+i)%n], body, n-i)
		if err == nil {
			return people(found), nil
		}
		failures = append(failures, err)
	}
	return nil, fmt.Errorf("look up %d people: %w", len(users), errors.Join(failures...))
}

func people(found event.Users) map[domain.UserID]domain.Person {
	people := make(map[domain.UserID]domain.Person, len(found.Items))
	for _, u := range found.Items {
		p := domain.Person{Locale: u.Locale}
		if u.EmailVerified {
			p.Email = u.Email
		}
		if u.PhoneVerified {
			p.Phone = u.Phone
		}
		people[domain.UserID(u.ID)] = p
	}
	return people
}

// try gives the copy its share of the time that is left for those still to be tried.
func (c *Client) try(ctx context.Context, to *instance, body []byte, left int) (event.Users, error) {
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithTimeout(ctx, time.Until(deadline)/time.Duration(left))
	defer cancel()
	return to.breaker.Execute(func() (event.Users, error) { return c.ask(ctx, to.url, body) })
}

func (c *Client) ask(ctx context.Context, url string, body []byte) (found event.Users, err error) {
	token, err := c.token()
	if err != nil {
		return found, fmt.Errorf("service token: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return found, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := c.http.Do(req)
	if err != nil {
		return found, err
	}
	defer func() {
		_, _ = io.CopyN(io.Discard, res.Body, maxAnswer) // so that the connection can be used again
		_ = res.Body.Close()
	}()
	if res.StatusCode != http.StatusOK {
		return found, fmt.Errorf("auth answered with status %d", res.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&found); err != nil {
		return found, fmt.Errorf("read auth's answer: %w", err)
	}
	return found, nil
}
