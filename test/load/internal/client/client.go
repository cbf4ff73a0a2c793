// Package client is an HTTP/1.1 client that costs little: what the driver
// spends on one machine is missing to what it measures. It keeps connections,
// sends from the addresses of many phones and bounds how many requests are on
// their way at once.
package client

import (
	"bytes"
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/loveapp/backend/test/load/internal/loopback"
)

const (
	// idleLimit is below every server's keep-alive time (nginx 65 s here), so
	// that a request rarely meets a connection that is just being closed.
	idleLimit = 30 * time.Second
	// idlePerPhone connections are kept: a phone rarely has two requests on their way.
	idlePerPhone = 2
)

// Client sends to one server. Close it at the end.
type Client struct {
	server string
	slots  turnstile
	mu     sync.Mutex
	phones []*Phone
}

// New makes a client of server, host:port, with at most inFlight requests at
// once. More wait for their turn, and their waiting counts.
func New(server string, inFlight int) *Client {
	return &Client{server: server, slots: turnstile{free: inFlight}}
}

// Phone is where requests come from. Phones with the same address share its limits.
func (c *Client) Phone(addr netip.Addr) *Phone {
	p := &Phone{client: c, addr: addr}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.phones = append(c.phones, p)
	return p
}

// Close closes the connections that are kept.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.phones {
		p.hangUp()
	}
}

// Phone is one source of requests. Many goroutines may use it.
type Phone struct {
	client *Client
	addr   netip.Addr
	mu     sync.Mutex
	idle   []*conn
}

// Do sends the request and reads the whole answer, whatever its status. It
// gives up at the deadline. A request that may be repeated is sent again when a
// kept connection turns out to be closed, as every client does.
func (p *Phone) Do(ctx context.Context, r Request, deadline time.Time) (Answer, error) {
	if err := p.client.slots.enter(ctx, deadline); err != nil {
		return Answer{}, err
	}
	defer p.client.slots.leave()
	if conn := p.kept(); conn != nil {
		answer, err := p.exchange(conn, r, deadline)
		if err == nil || !conn.stale(err) || !r.repeatable() {
			return answer, err
		}
	}
	raw, err := loopback.DialBy(ctx, p.addr, p.client.server, deadline)
	if err != nil {
		return Answer{}, dialFault(err)
	}
	return p.exchange(newConn(raw), r, deadline)
}

var texts = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (p *Phone) exchange(c *conn, r Request, deadline time.Time) (Answer, error) {
	text := texts.Get().(*bytes.Buffer) //nolint:forcetypeassert // the pool holds nothing else
	defer texts.Put(text)
	text.Reset()
	r.write(text, p.client.server)
	answer, err := c.exchange(text.Bytes(), r.Keep, deadline)
	if err != nil || c.closing {
		c.close()
		return answer, err
	}
	p.keep(c)
	return answer, nil
}

func (p *Phone) kept() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := len(p.idle); n > 0; n = len(p.idle) {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		if time.Since(c.idleSince) < idleLimit {
			return c
		}
		c.close()
	}
	return nil
}

func (p *Phone) keep(c *conn) {
	c.idleSince = time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == idlePerPhone {
		c.close()
		return
	}
	p.idle = append(p.idle, c)
}

func (p *Phone) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.idle {
		c.close()
	}
	p.idle = nil
}
