package postgres

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/shared/health"
)

// maxLag: a replica that is further behind is not read.
const maxLag = 5 * time.Second

var errBehind = errors.New("postgres: the replica is too far behind")

// replica is one read host and whether it may be read at the moment.
type replica struct {
	*server

	db       *DB
	usable   atomic.Bool  // it answers, and is not too far behind
	slow     atomic.Bool  // a read has waited for it in vain since the last look
	replayed atomic.Int64 // the position that it has reached at least
	lag      atomic.Int64 // ns

	mu      sync.Mutex
	answers bool
	life    context.Context //nolint:containedctx // the replica has a life: it ends when it stops answering
	die     context.CancelFunc
}

func (db *DB) newReplica(s *server) *replica {
	r := &replica{server: s, db: db}
	r.life, r.die = context.WithCancel(context.Background())
	return r
}

// watch looks again and again until ctx ends.
func (r *replica) watch(ctx context.Context) {
	defer r.die()
	pools := &budget{server: r.server, size: r.db.config.MaxOpen, logger: r.db.logger}
	every(ctx, watchEvery, func() {
		seen, err := r.look(ctx)
		if ctx.Err() != nil {
			return
		}
		_ = r.note(seen, err) // which has logged it
		if err == nil {
			pools.look(ctx, seen.Session)
		}
	})
}

// note draws the conclusions from a look.
func (r *replica) note(seen sighting, err error) error {
	if err == nil {
		r.come(seen)
		if lag := r.db.lagAt(seen.At); lag > maxLag {
			err = errBehind
		} else {
			r.slow.Store(false)
		}
	} else {
		r.gone()
	}
	if was := r.usable.Swap(err == nil); was && err != nil {
		r.db.logger.Warn("a replica is no longer read", "replica", r.name, "error", err)
	} else if !was && err == nil {
		r.db.logger.Info("a replica is read", "replica", r.name)
	}
	return err
}

func (r *replica) come(seen sighting) {
	r.lag.Store(int64(r.db.lagAt(seen.At)))
	r.advance(seen.At)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.answers {
		r.answers = true
		r.life, r.die = context.WithCancel(context.Background())
	}
}

// gone tells those who wait for an answer to look for it elsewhere.
func (r *replica) gone() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answers {
		r.answers = false
		r.die()
		r.connector.lines.cutAllBut(unknownHost)
	}
	r.replayed.Store(0) // when it comes back it may be another copy
}

func (r *replica) behind(context.Context) (time.Duration, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.answers {
		return 0, errUnavailable
	}
	return time.Duration(r.lag.Load()), nil
}

func (r *replica) check() health.Check {
	return health.Check{
		Name: r.name, Group: health.Database, Role: "replica",
		Probe: func(ctx context.Context) error {
			seen, err := r.look(ctx)
			return r.note(seen, err)
		},
		Lag: r.behind,
	}
}
