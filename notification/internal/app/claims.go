package app

import (
	"context"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/internal/ports"
)

const (
	// urgentLease: when an instance dies with a step or a message in its hands,
	// others take it up after that, so that an alarm is a second late. Who lives
	// keeps what it has in hand (Pace.Keep), for as long as that takes.
	urgentLease = 800 * time.Millisecond
	// otherLease: of what is not urgent nobody minds ten seconds, but somebody that
	// it comes twice.
	otherLease = 10 * time.Second
	// doubtAfter: where the store has not answered an instance for so long, others
	// may have kept nothing either, because the store was away or this machine is
	// slow. Until calmTime is over it takes nobody for dead.
	doubtAfter = 500 * time.Millisecond
	calmTime   = 2 * time.Second
)

func leaseOf(urgent bool) time.Duration {
	if urgent {
		return urgentLease
	}
	return otherLease
}

// work is what a claim is of: plans or deliveries, urgent or not.
type work struct{ plans, urgent bool }

// claims are the leases of what this instance has in hand.
type claims struct {
	mu     sync.Mutex
	inHand map[ports.Held]*claim
	seen   time.Time // when the store answered last; zero: not yet
	calm   time.Time // until when nobody is taken for dead
}

type claim struct {
	work
	until time.Time // nobody else has it before
}

func newClaims() *claims { return &claims{inHand: map[ports.Held]*claim{}} }

// take notes what was claimed by a call that began then.
func (c *claims) take(held []ports.Held, of work, began time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range held {
		c.inHand[h] = &claim{work: of, until: began.Add(leaseOf(of.urgent))}
	}
}

// leave gives up what is done with.
func (c *claims) leave(held ...ports.Held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range held {
		delete(c.inHand, h)
	}
}

// holds tells whether nobody else can have it.
func (c *claims) holds(h ports.Held, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	held := c.inHand[h]
	return held != nil && now.Before(held.until)
}

// trusted tells whether a lease that has lapsed means that its holder is dead:
// not where this instance could not keep its own, which it would take over, too.
func (c *claims) trusted(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, held := range c.inHand {
		if !now.Before(held.until) {
			return false
		}
	}
	return now.Sub(c.seen) <= doubtAfter && !now.Before(c.calm)
}

// asked notes that the store has answered, or failed to.
func (c *claims) asked(now time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || !c.seen.IsZero() && now.Sub(c.seen) > doubtAfter {
		c.calm = now.Add(calmTime)
	}
	if err == nil {
		c.seen = now
	}
}

// of gives what is in hand of one kind.
func (c *claims) of(kind work) (held []ports.Held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for h, one := range c.inHand {
		if one.work == kind {
			held = append(held, h)
		}
	}
	return held
}

// kept notes which leases an extension that began then has kept.
func (c *claims) kept(still []ports.Held, began, now time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || now.Sub(began) > doubtAfter {
		c.calm = now.Add(calmTime)
	}
	if err != nil {
		return
	}
	for _, h := range still {
		if held := c.inHand[h]; held != nil {
			held.until = began.Add(leaseOf(held.urgent))
		}
	}
}

// keepClaims extends the leases of all that is in hand, until ctx ends.
func (a *App) keepClaims(ctx context.Context) {
	every(ctx, a.pace.Keep, func(ctx context.Context) {
		for _, kind := range []work{{plans: true, urgent: true}, {urgent: true}, {plans: true}, {}} {
			if held := a.claims.of(kind); len(held) > 0 {
				a.keepOf(ctx, kind, held)
			}
		}
	})
}

func (a *App) keepOf(ctx context.Context, kind work, held []ports.Held) {
	ctx, cancel := context.WithTimeout(ctx, urgentLease)
	defer cancel()
	keep := a.store.KeepDeliveries
	if kind.plans {
		keep = a.store.KeepHops
	}
	began := a.now()
	kept, err := keep(ctx, held, leaseOf(kind.urgent))
	a.claims.kept(kept, began, a.now(), err)
	if err != nil {
		a.logger.DebugContext(ctx, "what is in hand could not be kept; others may take it over", "error", err)
	}
}

// worksHeld are in the order of the works.
func worksHeld(c ports.DeliveryClaim) []ports.Held {
	held := make([]ports.Held, len(c.Works))
	for i, w := range c.Works {
		held[i] = ports.Held{Lease: c.Lease, ID: string(w.ID)}
	}
	return held
}

func plansHeld(c ports.HopClaim) []ports.Held {
	held := make([]ports.Held, len(c.Plans))
	for i, p := range c.Plans {
		held[i] = ports.Held{Lease: c.Lease, ID: string(p.Notification)}
	}
	return held
}
