package app

import (
	"context"
	"slices"

	"github.com/loveapp/backend/notification/internal/domain"
)

// beat renews the lease. One that is gone (a pause of this process, a failover
// or emptying of Redis) and one behind which a write failed make a new epoch.
func (p *presence) beat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, registryTime)
	defer cancel()
	if !p.stale.Load() {
		held, err := p.app.registry.Renew(ctx, p.lease(), p.app.pace.Lease)
		if err == nil && held && !p.mistrusted() {
			return
		}
		if err != nil {
			p.failed(ctx, err)
			return
		}
		if !held {
			p.lose()
		}
	}
	if err := p.renew(ctx); err != nil {
		p.failed(ctx, err)
	}
}

// mistrusted: not more than once in the time of a lease, or an outage that comes
// and goes would have every socket entered again and again.
func (p *presence) mistrusted() bool {
	return p.doubted.Load() && p.app.now().Sub(p.renewed) >= p.app.pace.Lease
}

// doubt has everything entered again once Redis answers.
func (p *presence) doubt() {
	p.doubted.Store(true)
	p.absent()
}

// renew begins an epoch and enters every socket of this instance under it.
func (p *presence) renew(ctx context.Context) error {
	epoch := domain.Epoch(p.app.newID())
	if err := p.app.registry.Begin(ctx, domain.Lease{Instance: p.app.self, Epoch: epoch}, p.app.pace.Lease); err != nil {
		return err
	}
	p.epoch.Store(&epoch)
	p.stale.Store(false)
	p.doubted.Store(false)
	p.renewed = p.app.now()
	p.app.counters.Epochs.Add(1)
	wakeUp(p.app.unkept)
	for part := range slices.Chunk(p.app.roster.all(), presenceBatch) {
		if _, err := p.app.registry.Add(ctx, p.connections(part)); err != nil {
			return err
		}
	}
	return nil
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
