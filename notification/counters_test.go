package notification_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	fakes "github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/adapters/postgres"
	usecases "github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/idgen"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

var operations = flag.Int("operations", 20_000, "how many changes of inboxes the unread counters are checked over")

const (
	counterUsers     = 200
	counterInstances = 3
	counterWorkers   = 4 // of each instance
)

// miscounted names inboxes whose counter is not what a count of their rows
// gives, or whose seqs have a gap. One statement sees one moment.
const miscounted = `SELECT count(*) FROM inboxes b
	LEFT JOIN LATERAL (
		SELECT count(*) AS entries, coalesce(max(seq), 0) AS newest, count(*) FILTER (WHERE read_at IS NULL AND deleted_at IS NULL) AS unread
		FROM notifications n WHERE n.user_id = b.user_id
	) n ON true
	WHERE b.unread <> n.unread OR b.last_seq <> n.newest OR n.entries <> n.newest`

// Anything that changes inboxes, in any order and at once on several instances:
// at every moment each counter is what counting the rows gives.
func TestUnreadCountersAreExactWhateverHappens(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	started := time.Now()
	var working sync.WaitGroup
	for i := range counterInstances * counterWorkers {
		working.Go(func() {
			w := worker{counting: c, app: c.apps[i%counterInstances], random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))} //nolint:gosec // cases, no secrets
			for c.left.Add(-1) >= 0 {
				w.operate()
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		working.Wait()
	}()
	looks := c.watch(ended)
	c.finish()
	t.Logf("%d operations in %s, %d looks meanwhile: %s", *operations, time.Since(started).Round(time.Second), looks, c.figures())
}

// counting is what the workers share.
type counting struct {
	t     *testing.T
	db    *database.DB
	apps  []*usecases.App
	users []domain.UserID
	left  atomic.Int64

	mu     sync.Mutex
	known  map[domain.UserID][]domain.NotificationID // a sample of each inbox
	batch  [][]domain.Proposal                       // what was told, to be told again
	counts map[string]int
}

func newCounting(t *testing.T) *counting {
	t.Helper()
	config := pgtest.Config(t, postgres.Schema, postgres.Migrations)
	c := &counting{t: t, known: map[domain.UserID][]domain.NotificationID{}, counts: map[string]int{}}
	c.left.Store(int64(*operations))
	for range counterUsers {
		c.users = append(c.users, domain.UserID(idgen.NewV7()))
	}
	registry, bus, alerts, owner := fakes.NewRegistry(time.Now), fakes.NewBus(), fakes.NewAlerts(), fakes.NewOwner()
	for range counterInstances {
		db, err := database.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		c.db = db
		pace := usecases.DefaultPace()
		pace.Expire = 100 * time.Millisecond
		a, err := usecases.New(usecases.Config{
			Instance: domain.InstanceID(idgen.NewV7()), Store: postgres.NewStore(db), Registry: registry, Bus: bus, Alerts: alerts,
			Tickets: fakes.NewTickets(time.Now), Owner: owner, Preferences: fakes.NewPreferences(), Templates: fakes.NewTemplates(time.Now), Devices: fakes.NewDevices(time.Now),
			Revoked: func(domain.Principal) bool { return false }, Now: time.Now, NewID: idgen.NewV7, NameID: idgen.V5, NewTicket: idgen.NewV7,
			Logger: slog.New(slog.DiscardHandler), Pace: pace,
		})
		if err != nil {
			t.Fatal(err)
		}
		c.apps = append(c.apps, a)
		c.run(a)
	}
	return c
}

func (c *counting) run(a *usecases.App) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = a.Run(ctx)
	}()
	c.t.Cleanup(func() {
		stop()
		<-ended
	})
}

// watch looks again and again, and when the workers have ended.
func (c *counting) watch(ended <-chan struct{}) (looks int) {
	pause := time.Second
	for {
		select {
		case <-time.After(pause):
			started := time.Now()
			c.look("meanwhile")
			pause = max(time.Second, 20*time.Since(started)) // a look at a million rows takes its time
			looks++
		case <-ended:
			c.look("at the end")
			return looks
		}
	}
}

func (c *counting) look(when string) {
	c.t.Helper()
	wrong := -1
	eventually.True(c.t, "the database can be looked at", func() bool {
		return c.db.Primary().GetContext(c.t.Context(), &wrong, miscounted) == nil
	})
	if wrong > 0 {
		c.t.Errorf("%s: %d counters are wrong", when, wrong)
	}
}

// finish waits until everything has expired that will, and compares what users are told.
func (c *counting) finish() {
	c.t.Helper()
	const overdue = `SELECT count(*) FROM notifications WHERE expires_at IS NOT NULL AND deleted_at IS NULL`
	eventually.True(c.t, "what was to expire has", func() bool {
		var left int
		return c.db.Primary().GetContext(c.t.Context(), &left, overdue) == nil && left == 0
	})
	c.look("after the last one expired")
	for i, user := range c.users {
		var want int
		const count = `SELECT count(*) FROM notifications WHERE user_id = $1 AND read_at IS NULL AND deleted_at IS NULL`
		if err := c.db.Primary().GetContext(c.t.Context(), &want, count, string(user)); err != nil {
			c.t.Fatal(err)
		}
		if got, err := c.apps[i%counterInstances].Unread(c.t.Context(), user); err != nil || got != want {
			c.t.Errorf("user %d is told %d, %v; there are %d", i, got, err, want)
		}
	}
}

func (c *counting) figures() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var rows, unread int
	_ = c.db.Primary().GetContext(c.t.Context(), &rows, `SELECT count(*) FROM notifications`)
	_ = c.db.Primary().GetContext(c.t.Context(), &unread, `SELECT coalesce(sum(unread), 0) FROM inboxes`)
	return strings.Trim(fmt.Sprint(c.counts), "map[]") + fmt.Sprintf("; %d rows, %d unread", rows, unread)
}

// worker is one client of one instance.
type worker struct {
	*counting
	app    *usecases.App
	random *rand.Rand
}

func (w worker) operate() {
	ctx, user := w.t.Context(), w.users[w.random.IntN(len(w.users))]
	var err error
	var done string
	switch n := w.random.IntN(100); {
	case n < 10:
		done, err = w.tell(ctx)
	case n < 13:
		done, err = w.repeat(ctx)
	case n < 15:
		done = "read-all"
		_, err = w.app.MarkAllRead(ctx, user)
	case n < 50:
		done, err = "read", w.app.Mark(ctx, user, w.pick(user), domain.Read)
	case n < 78:
		done, err = "unread", w.app.Mark(ctx, user, w.pick(user), domain.Unread)
	default:
		done, err = "delete", w.app.Mark(ctx, user, w.pick(user), domain.Deleted)
	}
	if err != nil && !errors.Is(err, domain.ErrNotificationNotFound) {
		w.t.Errorf("%s: %v", done, err)
	}
	w.note(done, 1)
}

func (w worker) note(done string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[done] += n
}

// pick gives the id of something that was told to the user lately.
func (w worker) pick(user domain.UserID) domain.NotificationID {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ids := w.known[user]; len(ids) > 0 {
		return ids[w.random.IntN(len(ids))]
	}
	return domain.NotificationID(idgen.NewV7())
}

// tell tells some users some things, each an operation; one in ten expires soon.
func (w worker) tell(ctx context.Context) (string, error) {
	var batch []domain.Proposal
	for range 1 + w.random.IntN(3) {
		p := domain.Proposal{EventID: idgen.NewV7(), Title: "Title", Body: "Body"}
		for range 1 + w.random.IntN(20) {
			p.Users = append(p.Users, string(w.users[w.random.IntN(len(w.users))]))
		}
		if w.random.IntN(10) == 0 {
			soon := time.Now().Add(time.Second + time.Duration(w.random.IntN(2000))*time.Millisecond)
			p.ExpiresAt = &soon
		}
		batch = append(batch, p)
	}
	accepted, err := w.app.Accept(ctx, batch)
	w.left.Add(1 - int64(accepted.Accepted))
	w.note("told", accepted.Accepted-1)
	w.remember(batch)
	return "told", err
}

const sampled = 64

func (w worker) remember(batch []domain.Proposal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.batch = append(w.batch, batch)
	if len(w.batch) > sampled {
		w.batch = w.batch[1:]
	}
	for _, p := range batch {
		for _, user := range p.Users {
			id := domain.NotificationID(idgen.V5(user, p.EventID))
			ids := append(w.known[domain.UserID(user)], id)
			w.known[domain.UserID(user)] = ids[max(0, len(ids)-sampled):]
		}
	}
}

// repeat tells again what was told, as a client does whose answer was lost.
func (w worker) repeat(ctx context.Context) (string, error) {
	w.mu.Lock()
	var batch []domain.Proposal
	if len(w.batch) > 0 {
		batch = w.batch[w.random.IntN(len(w.batch))]
	}
	w.mu.Unlock()
	for _, p := range batch {
		if p.ExpiresAt != nil { // it may have passed, and is refused then
			return "skipped", nil
		}
	}
	if batch == nil {
		return "skipped", nil
	}
	accepted, err := w.app.Accept(ctx, batch)
	w.left.Add(1 - int64(accepted.Accepted))
	w.note("repeated", accepted.Accepted-1)
	return "repeated", err
}
