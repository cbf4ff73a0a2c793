package journeys_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/test/stack"
	"github.com/loveapp/backend/test/world"
)

// processes is the one stack of this binary: it takes too long to start for each
// journey to have its own. TestMain cannot hand it to a test in another way.
var processes sharedStack

type sharedStack struct {
	once  sync.Once
	stack *stack.Stack
	err   error
}

// running starts it at the first use.
func (s *sharedStack) running(t *testing.T) *stack.Stack {
	t.Helper()
	s.once.Do(func() {
		const limit = 4 * time.Minute // programs are built first
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		s.stack, s.err = stack.Start(ctx, stack.Options{Env: world.StackEnv()})
	})
	if s.err != nil {
		t.Fatalf("start the stack: %v", s.err)
	}
	return s.stack
}

// extra stops it when the tests are over.
func (s *sharedStack) extra(context.Context) (stop func() error, err error) {
	return func() error {
		if s.stack == nil {
			return nil
		}
		const limit = time.Minute
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		return s.stack.Stop(ctx)
	}, nil
}
