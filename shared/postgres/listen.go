package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"
	"github.com/loveapp/backend/shared/config"
)

const (
	listenMinPause = 100 * time.Millisecond
	listenMaxPause = 5 * time.Second
	listenPing     = 20 * time.Second
	// listenAnswer: a ping that takes longer means a connection that leads nowhere any more.
	listenAnswer = 5 * time.Second
	// listenBuffer decouples the socket from onNotify; when it is full the server keeps what follows.
	listenBuffer = 128
)

// Listen calls onNotify for what arrives on the channels, until ctx ends; then
// it returns nil. A lost connection is made again, within 5 s of the server's
// return. What is sent in between is lost, so after each connection, the first
// included, onConnect is called: read there what may have been missed. Both are
// called from one goroutine at a time.
func (db *DB) Listen(ctx context.Context, channels []string, onNotify func(channel, payload string), onConnect func()) error {
	if len(channels) == 0 {
		return fmt.Errorf("postgres: Listen needs a channel")
	}
	defer db.primary.pool.spare(1)()
	l := &listening{db: db, channels: channels, onNotify: onNotify, onConnect: onConnect}
	l.run(ctx)
	return nil
}

// hosts are the config's, the one that led last first.
func (db *DB) hosts() []config.HostPort {
	lead := int(db.primary.connector.leads.Load())
	return slices.Concat(db.config.Hosts[lead:], db.config.Hosts[:lead])
}

type listening struct {
	db        *DB
	channels  []string
	onNotify  func(channel, payload string)
	onConnect func()
}

func (l *listening) run(ctx context.Context) {
	wait := listenMinPause
	for ctx.Err() == nil {
		connected, err := l.once(ctx)
		if ctx.Err() != nil {
			return
		}
		l.db.logger.Warn("the connection that listens for notifications was lost", "error", err)
		if connected {
			wait = listenMinPause
		}
		_ = pause(ctx, wait) // the loop looks at ctx itself
		wait = min(2*wait, listenMaxPause)
	}
}

// once listens on one connection until it breaks or ctx ends.
func (l *listening) once(ctx context.Context) (connected bool, err error) {
	notifications := make(chan *pq.Notification, listenBuffer)
	c := l.db.config
	conn, err := pq.NewListenerConn(c.dsn(readWrite, c.runtimeOptions(), l.db.hosts()...), notifications)
	if err != nil {
		return false, err
	}
	lines := &l.db.primary.connector.lines
	defer lines.remove(lines.add(unknownHost, func() { _ = conn.Close() }))
	// The channel is closed once the connection's goroutine is gone: draining it waits for that.
	defer func() {
		_ = conn.Close()
		for range notifications { // nobody wants these any more
		}
	}()
	if err := l.subscribe(ctx, conn, notifications); err != nil {
		return false, err
	}
	l.onConnect()
	pinged := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(pinged)
		keepAlive(ctx, conn, l.db.listenPing)
	}()
	defer func() { <-pinged }()
	defer cancel()
	return true, l.deliver(ctx, conn, notifications)
}

// subscribe sends the LISTENs, one by one because lib/pq's connection takes one
// statement at a time. What is notified meanwhile is dropped, or a flood of it
// would keep the answers from us: onConnect reads it.
func (l *listening) subscribe(ctx context.Context, conn *pq.ListenerConn, notifications <-chan *pq.Notification) error {
	done := make(chan error, 1)
	go func() { done <- l.listenAll(ctx, conn) }()
	for {
		select {
		case _, open := <-notifications:
			if !open {
				return errors.Join(<-done, conn.Err())
			}
		case err := <-done:
			return err
		}
	}
}

func (l *listening) listenAll(ctx context.Context, conn *pq.ListenerConn) error {
	for _, channel := range l.channels {
		err := answered(ctx, conn, func() error {
			_, err := conn.Listen(channel)
			return err
		})
		if err != nil {
			return fmt.Errorf("listen on %s: %w", channel, err)
		}
	}
	return nil
}

func (l *listening) deliver(ctx context.Context, conn *pq.ListenerConn, notifications <-chan *pq.Notification) error {
	for {
		select {
		case n, open := <-notifications:
			if !open {
				return conn.Err()
			}
			l.onNotify(n.Channel, n.Extra)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
