package app

import (
	"context"
	"slices"
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
}

// change is one socket that has come or gone.
type change struct {
	session *Session
	gone    bool
	entered chan int // gets the count; nil where nobody waits
}

func newPresence(a *App) *presence {
	p := &presence{app: a, queue: make(chan change, presenceQueue)}
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
	tick := time.NewTicker(p.app.pace.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.beat(work)
		case c := <-p.queue:
			p.write(work, p.batch(c))
		case <-ctx.Done():
			p.end(work)
			return
		}
	}
}

// end leaves the registry clean: what is still queued, then the lease.
func (p *presence) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, registryTime)
	defer cancel()
	for len(p.queue) > 0 {
		p.write(ctx, p.batch(<-p.queue))
	}
	if err := p.app.registry.End(ctx, p.lease()); err != nil {
		p.app.logger.WarnContext(ctx, "the lease could not be given up", "error", err)
	}
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

// write enters and takes out. Those who come are entered first: one that has
// come and gone at once is then gone.
func (p *presence) write(ctx context.Context, changes []change) {
	ctx, cancel := context.WithTimeout(ctx, registryTime)
	defer cancel()
	counts, err := p.add(ctx, changes)
	for _, c := range changes {
		if c.entered == nil {
			continue
		}
		if count, ok := counts[c.session.id]; ok {
			c.entered <- count
		}
		close(c.entered)
	}
	if err == nil {
		err = p.remove(ctx, changes)
	}
	if err != nil {
		p.failed(ctx, err)
	}
}

// add enters those who have come and are still here.
func (p *presence) add(ctx context.Context, changes []change) (map[domain.SocketID]int, error) {
	if p.stale.Load() {
		if err := p.renew(ctx); err != nil {
			return nil, err
		}
	}
	var come []*Session
	for _, c := range changes {
		if !c.gone && p.app.roster.has(c.session) {
			come = append(come, c.session)
		}
	}
	if len(come) == 0 {
		return nil, nil
	}
	counts, err := p.app.registry.Add(ctx, p.connections(come))
	if err != nil {
		return nil, err
	}
	known := make(map[domain.SocketID]int, len(come))
	for i, s := range come {
		known[s.id] = counts[i]
	}
	return known, nil
}

func (p *presence) remove(ctx context.Context, changes []change) error {
	var gone []*Session
	for _, c := range changes {
		if c.gone {
			gone = append(gone, c.session)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return p.app.registry.Remove(ctx, p.connections(gone))
}

func (p *presence) connections(sessions []*Session) []domain.Connection {
	lease := p.lease()
	connections := make([]domain.Connection, len(sessions))
	for i, s := range sessions {
		connections[i] = s.connection(lease)
	}
	return connections
}

// beat renews the lease. One that is gone (a pause of this process, a failover
// or emptying of Redis) and one behind which a write failed make a new epoch.
func (p *presence) beat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, registryTime)
	defer cancel()
	if !p.stale.Load() {
		held, err := p.app.registry.Renew(ctx, p.lease(), p.app.pace.Lease)
		if err == nil && held {
			return
		}
		if err != nil {
			p.failed(ctx, err)
			return
		}
	}
	if err := p.renew(ctx); err != nil {
		p.failed(ctx, err)
	}
}

// renew begins an epoch and enters every socket of this instance under it.
func (p *presence) renew(ctx context.Context) error {
	epoch := domain.Epoch(p.app.newID())
	if err := p.app.registry.Begin(ctx, domain.Lease{Instance: p.app.self, Epoch: epoch}, p.app.pace.Lease); err != nil {
		return err
	}
	p.epoch.Store(&epoch)
	p.stale.Store(false)
	p.app.counters.Epochs.Add(1)
	for part := range slices.Chunk(p.app.roster.all(), presenceBatch) {
		if _, err := p.app.registry.Add(ctx, p.connections(part)); err != nil {
			return err
		}
	}
	return nil
}

func (p *presence) failed(ctx context.Context, err error) {
	if ctx.Err() == nil && !p.stale.Load() {
		p.app.logger.WarnContext(ctx, "the connection registry cannot be reached; sockets stay and are registered again later", "error", err)
	}
	p.failing.Store(true)
	p.stale.Store(true)
	p.absent()
}

// absent notes that the registry was away: leases may have run out although their instances live.
func (p *presence) absent() { p.away.Store(p.app.now().UnixNano()) }

// reap removes the ghosts that dead instances and ended epochs have left, but
// not right after an outage: the living need a moment to claim their leases again.
func (a *App) reap(ctx context.Context) {
	every(ctx, a.pace.Reap, func(ctx context.Context) {
		if a.now().Sub(time.Unix(0, a.presence.away.Load())) < a.pace.Quiet {
			return
		}
		ctx, cancel := context.WithTimeout(ctx, registryTime)
		defer cancel()
		reaped, err := a.registry.Reap(ctx)
		a.counters.Reaped.Add(int64(reaped))
		if err != nil {
			a.presence.absent()
			return
		}
		if reaped > 0 {
			a.logger.InfoContext(ctx, "ghosts removed from the connection registry", "count", reaped)
		}
	})
}
