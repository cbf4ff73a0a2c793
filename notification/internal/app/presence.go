package app

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

const (
	presenceQueue = 8192
	// presenceBatch is how many changes share a round trip to the registry.
	presenceBatch = 512
	// registryTime bounds one of them.
	registryTime = 2 * time.Second
	// retryRegistry is how often one that is away is tried again.
	retryRegistry = 250 * time.Millisecond
)

// presence keeps this instance's sockets in the registry. One goroutine does
// all the writing, in order, so that a socket that leaves is never entered again.
//
// Nothing is repeated after a failure. Instead a new epoch begins and everything
// is entered again under it: what a failed write left behind then belongs to an
// epoch that nobody holds, and is reaped.
type presence struct {
	app   *App
	queue chan change
	epoch atomic.Pointer[domain.Epoch]
	// stale: the registry may not show what is; a new epoch is due.
	stale atomic.Bool
	// failing: a write has failed since the start.
	failing atomic.Bool
	// away is when the registry may last have been away, in Unix ns: for all we
	// know it was just before the start.
	away atomic.Int64
	// doubted: Redis has failed others, so what was entered may be lost although
	// the lease is not: they are on different nodes of a cluster.
	doubted atomic.Bool
	// lost is when the lease was last found gone, in Unix ns.
	lost    atomic.Int64
	due     chan struct{} // a heartbeat is due at once
	renewed time.Time     // run's; when the epoch began
}

// change is one socket that has come or gone.
type change struct {
	session *Session
	gone    bool
	entered chan int // gets the count; nil where nobody waits
}

func newPresence(a *App) *presence {
	p := &presence{app: a, queue: make(chan change, presenceQueue), due: make(chan struct{}, 1)}
	epoch := domain.Epoch(a.newID())
	p.epoch.Store(&epoch)
	p.stale.Store(true)
	p.absent()
	return p
}

func (p *presence) lease() domain.Lease {
	return domain.Lease{Instance: p.app.self, Epoch: *p.epoch.Load()}
}

// enter has s entered and gives how many sockets its user has everywhere. It
// waits a moment only; known is false when the registry has not answered by then.
func (p *presence) enter(ctx context.Context, s *Session) (count int, known bool) {
	if p.stale.Load() && p.failing.Load() { // the new epoch will bring it; the first one is only a moment away
		return 0, false
	}
	entered := make(chan int, 1)
	if !p.put(change{session: s, entered: entered}) {
		return 0, false
	}
	timer := time.NewTimer(p.app.pace.Enrol)
	defer timer.Stop()
	select {
	case count, known = <-entered:
		return count, known
	case <-timer.C:
	case <-ctx.Done():
	}
	return 0, false
}

// leave has s taken out. When a new epoch is due, s is simply not part of it.
func (p *presence) leave(s *Session) {
	if !p.stale.Load() {
		p.put(change{session: s, gone: true})
	}
}

func (p *presence) put(c change) bool {
	select {
	case p.queue <- c:
		return true
	default:
		p.stale.Store(true)
		p.app.counters.QueueOverflows.Add(1)
		return false
	}
}

// run never breaks a write off: what it has taken from the queue it sees through.
func (p *presence) run(ctx context.Context) {
	work := context.WithoutCancel(ctx)
	p.beat(work)
	next := time.NewTimer(p.rest())
	defer next.Stop()
	for {
		select {
		case <-next.C:
			p.beat(work)
			next.Reset(p.rest())
		case <-p.due:
			p.beat(work)
			next.Reset(p.rest())
		case c := <-p.queue:
			p.write(work, p.batch(c))
			if p.stale.Load() {
				next.Reset(p.rest())
			}
		case <-ctx.Done():
			p.end(work)
			return
		}
	}
}

// rest is how long to wait for the next heartbeat: not long while others cannot
// see this instance's sockets.
func (p *presence) rest() time.Duration {
	if p.stale.Load() {
		return min(retryRegistry, p.app.pace.Heartbeat)
	}
	return p.app.pace.Heartbeat
}

func (p *presence) batch(first change) []change {
	changes := []change{first}
	for len(changes) < presenceBatch {
		select {
		case c := <-p.queue:
			changes = append(changes, c)
		default:
			return changes
		}
	}
	return changes
}
