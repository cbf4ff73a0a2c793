package app

import (
	"context"
	"time"
)

const (
	expireBatch = 500
	expireTime  = 10 * time.Second
)

// expire removes what has expired, so that the unread counters stay true.
func (a *App) expire(ctx context.Context) {
	every(ctx, a.pace.Expire, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, expireTime)
		defer cancel()
		for {
			expired, err := a.store.Expire(ctx, expireBatch)
			if err != nil {
				a.logger.DebugContext(ctx, "expired notifications could not be removed", "error", err)
			}
			if err != nil || expired < expireBatch {
				return
			}
		}
	})
}
