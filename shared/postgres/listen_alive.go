package postgres

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// keepAlive pings, because a connection to a machine that has vanished stays
// silent for ever. It runs beside the delivery: the answer to a ping comes
// through the same socket as the notifications.
func keepAlive(ctx context.Context, conn *pq.ListenerConn, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := answered(ctx, conn, conn.Ping); err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// answered runs ask and closes the connection when no answer comes in time or
// ctx ends, which makes ask return.
func answered(ctx context.Context, conn *pq.ListenerConn, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, listenAnswer)
	defer cancel()
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = ask()
	}()
	select {
	case <-done:
		if err != nil {
			_ = conn.Close()
		}
		return err
	case <-ctx.Done():
		_ = conn.Close()
		<-done
		return context.Cause(ctx)
	}
}
