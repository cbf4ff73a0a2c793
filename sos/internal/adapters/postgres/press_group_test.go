package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// unhurried: while everybody is held up the database has nothing to say.
const unhurried = 2 * time.Minute

// crowd presses while everybody who stores presses is held up, so that the
// presses are stored together once they are let go.
type crowd struct {
	t       *testing.T
	s       *postgres.Store
	group   sync.WaitGroup
	held    sync.WaitGroup
	release chan struct{}
	pressed int
}

// newCrowd holds everybody up.
func newCrowd(t *testing.T, s *postgres.Store) *crowd {
	t.Helper()
	s.Unhurried()
	c := &crowd{t: t, s: s, release: make(chan struct{})}
	for i := range postgres.GroupsAtOnce {
		c.held.Add(1)
		var once sync.Once
		c.group.Go(func() {
			if err := c.take(fmt.Sprint("holding ", i), domain.Press{}, func() {
				once.Do(c.held.Done)
				<-c.release
			}); err != nil {
				t.Error(err)
			}
		})
		c.held.Wait() // one after the other: else two would be one group
	}
	return c
}

func (c *crowd) take(reporter string, p domain.Press, first func()) error {
	at := ports.PressAddress{ID: domain.PressID(idgen.NewV7()), Reporter: domain.UserID(reporter)}
	p.Reporter = at.Reporter
	for {
		_, err := c.s.Press(context.WithoutCancel(c.t.Context()), at, func(desk domain.Desk) (*domain.Case, bool, error) {
			first()
			taking, err := desk.Take(at.ID, p)
			return taking.Case, taking.Merged, err
		})
		if f := fault.From(err); f == nil || f.Kind != fault.Unavailable { // a busy machine opens no connection in time: the app asks again
			return err
		}
	}
}

// press has somebody press; what comes of it goes to done.
func (c *crowd) press(reporter string, p domain.Press, done func(error)) {
	c.pressed++
	c.group.Go(func() { done(c.take(reporter, p, func() {})) })
}

// letGo lets everybody go on once all have pressed, and waits for them.
func (c *crowd) letGo() {
	c.t.Helper()
	eventually.True(c.t, "all have pressed", func() bool { return c.s.Waiting() == c.pressed })
	close(c.release)
	c.group.Wait()
}

// transactions is how many have stored the tickets of those whose id begins so.
func transactions(t *testing.T, admin *pgtest.AdminConn, reporters string) (tickets, transactions int) {
	t.Helper()
	if err := admin.QueryRowContext(t.Context(), `SELECT count(*), count(DISTINCT xmin::text) FROM sos.tickets WHERE reporter_id LIKE $1`, reporters+"%").Scan(&tickets, &transactions); err != nil {
		t.Fatal(err)
	}
	return tickets, transactions
}

func TestPressesThatWaitAreStoredTogether(t *testing.T) {
	t.Parallel()
	config := fresh(t)
	s := open(t, config, unhurried)
	c := newCrowd(t, s)
	const people = 40
	for i := range people {
		c.press(fmt.Sprint("person ", i), domain.Press{Type: domain.Fire}, func(err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	c.letGo()
	tickets, together := transactions(t, pgtest.Admin(t, config), "person")
	if tickets != people || together > 2 {
		t.Errorf("%d tickets in %d transactions", tickets, together)
	}
}

func TestAPressThatCannotBeStoredTakesNoNeighbourDown(t *testing.T) {
	t.Parallel()
	config := fresh(t)
	s := open(t, config, unhurried)
	c := newCrowd(t, s)
	const people = 20
	for i := range people {
		c.press(fmt.Sprint("person ", i), domain.Press{Type: domain.Fire}, func(err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	c.press("poisoned", domain.Press{Description: "a\x00b"}, func(err error) {
		if err == nil {
			t.Error("stored what no database can store")
		}
	})
	c.letGo()
	if tickets, _ := transactions(t, pgtest.Admin(t, config), "person"); tickets != people {
		t.Errorf("%d tickets", tickets)
	}
	if tickets, _ := transactions(t, pgtest.Admin(t, config), "poisoned"); tickets != 0 {
		t.Errorf("%d tickets of the poisoned press", tickets)
	}
}

func TestAPressThatIsGivenUpInTheQueueIsNotStored(t *testing.T) {
	t.Parallel()
	config := fresh(t)
	s := open(t, config, unhurried)
	c := newCrowd(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan error, 1)
	go func() { given <- press(ctx, s, "impatient") }()
	eventually.True(t, "it waits", func() bool { return s.Waiting() == 1 })
	cancel()
	if err := <-given; err == nil {
		t.Error("stored while nobody could")
	}
	eventually.True(t, "it has left", func() bool { return s.Waiting() == 0 })
	c.letGo()
	if tickets, _ := transactions(t, pgtest.Admin(t, config), "impatient"); tickets != 0 {
		t.Errorf("%d tickets", tickets)
	}
}

func TestWhoWaitsForTheirTurnHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	config := fresh(t)
	s, db := openBoth(t, config, unhurried)
	var group sync.WaitGroup
	held, release := make(chan struct{}), make(chan struct{})
	const turns = postgres.GroupsAtOnce + 1
	group.Go(func() { // another instance, which has frozen
		err := db.Tx(context.WithoutCancel(t.Context()), func(tx *sqlx.Tx) error {
			defer func() { <-release }()
			defer close(held)
			_, err := tx.Exec(`SELECT pg_advisory_xact_lock(hashtextextended('sos.press held ' || n, 0)) FROM generate_series(1, $1) n`, turns)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-held
	for n := range turns {
		group.Go(func() {
			_ = press(context.WithoutCancel(t.Context()), s, domain.UserID(fmt.Sprint("held ", n+1)))
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for n := range 20 {
		eventually.True(t, "somebody else's press is taken", func() bool { return press(ctx, s, domain.UserID(fmt.Sprint("free ", n))) == nil })
	}
	close(release)
	group.Wait()
}
