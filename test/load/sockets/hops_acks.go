package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// way is how somebody says that an alarm was shown.
type way int

const (
	byRequest way = iota // POST /v1/notifications/ack, as a phone does that a push has woken
	bySeq                // over a socket, everything up to a seq
	byIDs                // over a socket, just this one
	ways
)

func (w way) String() string {
	return [ways]string{"by request", "over a socket, by seq", "over a socket, by ids"}[w]
}

// wayOf deals them out in turn.
func wayOf(person int) way { return way(person % int(ways)) }

// acknowledge says on another instance, just before the text is due, that the
// alarm was shown. Who does so over a socket has opened it since the push: an open
// one would have held that back.
func (l *ladder) acknowledge(n int) {
	ack, done, err := l.prepareAck(n)
	defer done()
	if err == nil {
		early := time.Duration(n) * ackStep % ackSpread
		select {
		case <-time.After(time.Until(l.due(n, texted).Add(-early))):
		case <-l.t.Context().Done():
			return
		}
		l.mu.Lock()
		l.acked[n] = time.Now()
		l.mu.Unlock()
		err = ack()
	}
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.failed[err.Error()]++
	}
}

// prepareAck has everything ready but the ack itself. done closes what is open.
func (l *ladder) prepareAck(n int) (ack func() error, done func(), err error) {
	at, p := l.instances[(n+1)%copies], l.persons[n]
	done = func() {}
	id, err := at.newest(p.Token)
	if err != nil {
		return nil, done, err
	}
	if wayOf(n) == byRequest {
		return func() error {
			_, err := at.call(http.MethodPost, "/v1/notifications/ack", p.Token, map[string]any{"ids": []string{id}})
			return err
		}, done, nil
	}
	c := &client{crowd: &clients{ctx: l.t.Context()}, person: p, server: at.addr}
	if err := c.connect(); err != nil {
		return nil, done, fmt.Errorf("connect: %w", err)
	}
	if c.last == 0 {
		return nil, c.cut, errors.New("the socket was greeted without a seq")
	}
	done = func() { l.finished(c) }
	if wayOf(n) == bySeq {
		return func() error { return c.say(fmt.Sprintf(`{"type":"ack","seq":%d}`, c.last)) }, done, nil
	}
	return func() error { return c.say(fmt.Sprintf(`{"type":"ack","ids":[%q]}`, id)) }, done, nil
}

// finished closes a socket whose ack must have been read by then.
func (l *ladder) finished(c *client) {
	if err := c.say(`{"type":"ping"}`); err == nil {
		_ = c.conn.SetReadDeadline(time.Now().Add(openLimit))
		_, err = c.expect("pong")
		if err != nil {
			l.t.Errorf("after the ack: %v", err)
		}
	}
	c.cut()
}
