// Package notificationclient hands alerts to the notification service.
package notificationclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/loveapp/backend/shared/failpoint"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	intakePath = "/internal/notifications"
	// connections to one copy: an alarm must not queue behind a handful of slow hand-overs, nor flood the copy.
	connections = 8
	dialLimit   = 500 * time.Millisecond
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

// Client is a ports.Notifier.
type Client struct {
	token  func() (string, error)
	http   *http.Client
	copies []*instance
	next   atomic.Uint64
}

// instance is one copy and the breaker in front of it.
type instance struct {
	url     string
	breaker *gobreaker.CircuitBreaker[struct{}]
}

// New refuses a hole. Close when done.
func New(c Config) (*Client, error) {
	if len(c.URLs) == 0 || c.Token == nil {
		return nil, errors.New("notificationclient: URLs and Token are required")
	}
	client := &Client{token: c.Token, http: newHTTPClient()}
	for _, url := range c.URLs {
		client.copies = append(client.copies, &instance{url: strings.TrimSuffix(url, "/") + intakePath, breaker: newBreaker()})
	}
	return client, nil
}

// newHTTPClient goes straight to the peer: no proxy, and no redirect, which
// could lead alarms and the token anywhere.
func newHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: dialLimit}).DialContext,
			MaxConnsPerHost:     connections,
			MaxIdleConnsPerHost: connections,
			IdleConnTimeout:     30 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func newBreaker() *gobreaker.CircuitBreaker[struct{}] {
	return gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:     restAfter,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
		// A refusal comes from a service that works.
		IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, ports.ErrRefused) },
	})
}

// Close gives the kept connections up.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Ping succeeds when at least one copy is ready.
func (c *Client) Ping(ctx context.Context) error {
	var failures []error
	for _, one := range c.copies {
		err := c.ready(ctx, strings.TrimSuffix(one.url, intakePath)+"/health/ready")
		if err == nil {
			return nil
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

func (c *Client) ready(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the notification service is not ready: status %d", res.StatusCode)
	}
	return nil
}

// Notify implements ports.Notifier. Each copy is tried once, beginning with
// another one at each call.
func (c *Client) Notify(ctx context.Context, alerts []domain.Alert) error {
	body, err := encode(alerts)
	if err != nil {
		return fmt.Errorf("%w: %w", ports.ErrRefused, err)
	}
	failpoint.Reach(failpoint.BeforeSend)
	n := len(c.copies)
	start := int(c.next.Add(1) % uint64(n)) //nolint:gosec // less than n
	var failures []error
	for i := range n {
		err := c.try(ctx, c.copies[(start+i)%n], c.copies[(start+i)%n].url, body, n-i)
		if err == nil {
			failpoint.Reach(failpoint.AfterSend)
			return nil
		}
		if errors.Is(err, ports.ErrRefused) {
			return err
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// try gives the copy its share of the time that is left for those still to be tried.
func (c *Client) try(ctx context.Context, to *instance, url string, body []byte, left int) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(left))
		defer cancel()
	}
	_, err := to.breaker.Execute(func() (struct{}, error) { return struct{}{}, c.post(ctx, url, body) })
	return err
}
