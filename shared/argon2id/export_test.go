package argon2id

import (
	"context"
	"time"
)

// Queue is the queue without the hashing, so that its time can be a test's.
type Queue = queue

// NewQueue makes one.
func NewQueue(slots int, firstTurn time.Duration) *Queue { return newQueue(slots, firstTurn) }

// Do waits for a turn.
func (q *queue) Do(ctx context.Context, work func()) error { return q.do(ctx, work) }

// Room asks for one.
func (q *queue) Room(ctx context.Context) error { return q.room(ctx) }
