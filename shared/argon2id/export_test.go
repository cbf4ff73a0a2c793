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

// Reserve takes a place.
func (q *queue) Reserve(ctx context.Context) (reserved context.Context, leave func(), err error) {
	return q.reserve(ctx)
}

// ParsePHC reads a hash, and gives it as it would be written and its memory in KiB.
func ParsePHC(text string) (again string, memoryKiB uint32, err error) {
	h, err := parsePHC(text)
	return h.String(), h.params.MemoryKiB, err
}
