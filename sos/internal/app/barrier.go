package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// barrierLimit is how long a call for help waits for a standby's word. The
	// alarm is out by then, so this costs the phone a second request at worst.
	barrierLimit = 700 * time.Millisecond
	// barrierTry: nobody waits any more, but what waits in the database for ever
	// keeps it from tidying up.
	barrierTry = 10 * time.Second
	// standbyPoll is how soon it is noticed that a standby was configured, or taken away.
	standbyPoll = time.Second

	firstBarrierPause = 50 * time.Millisecond
	lastBarrierPause  = time.Second
)

// BarrierConfig is what a Barrier needs; all but Telemetry is required.
type BarrierConfig struct {
	Confirmations ports.Confirmations
	Now           func() time.Time // to measure with
	Logger        *slog.Logger
	Telemetry     Telemetry
}

// Barrier asks the standbys whether they have what was promised. All who ask
// while one round is under way share the next, so the standby is asked as often
// as it answers, however many call for help.
type Barrier struct {
	BarrierConfig
	standbys atomic.Int32
	wake     chan struct{}
	asking   *mood

	mu      sync.Mutex
	running *question // nil: none
	next    *question // who has come since it began; nil: nobody
}

// What is known about standbys.
const (
	unknown int32 = iota
	none
	some
)

// question is one round: what the standbys are asked about together.
type question struct {
	presses []domain.PressID // whoever adds to it waits at most barrierLimit, so it is as long as that allows
	changes []domain.Change  // likewise
	overdue chan struct{}    // closed when it takes longer than anybody waits
	done    chan struct{}    // closed when it is over; what follows is set then

	inTime     bool
	replicated bool
	stored     map[domain.PressID]bool
	kept       map[domain.Change]bool
}

// NewBarrier refuses a hole.
func NewBarrier(c BarrierConfig) (*Barrier, error) {
	if c.Confirmations == nil || c.Now == nil || c.Logger == nil {
		return nil, errors.New("sos: the barrier lacks something it needs")
	}
	return &Barrier{BarrierConfig: c, wake: make(chan struct{}, 1), asking: newMood(c.Logger, "waiting for the standby")}, nil
}

// Confirm says what the press survives, within barrierLimit, and at once while
// the standbys owe an answer. It fails with ErrPressLost where the press is not there.
func (b *Barrier) Confirm(ctx context.Context, press domain.PressID) (domain.Durability, error) {
	return b.confirm(ctx, func(q *question) { q.presses = append(q.presses, press) }, func(q *question) bool { return q.stored[press] })
}

// ConfirmChange is Confirm for what a command has changed. It fails with
// ErrChangeLost where the ticket has not come as far.
func (b *Barrier) ConfirmChange(ctx context.Context, change domain.Change) (domain.Durability, error) {
	durability, err := b.confirm(ctx, func(q *question) { q.changes = append(q.changes, change) }, func(q *question) bool { return q.kept[change] })
	if errors.Is(err, domain.ErrPressLost) {
		err = domain.ErrChangeLost
	}
	return durability, err
}

func (b *Barrier) confirm(ctx context.Context, add func(*question), found func(*question) bool) (domain.Durability, error) {
	if b.standbys.Load() == none {
		return domain.Local, nil
	}
	own, before := b.join(add)
	if own == nil {
		return domain.Unconfirmed, nil
	}
	ctx, cancel := context.WithTimeout(ctx, barrierLimit)
	defer cancel()
	select {
	case <-own.done:
		return own.answer(found)
	case <-before:
	case <-ctx.Done():
	}
	return domain.Unconfirmed, nil
}

// join adds to the next round. before is closed when the one that is
// under way becomes overdue; own is nil when it is.
func (b *Barrier) join(add func(*question)) (own *question, before <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running != nil {
		if b.running.isOverdue() {
			return nil, nil
		}
		before = b.running.overdue
	}
	if b.next == nil {
		b.next = &question{overdue: make(chan struct{}), done: make(chan struct{})}
	}
	add(b.next)
	select {
	case b.wake <- struct{}{}:
	default: // a signal that nobody has taken yet is enough
	}
	return b.next, before
}

func (r *question) isOverdue() bool {
	select {
	case <-r.overdue:
		return true
	default:
		return false
	}
}

func (r *question) answer(found func(*question) bool) (domain.Durability, error) {
	switch {
	case !r.inTime:
		return domain.Unconfirmed, nil
	case !found(r):
		return "", domain.ErrPressLost
	case r.replicated:
		return domain.Replicated, nil
	default:
		return domain.Local, nil
	}
}
