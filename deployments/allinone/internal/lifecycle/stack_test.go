package lifecycle_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/loveapp/backend/deployments/allinone/internal/lifecycle"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// order notes who has ended, in turn.
type order struct {
	mu    sync.Mutex
	names []string
}

func (o *order) part(name string, err error) func(context.Context) error {
	return func(ctx context.Context) error {
		<-ctx.Done()
		o.mu.Lock()
		defer o.mu.Unlock()
		o.names = append(o.names, name)
		return err
	}
}

func TestStopEndsWhatWasStartedLastFirst(t *testing.T) {
	t.Parallel()
	var seen order
	s := lifecycle.New(t.Context())
	for _, name := range []string{"database", "service", "gateway"} {
		s.Add(name, seen.part(name, nil))
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"gateway", "service", "database"}; !slices.Equal(seen.names, want) {
		t.Fatalf("ended in the order %v, want %v", seen.names, want)
	}
}

func TestAPartOutlivesTheContextThatTheStackWasMadeWith(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := lifecycle.New(ctx)
	var seen order
	s.Add("database", seen.part("database", nil))
	cancel()
	select {
	case err := <-s.Ended():
		t.Fatalf("ended with its surroundings: %v", err)
	default:
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
}

func TestAPartThatEndsByItselfIsReportedOnceWithItsName(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]error{"with an error": errors.New("disk full"), "without one": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := lifecycle.New(t.Context())
			s.Add("database", func(context.Context) error { return cause })
			err := <-s.Ended()
			if err == nil || !strings.HasPrefix(err.Error(), "database: ") || (cause != nil && !errors.Is(err, cause)) {
				t.Fatalf("reported as %v", err)
			}
			if err := s.Stop(); err != nil {
				t.Fatalf("reported twice: %v", err)
			}
		})
	}
}

func TestStopGoesOnPastAPartThatEndsBadlyAndNamesIt(t *testing.T) {
	t.Parallel()
	cause := errors.New("requests did not finish")
	var seen order
	s := lifecycle.New(t.Context())
	s.Add("database", seen.part("database", nil))
	s.Add("gateway", seen.part("gateway", cause))
	err := s.Stop()
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "gateway: ") {
		t.Fatalf("Stop() = %v", err)
	}
	if !slices.Equal(seen.names, []string{"gateway", "database"}) {
		t.Fatalf("ended %v", seen.names)
	}
}
