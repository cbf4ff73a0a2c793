package postgres_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/idgen"
	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// callerLimit is far above the store's own limits: who gives up before has kept to those.
const callerLimit = time.Minute

func press(ctx context.Context, s *postgres.Store, reporter domain.UserID) error {
	at := ports.PressAddress{ID: domain.PressID(idgen.NewV7()), Reporter: reporter}
	_, err := s.Press(ctx, at, func(desk domain.Desk) (*domain.Case, bool, error) {
		taking, err := desk.Take(at.ID, domain.Press{Reporter: at.Reporter, Type: domain.OtherType})
		return taking.Case, taking.Merged, err
	})
	return err
}

// mustGiveUp fails unless the store gives the press up by itself.
func mustGiveUp(t *testing.T, s *postgres.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callerLimit)
	defer cancel()
	begun := time.Now()
	err := press(ctx, s, "ann")
	if e := fault.From(err); e == nil || e.Kind != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	if ctx.Err() != nil {
		t.Error("given up only because the caller did")
	}
	t.Logf("given up after %v", time.Since(begun).Round(time.Millisecond))
}

func TestAPressIsGivenUpAtOnceWhereNobodyListens(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	c.Hosts = []config.HostPort{{Host: "127.0.0.1", Port: 1}}
	mustGiveUp(t, open(t, c, 0))
}

// road is a way to the database that can be blocked: what is sent goes nowhere.
type road struct {
	addr    config.HostPort
	blocked atomic.Bool
	opened  sync.Cond
}

func newRoad(t *testing.T, to config.HostPort) *road {
	t.Helper()
	listener, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	r := &road{opened: *sync.NewCond(&sync.Mutex{})}
	r.addr = config.HostPort{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { r.carry(from, to.Addr()) })
		}
	})
	t.Cleanup(func() {
		r.set(false)
		_ = listener.Close()
		group.Wait()
	})
	return r
}

func (r *road) set(blocked bool) {
	r.opened.L.Lock()
	defer r.opened.L.Unlock()
	r.blocked.Store(blocked)
	r.opened.Broadcast()
}

func (r *road) pass() {
	r.opened.L.Lock()
	defer r.opened.L.Unlock()
	for r.blocked.Load() {
		r.opened.Wait()
	}
}

func (r *road) carry(from net.Conn, to string) {
	r.pass()
	onward, err := (&net.Dialer{}).Dial("tcp", to)
	if err != nil {
		_ = from.Close()
		return
	}
	var group sync.WaitGroup
	for _, pair := range [][2]net.Conn{{from, onward}, {onward, from}} {
		group.Go(func() {
			buffer := make([]byte, 32<<10)
			for {
				n, err := pair[0].Read(buffer)
				r.pass()
				if n > 0 {
					_, _ = pair[1].Write(buffer[:n])
				}
				if err != nil {
					_ = pair[1].Close()
					_, _ = io.Copy(io.Discard, pair[0])
					return
				}
			}
		})
	}
	group.Wait()
	_, _ = from.Close(), onward.Close()
}

func TestAPressIsGivenUpWhereTheDatabaseHasFallenSilent(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	r := newRoad(t, c.Hosts[0])
	c.Hosts = []config.HostPort{r.addr}
	s := open(t, c, 0)
	eventually.True(t, "the first press is taken", func() bool { return press(t.Context(), s, "ann") == nil })
	r.set(true)
	mustGiveUp(t, s) // on a connection that is open
	mustGiveUp(t, s) // and on one that cannot be opened
	r.set(false)
	eventually.True(t, "a press is taken again", func() bool { return press(t.Context(), s, "ann") == nil })
}

func TestAPressIsGivenUpWhereNoConnectionComesFree(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	c.MaxOpen = 4
	s, db := openBoth(t, c, 0)
	var group sync.WaitGroup
	release, held := make(chan struct{}), make(chan struct{})
	defer group.Wait()
	defer close(release)
	for range db.Primary().Stats().MaxOpenConnections {
		group.Go(func() { hold(t, db, held, release) })
		<-held
	}
	mustGiveUp(t, s)
}

// hold keeps a connection until release.
func hold(t *testing.T, db *shared.DB, held chan<- struct{}, release <-chan struct{}) {
	t.Helper()
	if err := db.Tx(t.Context(), func(*sqlx.Tx) error {
		held <- struct{}{}
		<-release
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestAPressInAQueueThatMovesIsNotGivenUp(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	c.MaxOpen = 2
	s := open(t, c, time.Second)
	var group sync.WaitGroup
	var taken atomic.Int32
	for i := range 600 {
		group.Go(func() {
			if err := press(t.Context(), s, domain.UserID(fmt.Sprint("user", i))); err != nil {
				t.Error(err)
				return
			}
			taken.Add(1)
		})
	}
	group.Wait()
	if n := taken.Load(); n != 600 {
		t.Errorf("%d of 600 were taken", n)
	}
}

func exec(tb testing.TB, c shared.Config, statement string, args ...any) error {
	tb.Helper()
	_, err := pgtest.Admin(tb, c).ExecContext(tb.Context(), statement, args...)
	return err
}
