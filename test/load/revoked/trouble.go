package main

import (
	"context"
	"fmt"
	"time"

	"github.com/loveapp/backend/test/stack"
)

// trouble is what is wrong while sessions are ended. Each part may be nil.
type trouble struct {
	name string
	// begin and end come before and after everything that is measured.
	begin, end func(ctx context.Context, c *scene) error
	// before comes right before the change, after right after its answer.
	before, after func(ctx context.Context, c *scene) error
	// direct sends the change to the first copy of auth, not through a gateway.
	direct bool
	// rare: it costs a restart, so there are fewer of it.
	rare bool
}

func troubles() []trouble {
	return []trouble{
		{name: "Redis is restarted in that moment", before: killRedis, end: awaitAll},
		{name: "FLUSHALL right before and after", before: flush, after: flush},
		{name: "the publish is lost (Redis refuses PUBLISH)", begin: mute, end: unmute},
		{name: "Redis cannot be reached", begin: cut, end: mend},
		{name: "the auth that did it is killed before it can tell", begin: cut, after: killAuth, end: mendAndAwait, direct: true, rare: true},
	}
}

func killRedis(ctx context.Context, c *scene) error { return c.stack.Signal(ctx, c.redisName, "KILL") }

func flush(ctx context.Context, c *scene) error { return c.stack.FlushAll(ctx) }

// mute takes the right to publish away: exactly the news is lost, and nothing else.
func mute(ctx context.Context, c *scene) error { return c.permit(ctx, "-publish", "-spublish") }

func unmute(ctx context.Context, c *scene) error { return c.permit(ctx, "+publish", "+spublish") }

// permit is tried again where a connection is from before Redis was restarted.
func (c *scene) permit(ctx context.Context, rights ...any) (err error) {
	const tries = 5
	for range tries {
		if _, err = c.redis.Do(ctx, "ACL", append([]any{"SETUSER", "default"}, rights...)...); err == nil {
			return nil
		}
	}
	return err
}

func cut(_ context.Context, c *scene) error { return c.stack.Cut(stack.ToRedis) }

func mend(ctx context.Context, c *scene) error { return c.stack.Mend(ctx, stack.ToRedis) }

func killAuth(ctx context.Context, c *scene) error { return c.stack.Signal(ctx, "auth-1", "KILL") }

func mendAndAwait(ctx context.Context, c *scene) error {
	if err := mend(ctx, c); err != nil {
		return err
	}
	return awaitAll(ctx, c)
}

// awaitAll waits until every process is there again.
func awaitAll(ctx context.Context, c *scene) error {
	for deadline := time.Now().Add(time.Minute); ; {
		processes, err := c.stack.Status(ctx)
		if err != nil {
			return err
		}
		missing := ""
		for _, p := range processes {
			if !p.Healthy {
				missing = p.Name
			}
		}
		if missing == "" {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not come back", missing)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
