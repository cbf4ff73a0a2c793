package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

const (
	// repairers is how many gaps are filled at once: enough to hide the store's
	// round trip, few enough to leave its connections to requests.
	repairers = 4
	// repairTime bounds reading one page, leaveTime its leaving: a slow socket must
	// not hold up the others. The sweeper comes back to what was given up.
	repairTime = 5 * time.Second
	leaveTime  = 50 * time.Millisecond
)

// mend has the session's gap filled. Whoever was told of the gap calls it once.
func (a *App) mend(s *Session) {
	select {
	case a.repairs <- s:
	default:
		a.counters.QueueOverflows.Add(1)
		s.abandon()
	}
}

func (a *App) repair(ctx context.Context) {
	for {
		select {
		case s := <-a.repairs:
			a.catchUp(ctx, s)
		case <-ctx.Done():
			return
		}
	}
}

// catchUp fills the session's gap a page at a time. Where more than a page is
// missing the session goes back to the end of the queue: a slow one holds up nobody.
func (a *App) catchUp(ctx context.Context, s *Session) {
	s.mu.Lock()
	if s.resume != nil { // the resume brings it
		s.mu.Unlock()
		return
	}
	after, upTo, gap := s.progress.Missing()
	s.mu.Unlock()
	if !gap || !a.roster.has(s) {
		return
	}
	if err := a.fill(ctx, s, after, upTo); err != nil {
		s.abandon()
		return
	}
	a.mend(s)
}

func (a *App) fill(ctx context.Context, s *Session, after, upTo domain.Seq) error {
	reading, cancel := context.WithTimeout(ctx, repairTime)
	defer cancel()
	sent, err := s.page(reading, after, upTo, true)
	a.counters.Repaired.Add(int64(sent))
	if err != nil {
		return err
	}
	leaving, cancel := context.WithTimeout(ctx, leaveTime)
	defer cancel()
	return s.socket.Drained(leaving)
}

// abandon gives a gap up for now; the next offer beyond it, or the sweeper, finds it again.
func (s *Session) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resume == nil {
		s.progress.Abandon()
	}
}
