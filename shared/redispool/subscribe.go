package redispool

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

const (
	subscribePing = time.Second
	// subscribeSilence is two pings and a bit: a node that answers none of them is gone.
	subscribeSilence = 2500 * time.Millisecond
	// subscribeGreeting is how long a node may take to let us in: the next one may be
	// alive, and what is published meanwhile is lost.
	subscribeGreeting = 500 * time.Millisecond
	subscribeMinPause = 50 * time.Millisecond
	// subscribeMaxPause: what is published until a new connection is there is late.
	subscribeMaxPause = 250 * time.Millisecond
)

// Subscribe calls onMessage for what is published on the channels, until ctx
// ends; then it returns nil. A lost connection is made again. What is published
// in between is lost, so onReady is called after each subscription, the first
// included: read there what may have been missed. Both are called from one
// goroutine at a time.
func (p *Pool) Subscribe(ctx context.Context, channels []string, onMessage func(channel string, payload []byte), onReady func()) error {
	if len(channels) == 0 {
		return errors.New("redispool: Subscribe needs a channel")
	}
	s := &subscription{pool: p, probe: newProbe(p), channels: channels, onMessage: onMessage, onReady: onReady}
	s.run(ctx)
	return nil
}

type subscription struct {
	pool      *Pool
	probe     *probe
	channels  []string
	onMessage func(channel string, payload []byte)
	onReady   func()
}

func (s *subscription) run(ctx context.Context) {
	wait := subscribeMinPause
	level := slog.LevelWarn // of the first failure; the others say the same
	for attempt := 0; ctx.Err() == nil; attempt++ {
		subscribed, err := s.once(ctx, attempt)
		if ctx.Err() != nil {
			return
		}
		if subscribed {
			wait, level = subscribeMinPause, slog.LevelWarn
		}
		s.pool.logger.Log(ctx, level, "the subscription to Redis was lost", "error", err)
		level = slog.LevelDebug
		pause(ctx, wait)
		wait = min(2*wait, subscribeMaxPause)
	}
}

// once subscribes on one connection until it breaks or ctx ends. A message in a
// cluster reaches every node, so any will do; each attempt begins with another.
func (s *subscription) once(ctx context.Context, attempt int) (subscribed bool, err error) {
	conn, err := s.pool.config.dialAny(ctx, s.pool.addresses(), attempt, redis.DialConnectTimeout(subscribeGreeting), redis.DialReadTimeout(subscribeGreeting))
	if err != nil {
		return false, err
	}
	sub := redis.PubSubConn{Conn: conn}
	names := []any{s.probe.channel}
	for _, channel := range s.channels {
		names = append(names, channel)
	}
	if err := sub.Subscribe(names...); err != nil {
		return false, errors.Join(err, conn.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	var watched sync.WaitGroup
	watched.Go(func() { keepAlive(ctx, sub) })
	watched.Go(func() { s.probe.run(ctx, cancel) })
	defer watched.Wait()
	defer cancel()
	return s.deliver(sub)
}

// keepAlive pings, so that silence means a lost node and not a quiet channel,
// and closes the connection when ctx ends, which ends the delivery.
func keepAlive(ctx context.Context, sub redis.PubSubConn) {
	defer func() { _ = sub.Close() }()
	tick := time.NewTicker(subscribePing)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := sub.Ping(""); err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *subscription) deliver(sub redis.PubSubConn) (subscribed bool, err error) {
	confirmed := 0
	for {
		switch m := sub.ReceiveWithTimeout(subscribeSilence).(type) {
		case redis.Message:
			if m.Channel == s.probe.channel {
				s.probe.heard(m.Data)
				continue
			}
			s.onMessage(m.Channel, m.Data)
		case redis.Subscription:
			if confirmed++; confirmed == len(s.channels)+1 { // the probe's is the first
				subscribed = true
				s.onReady()
			}
		case error:
			return subscribed, m
		}
	}
}

// pause waits between half of d and d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d/2 + rand.N(d/2+1)) //nolint:gosec // jitter
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
