package redispool

import (
	"context"

	"github.com/gomodule/redigo/redis"
)

// routed is a connection that follows redirections.
type routed struct {
	cluster *cluster
	conn    redis.Conn
	busy    chan struct{} // closed once an abandoned command has ended
}

// do runs the command beside the caller: redisc knows no context. A command
// that ctx abandons ends by its own time-outs, and Close waits for it.
func (r *routed) do(ctx context.Context, cmd string, args ...any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type answer struct {
		reply any
		err   error
	}
	answers, busy := make(chan answer, 1), make(chan struct{})
	r.cluster.running.Go(func() {
		defer close(busy)
		reply, err := r.conn.Do(cmd, args...)
		answers <- answer{reply, err}
	})
	select {
	case a := <-answers:
		return a.reply, a.err
	case <-ctx.Done():
		r.busy = busy
		return nil, ctx.Err()
	}
}

func (r *routed) close() error {
	if r.busy == nil {
		return r.conn.Close()
	}
	r.cluster.running.Go(func() {
		<-r.busy
		_ = r.conn.Close()
	})
	return nil
}
