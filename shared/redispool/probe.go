package redispool

import (
	"context"
	"crypto/rand"
	"time"
)

const (
	probeEvery = 5 * time.Second
	// probeLimit is how long an echo may take: PUBLISH itself has a second.
	probeLimit = time.Second
	probes     = "redispool:probe:"
)

// probe publishes to a channel of the subscription's own. A node can answer pings
// and yet hear nothing: cut off from the rest of its cluster, or not the one to
// which the others publish. Then another connection is made.
type probe struct {
	pool    *Pool
	channel string
	echoes  chan string
}

func newProbe(p *Pool) *probe {
	return &probe{pool: p, channel: probes + rand.Text(), echoes: make(chan string, 1)}
}

// heard takes an echo; one that nobody waits for any more makes room.
func (p *probe) heard(payload []byte) {
	select {
	case <-p.echoes:
	default:
	}
	p.echoes <- string(payload) // nobody else sends
}

// run gives the subscription up when it is deaf, else it ends with ctx.
func (p *probe) run(ctx context.Context, giveUp func()) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if !p.hears(ctx) {
			p.pool.figures.deaf.Inc()
			giveUp()
			return
		}
	}
}

// hears tells whether what is published comes back. Where nothing can be
// published this says nothing about the subscription: its own silence does.
func (p *probe) hears(ctx context.Context) bool {
	said := rand.Text()
	if p.pool.Publish(ctx, p.channel, []byte(said)) != nil {
		return true
	}
	limit := time.NewTimer(probeLimit)
	defer limit.Stop()
	for {
		select {
		case echo := <-p.echoes:
			if echo == said {
				return true
			}
		case <-limit.C:
			return false
		case <-ctx.Done():
			return true
		}
	}
}
