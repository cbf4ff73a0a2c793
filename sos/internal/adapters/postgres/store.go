// Package postgres keeps tickets, contacts and the outbox in PostgreSQL.
package postgres

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/loveapp/backend/shared/idgen"
	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Schema is where the tables are.
const Schema = "sos"

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the steps to the newest tables.
func Migrations() embed.FS { return migrations }

// channel is where instances tell each other that alerts were queued.
const channel = "sos_outbox"

// Store is the service's database.
type Store struct {
	db      *shared.DB
	woken   chan struct{}
	pulse   *Pulse
	reach   time.Duration
	presses pressQueue
	door    *semaphore.Weighted // of presses that are stored alone
	self    string              // what this instance's NOTIFY says
	bell    bell
	later   atomic.Bool // somebody else's bell is about to wake

	// working is what goes on although nobody waits for it any more.
	working sync.WaitGroup
}

// Config is what a Store works with.
type Config struct {
	DB *shared.DB // stays its owner's to close
	// Pulse hears from DB whenever it answers.
	Pulse *Pulse
	// Reach is how long a press waits for a sign of life; 0 = 250 ms.
	Reach time.Duration
}

// NewStore refuses a hole.
func NewStore(c Config) (*Store, error) {
	if c.DB == nil || c.Pulse == nil {
		return nil, errors.New("sos/postgres: a store needs a database and its pulse")
	}
	return &Store{
		db: c.DB, woken: make(chan struct{}, 1), pulse: c.Pulse, reach: cmp.Or(c.Reach, defaultReach),
		presses: pressQueue{limit: groupLimit, stuck: stuckAfter}, door: semaphore.NewWeighted(pressesAtOnce), self: idgen.NewV7(),
	}, nil
}

// closeLimit: a press on its way to a database that has frozen never ends.
const closeLimit = 3 * time.Second

// Close waits for what is in work.
func (s *Store) Close() error {
	ended := make(chan struct{})
	go func() {
		s.working.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-time.After(closeLimit):
		return errors.New("sos/postgres: a press is still waiting for the database")
	}
}

// Listen signals Woken a moment after another instance has queued alerts, until ctx ends.
func (s *Store) Listen(ctx context.Context) error {
	return s.db.Listen(ctx, []string{channel}, s.rung, s.wake)
}

// headStart is for whoever has queued alerts to carry them. The others look after
// that, for what its death or its load has left: without it all would look for
// every alarm, and all but one find nothing.
const headStart = 30 * time.Millisecond

// rung is somebody's bell, our own included.
func (s *Store) rung(_, by string) {
	if by == s.self || !s.later.CompareAndSwap(false, true) {
		return
	}
	time.AfterFunc(headStart, func() {
		s.later.Store(false)
		s.wake()
	})
}

// Woken is signalled when alerts have been queued, here or elsewhere.
func (s *Store) Woken() <-chan struct{} { return s.woken }

func (s *Store) wake() {
	select {
	case s.woken <- struct{}{}:
	default: // a signal that nobody has taken yet is enough
	}
}

// ringLimit: a bell that takes longer rings for nobody.
const ringLimit = time.Second

// queued is called after a commit that may have queued alerts. Polling finds
// them too, so a bell that does not ring costs a moment and no alert, and
// whoever has called for help does not wait for it.
func (s *Store) queued(alerts int) {
	if alerts == 0 {
		return
	}
	s.wake()
	s.working.Go(func() {
		s.bell.ring(func() {
			ctx, cancel := context.WithTimeout(context.Background(), ringLimit)
			defer cancel()
			_ = s.db.Notify(ctx, channel, s.self)
		})
	})
}

// bell rings for the other instances. Those who want it rung while it is
// ringing leave that to the one who rings: under load one NOTIFY tells of many commits.
type bell struct {
	mu      sync.Mutex
	ringing bool
	again   bool
}

func (b *bell) ring(pull func()) {
	b.mu.Lock()
	if b.ringing {
		b.again = true
		b.mu.Unlock()
		return
	}
	b.ringing, b.again = true, true
	for b.again {
		b.again = false
		b.mu.Unlock()
		pull()
		b.mu.Lock()
	}
	b.ringing = false
	b.mu.Unlock()
}

var (
	_ ports.Tickets      = (*Store)(nil)
	_ ports.Timers       = (*Store)(nil)
	_ ports.Reading      = (*Store)(nil)
	_ ports.Outbox       = (*Store)(nil)
	_ ports.ContactBooks = (*Store)(nil)
	_ ports.Invitations  = (*Store)(nil)
	_ ports.Seals        = (*Store)(nil)
	_ ports.Memories     = (*Store)(nil)
	_ ports.People       = (*Store)(nil)
	_ ports.Trails       = (*Store)(nil)
	_ ports.Pins         = (*Store)(nil)
	_ ports.Policies     = (*Store)(nil)
	_ ports.Dispatchers  = (*Store)(nil)
	_ ports.Guests       = (*Store)(nil)
	_ ports.Oversight    = (*Store)(nil)
	_ ports.Auditing     = (*Store)(nil)
	_ ports.Shares       = (*Store)(nil)
)
