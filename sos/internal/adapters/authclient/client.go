// Package authclient asks the auth service who people are.
package authclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	usersPath = "/internal/users/"
	dialLimit = 500 * time.Millisecond
	// tripAfter failures in a row auth is left alone for restAfter: who invites
	// somebody must not wait for it each time.
	tripAfter = 3
	restAfter = 2 * time.Second
	maxAnswer = 64 << 10
)

// Config says where the service is.
type Config struct {
	URLs []string // base URLs of its copies
	// Token gives the proof of who is calling.
	Token func() (string, error)
}

// Client is a ports.Directory.
type Client struct {
	urls    []string
	token   func() (string, error)
	http    *http.Client
	breaker *gobreaker.CircuitBreaker[event.User]
	next    atomic.Uint64
}

// New refuses a hole. Close when done.
func New(c Config) (*Client, error) {
	if len(c.URLs) == 0 || c.Token == nil {
		return nil, errors.New("authclient: URLs and Token are required")
	}
	return &Client{
		urls: c.URLs, token: c.Token,
		http: &http.Client{
			Transport:     &http.Transport{DialContext: (&net.Dialer{Timeout: dialLimit}).DialContext, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		breaker: gobreaker.NewCircuitBreaker[event.User](gobreaker.Settings{
			Timeout:      restAfter,
			ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
			IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, ports.ErrUnknownPerson) },
		}),
	}, nil
}

// Close gives the kept connections up.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Name implements ports.Directory.
func (c *Client) Name(ctx context.Context, id domain.UserID) (string, error) {
	user, err := c.user(ctx, id)
	return strings.TrimSpace(user.FirstName + " " + user.LastName), err
}

// Addresses implements ports.Directory.
func (c *Client) Addresses(ctx context.Context, id domain.UserID) (domain.Addresses, error) {
	user, err := c.user(ctx, id)
	var verified domain.Addresses
	if user.EmailVerified {
		verified.Email = user.Email
	}
	if user.PhoneVerified {
		verified.Phone = user.Phone
	}
	return verified, err
}

// user asks one copy; the next call another.
func (c *Client) user(ctx context.Context, id domain.UserID) (event.User, error) {
	base := c.urls[c.next.Add(1)%uint64(len(c.urls))]
	return c.breaker.Execute(func() (event.User, error) {
		return c.ask(ctx, strings.TrimSuffix(base, "/")+usersPath+url.PathEscape(string(id)))
	})
}

func (c *Client) ask(ctx context.Context, address string) (event.User, error) {
	token, err := c.token()
	if err != nil {
		return event.User{}, fmt.Errorf("service token: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return event.User{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := c.http.Do(req)
	if err != nil {
		return event.User{}, err
	}
	defer func() { _ = res.Body.Close() }()
	return read(res)
}

func read(res *http.Response) (event.User, error) {
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return event.User{}, ports.ErrUnknownPerson
	default:
		return event.User{}, fmt.Errorf("auth answered with status %d", res.StatusCode)
	}
	var user event.User
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&user); err != nil {
		return event.User{}, fmt.Errorf("read auth's answer: %w", err)
	}
	return user, nil
}
