// Package sosclient asks the sos service who may listen to its rooms.
package sosclient

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

var _ ports.Owner = (*Client)(nil)

const (
	authorizePath = "/internal/rooms/authorize"
	// connections to one copy: when an instance goes, thousands come back and join at once.
	connections = 16
	dialLimit   = 300 * time.Millisecond
	// askLimit is what one question may take; a socket waits for it.
	askLimit = time.Second
	// tripAfter failures in a row a copy is left alone for restAfter.
	tripAfter = 5
	restAfter = time.Second
	maxAnswer = 16 << 10
)

// Config says where the service is.
type Config struct {
	URLs []string // base URLs of its copies
	// Token gives the proof of who is calling.
	Token func() (string, error)
}

// Client is a ports.Owner.
type Client struct {
	token  func() (string, error)
	http   *http.Client
	copies []*instance
	next   atomic.Uint64
}

// instance is one copy and the breaker in front of it.
type instance struct {
	url     string
	breaker *gobreaker.CircuitBreaker[bool]
}

// New refuses a hole. Close when done.
func New(c Config) (*Client, error) {
	if len(c.URLs) == 0 || c.Token == nil {
		return nil, errors.New("sosclient: URLs and Token are required")
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
			url: strings.TrimSuffix(url, "/") + authorizePath,
			breaker: gobreaker.NewCircuitBreaker[bool](gobreaker.Settings{
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

// Admits implements ports.Owner. Each copy is asked once, beginning with another
// one at each call, until one answers.
func (c *Client) Admits(ctx context.Context, room domain.Room, p domain.Principal) (bool, error) {
	body, err := json.Marshal(event.RoomMember{Room: string(room), UserID: string(p.User), Role: p.Role})
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	n := len(c.copies)
	start := int(c.next.Add(1) % uint64(n)) //nolint:gosec // less than n
	var failures []error
	for i := range n {
		admitted, err := c.try(ctx, c.copies[(start+i)%n], body, n-i)
		if err == nil {
			return admitted, nil
		}
		failures = append(failures, err)
	}
	return false, domain.ErrRoomUnknown.WithCause(errors.Join(failures...))
}

// try gives the copy its share of the time that is left for those still to be tried.
func (c *Client) try(ctx context.Context, to *instance, body []byte, left int) (bool, error) {
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithTimeout(ctx, time.Until(deadline)/time.Duration(left))
	defer cancel()
	return to.breaker.Execute(func() (bool, error) { return c.ask(ctx, to.url, body) })
}

func (c *Client) ask(ctx context.Context, url string, body []byte) (bool, error) {
	token, err := c.token()
	if err != nil {
		return false, fmt.Errorf("service token: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := c.http.Do(req)
	if err != nil {
		return false, err
	}
	defer func() { _ = res.Body.Close() }()
	return verdict(res)
}

// verdict: a 404 counts as an answer only where it is the room's, not that of a
// path which an older sos does not know.
func verdict(res *http.Response) (bool, error) {
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // to the end: the connection can be used again
	if err != nil {
		return false, err
	}
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(text, &problem) // what cannot be read has no code
	switch {
	case res.StatusCode == http.StatusNoContent:
		return true, nil
	case res.StatusCode == http.StatusNotFound && problem.Code == event.RoomNotFound:
		return false, nil
	}
	return false, fmt.Errorf("sos answered with status %d", res.StatusCode)
}
