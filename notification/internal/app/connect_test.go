package app_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
)

// duringConnect is a store that lets something happen while a client connects,
// right after its newest seq was read.
type duringConnect struct {
	ports.Store
	happens func()
	once    sync.Once
}

func (s *duringConnect) Newest(ctx context.Context, users []domain.UserID) ([]domain.Mark, error) {
	marks, err := s.Store.Newest(ctx, users)
	s.once.Do(s.happens)
	return marks, err
}

func TestWhatIsStoredWhileAClientConnectsIsNotMissed(t *testing.T) {
	t.Parallel()
	for _, priority := range []domain.Priority{domain.Medium, domain.Critical} {
		w := newWorld()
		store := &duringConnect{Store: w.store}
		one := w.startOn(t, store, quick())
		ana := newUser()
		one.notify(ana, priority)
		store.happens = func() { one.notify(ana, priority) }
		socket := memory.NewSocket(10)
		session, err := one.Connect(t.Context(), principal(ana), socket)
		if err != nil {
			t.Fatal(err)
		}
		d := &device{Socket: socket, session: session}
		// Usually the first. The sweep that follows a subscription reads newest seqs,
		// too: where it was it that came first, the connect has read the second one.
		eventually.True(t, "nothing is missed", func() bool { return d.told() == "connected:1 2" || d.told() == "connected:2" })
	}
}

func TestASessionThatEndsWhileItConnectsIsNotConnected(t *testing.T) {
	t.Parallel()
	one := newWorld().start(t, quick())
	p := principal(newUser())
	one.revoke(p.Session)
	if _, err := one.Connect(t.Context(), p, memory.NewSocket(1)); !errors.Is(err, app.ErrSessionEnded) {
		t.Errorf("connected: %v", err)
	}
}

func TestTheSocketsOfARevokedSessionAreClosed(t *testing.T) {
	t.Parallel()
	one := newWorld().start(t, quick())
	ana := newUser()
	p := principal(ana)
	socket := memory.NewSocket(10)
	if _, err := one.Connect(t.Context(), p, socket); err != nil {
		t.Fatal(err)
	}
	stays := one.connect(ana)
	one.revoke(p.Session)
	eventually.True(t, "it is closed", func() bool { _, reason := socket.Got(); return reason == domain.SessionEnded })
	stays.expect(t, "connected:0")
}

func TestTheOldestConnectionGivesWayWhereverItIs(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, two := w.start(t, quick()), w.start(t, quick())
	ana := newUser()
	oldest := one.connect(ana)
	var others []*device
	for i := range domain.MaxConnections {
		others = append(others, []*instance{one, two}[i%2].connect(ana))
	}
	eventually.True(t, "the oldest is closed", func() bool { _, reason := oldest.Got(); return reason == domain.Replaced })
	for _, other := range others {
		other.expect(t, "connected:0")
	}
}

func TestGhostsDoNotCountToTheLimit(t *testing.T) {
	t.Parallel()
	w := newWorld()
	pace := quick()
	pace.Reap = never
	one := w.start(t, pace)
	ana := newUser()
	var ghosts []domain.Connection
	for range domain.MaxConnections {
		ghosts = append(ghosts, domain.Connection{Socket: domain.SocketID(newUser()), User: ana, Instance: "dead", Epoch: "over", ConnectedAt: time.Now().Add(time.Hour)})
	}
	if _, err := w.registry.Add(t.Context(), ghosts); err != nil {
		t.Fatal(err)
	}
	first := one.connect(ana)
	one.connect(ana)
	first.expect(t, "connected:0")
}

func TestWithoutTheRegistryClientsConnectAndTheLimitHoldsHere(t *testing.T) {
	t.Parallel()
	w := newWorld()
	pace := quick()
	pace.Enrol = never // whoever waits for what is known to be away does not come back
	one := w.start(t, pace)
	ana := newUser()
	w.registry.Outage.Begin()
	first := one.connect(ana)
	for range domain.MaxConnections {
		one.connect(ana)
	}
	eventually.True(t, "the oldest is closed", func() bool { _, reason := first.Got(); return reason == domain.Replaced })
}

func TestATicketIsForItsPrincipalAndOnlyWhileItsTokenIsGood(t *testing.T) {
	t.Parallel()
	one := newWorld().start(t, quick())
	good, late, ended := principal(newUser()), principal(newUser()), principal(newUser())
	late.ExpiresAt = time.Now()
	tickets := map[domain.SessionID]string{}
	for _, p := range []domain.Principal{good, late, ended} {
		ticket, ttl, err := one.IssueTicket(t.Context(), p)
		if err != nil || ttl != 30*time.Second {
			t.Fatalf("issue: %s, %v", ttl, err)
		}
		tickets[p.Session] = ticket
	}
	one.revoke(ended.Session)
	if got, err := one.RedeemTicket(t.Context(), tickets[good.Session]); err != nil || got != good {
		t.Errorf("redeemed %+v, %v", got, err)
	}
	for _, p := range []domain.Principal{late, ended} {
		if _, err := one.RedeemTicket(t.Context(), tickets[p.Session]); !errors.Is(err, domain.ErrTicketInvalid) {
			t.Errorf("redeemed: %v", err)
		}
	}
}
