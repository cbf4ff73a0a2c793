package wsapi

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Drain refuses new sockets and closes those that are open, one after the
// other so that their clients do not all come back to somebody else at once.
// It returns when all are gone; when ctx ends, at once.
func (s *Server) Drain(ctx context.Context) {
	open := s.refuse()
	pause := min(s.limits.DrainEach, s.limits.Drain/time.Duration(max(1, len(open))))
	for i, sock := range open {
		if i > 0 && !wait(ctx, pause) {
			break
		}
		sock.advise(rand.N(s.limits.RetryAfter)) //nolint:gosec // jitter
		sock.Close(domain.Restarting)
	}
	for s.count() > 0 {
		if !wait(ctx, drainPoll) {
			break
		}
	}
	for _, sock := range s.refuse() {
		sock.cut()
	}
	s.stop()
	s.running.Wait()
}

const drainPoll = 5 * time.Millisecond

func (s *Server) refuse() []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	open := make([]*socket, 0, len(s.sockets))
	for sock := range s.sockets { // in no order: nobody is always the first
		open = append(open, sock)
	}
	return open
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
