package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/trust"
)

// hedgeAfter: a host that takes longer, and has answered nobody meanwhile, may be
// gone, so the others are asked too.
const hedgeAfter = 250 * time.Millisecond

// connector hands out connections to the one of its hosts that will do (the
// read-write one). They notice when the server they lead to goes away or becomes
// a replica; one that notices makes all that were opened until then stale, so
// that after a failover nobody writes to a former primary.
type connector struct {
	hosts      []*pq.Connector
	addresses  []string     // of the hosts
	leads      atomic.Int32 // the host that did last
	lines      lines
	generation atomic.Int64
	answered   atomic.Int64 // when a statement last succeeded, in Unix ns
	observe    func(op string, took time.Duration, err error)
	racing     errands
	prepares   bool
}

func newConnector(c Config, attrs, options string, hosts []config.HostPort) (*connector, error) {
	made := &connector{observe: c.Observe, prepares: c.Prepare}
	for i, host := range hosts {
		one, err := pq.NewConnector(c.dsn(attrs, options, host))
		if err != nil {
			return nil, fmt.Errorf("postgres: the connection settings cannot be used: %s", c.withoutPassword(err.Error()))
		}
		one.Dialer(dialer{&made.lines, i})
		made.hosts, made.addresses = append(made.hosts, one), append(made.addresses, host.Addr())
	}
	return made, nil
}

// Driver is lib/pq's.
func (c *connector) Driver() driver.Driver { return c.hosts[0].Driver() }

// Close cuts what hangs (handshakes, and cancellings that nobody answers) and
// waits for it. Each sql.DB on it calls this when it is closed.
func (c *connector) Close() error {
	c.lines.cutAllBut(unknownHost)
	c.racing.end()
	return nil
}

// presented is PostgreSQL and its certificate by the settings that say how it is reached.
var presented = trust.Server{Name: "PostgreSQL", Host: "DATABASE_HOST", Check: "DATABASE_SSLMODE", Roots: "DATABASE_SSLROOTCERT"}

// connectError marks what went wrong before there was a session.
type connectError struct{ error }

func (e connectError) Unwrap() error { return e.error }

// Connect opens one connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	start := time.Now()
	opened, err := c.find(ctx)
	c.report("connect", start, err)
	if err != nil {
		return nil, connectError{fmt.Errorf("connect to the database: %w", err)}
	}
	return opened, nil
}

// find asks the host that did last, and the others at once as soon as it refuses
// or is slow: the first that will do is it.
func (c *connector) find(ctx context.Context) (*conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &race{connector: c, results: make(chan result, len(c.hosts))}
	r.enter(ctx, int(c.leads.Load()))
	slow := time.NewTimer(hedgeAfter)
	defer slow.Stop()
	for {
		select {
		case got := <-r.results:
			r.pending--
			if got.err == nil {
				r.dismiss()
				c.led(got.conn)
				return got.conn, nil
			}
			r.errs = append(r.errs, got.err)
			r.enterOthers(ctx)
			if r.pending == 0 {
				return nil, errors.Join(r.errs...)
			}
		case <-slow.C:
			if since := time.Since(time.Unix(0, c.answered.Load())); since < hedgeAfter {
				slow.Reset(hedgeAfter - since) // it is busy, and more handshakes would make it busier
				continue
			}
			r.enterOthers(ctx)
		}
	}
}

// led notes who did. Where that is another host than last time, nothing that
// leads elsewhere is of any use: who waits there is told now.
func (c *connector) led(by *conn) {
	if c.leads.Swap(int32(by.host)) == int32(by.host) { //nolint:gosec // a handful of hosts
		return
	}
	c.lines.cutAllBut(by.host)
}

// open connects to one host.
func (c *connector) open(ctx context.Context, host int) (*conn, error) {
	generation := c.generation.Load()
	a := &attempt{}
	stop := context.AfterFunc(ctx, a.abort)
	opened, err := c.hosts[host].Connect(context.WithValue(ctx, attemptKey{}, a))
	if err != nil && !stop() {
		return nil, fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	if err != nil {
		return nil, presented.Explain(err, c.addresses[host])
	}
	if !stop() {
		return nil, errors.Join(context.Cause(ctx), opened.Close())
	}
	full, ok := opened.(pqConn)
	if !ok {
		return nil, errors.Join(errors.New("postgres: lib/pq's connection can do less than it used to"), opened.Close())
	}
	made := &conn{pqConn: full, from: c, host: host, generation: generation, socket: a.socket}
	made.work()
	return made, nil
}

func (c *connector) report(op string, start time.Time, err error) {
	if c.observe != nil {
		c.observe(op, time.Since(start), err)
	}
}
