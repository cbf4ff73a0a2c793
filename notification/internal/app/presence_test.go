package app_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
)

func (w *world) registered(t *testing.T, user domain.UserID) []domain.Connection {
	t.Helper()
	found, err := w.registry.Of(t.Context(), []domain.UserID{user})
	if err != nil {
		return nil
	}
	return found
}

func TestAConnectionStandsInTheRegistryForAsLongAsItLasts(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	ana := newUser()
	phone, tablet := one.connect(ana), one.connect(ana)
	if found := w.registered(t, ana); len(found) != 2 {
		t.Errorf("registered: %v", found)
	}
	phone.session.Disconnect()
	phone.session.Disconnect() // twice is once
	eventually.True(t, "it is taken out", func() bool { return len(w.registered(t, ana)) == 1 })
	if found := w.registered(t, ana); found[0].Socket != tablet.session.ID() || found[0].User != ana {
		t.Errorf("left: %v", found)
	}
}

func TestAfterTheRegistryWasEmptiedEverySocketIsRegisteredAnew(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, two := w.start(t, quick()), w.start(t, quick())
	ana := newUser()
	there := two.connect(ana)
	before := w.registered(t, ana)[0]
	w.registry.Flush()
	eventually.True(t, "it is registered again", func() bool { return len(w.registered(t, ana)) == 1 })
	if after := w.registered(t, ana)[0]; after.Socket != before.Socket || after.Epoch == before.Epoch {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	one.notify(ana, domain.Medium)
	there.expect(t, "connected:0 1")
}

// What a failed write leaves behind belongs to an epoch that nobody holds.
func TestAfterAnOutageTheRegistryShowsWhatIs(t *testing.T) {
	t.Parallel()
	w := newWorld()
	pace := quick()
	pace.Lease = never // the outage is too short to lose it
	one := w.start(t, pace)
	ana := newUser()
	goes, stays := one.connect(ana), one.connect(ana)
	w.registry.Outage.Begin()
	goes.session.Disconnect()
	comes := one.connect(ana)
	eventually.True(t, "the outage is noticed", func() bool { return one.Counters().Epochs.Load() == 1 })
	w.registry.Outage.End()
	eventually.True(t, "the registry shows what is", func() bool {
		found := map[domain.SocketID]bool{}
		for _, c := range w.registered(t, ana) {
			found[c.Socket] = true
		}
		return len(found) == 2 && found[stays.session.ID()] && found[comes.session.ID()]
	})
}

func TestTheConnectionsOfADeadInstanceAreReapedByAnother(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.start(t, quick())
	dead := domain.Lease{Instance: "dead", Epoch: "last"}
	if err := w.registry.Begin(t.Context(), dead, 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	ana := newUser()
	ghost := domain.Connection{Socket: "ghost", User: ana, Instance: dead.Instance, Epoch: dead.Epoch}
	if _, err := w.registry.Add(t.Context(), []domain.Connection{ghost}); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "the ghost is reaped", func() bool { return len(w.registered(t, ana)) == 0 })
}

func (w *world) addGhost(t *testing.T) (of domain.UserID) {
	t.Helper()
	lease := domain.Lease{Instance: domain.InstanceID(newUser()), Epoch: "last"}
	if err := w.registry.Begin(t.Context(), lease, time.Nanosecond); err != nil {
		t.Fatal(err)
	}
	of = newUser()
	if _, err := w.registry.Add(t.Context(), []domain.Connection{{Socket: "ghost", User: of, Instance: lease.Instance, Epoch: lease.Epoch}}); err != nil {
		t.Fatal(err)
	}
	return of
}

// A lease that ran out while the registry was away may be claimed again: its
// instance was not heard, and is not dead.
func TestNobodyIsReapedRightAfterAnOutageOrTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld()
	pace := quick()
	pace.Quiet = 300 * time.Millisecond
	reaped := func(user domain.UserID, since time.Time) {
		t.Helper()
		eventually.True(t, "the ghost is reaped", func() bool { return len(w.registered(t, user)) == 0 })
		if quiet := time.Since(since); quiet < pace.Quiet {
			t.Errorf("reaped after %s, want %s of quiet", quiet, pace.Quiet)
		}
	}
	started := time.Now()
	one := w.start(t, pace)
	reaped(w.addGhost(t), started)
	second := w.addGhost(t)
	away := time.Now()
	w.registry.Outage.Begin()
	one.connect(newUser()) // notices it
	w.registry.Outage.End()
	if len(w.registered(t, second)) == 1 {
		reaped(second, away)
	}
}

func TestAnInstanceThatEndsLeavesTheRegistryClean(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	ana := newUser()
	device := one.connect(ana)
	lease := w.registered(t, ana)[0].Lease()
	device.session.Disconnect()
	one.stop()
	if found := w.registered(t, ana); len(found) != 0 {
		t.Errorf("left: %v", found)
	}
	if held, err := w.registry.Held(t.Context(), []domain.Lease{lease}); err != nil || held[lease] {
		t.Errorf("its lease is held: %t, %v", held[lease], err)
	}
}

// On a cluster the lease may outlive what stood beside it on another node.
func TestAfterRedisHasFailedSomebodyEverySocketIsRegisteredAnew(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, two := w.start(t, shortLived()), w.start(t, shortLived())
	ana := newUser()
	there := two.connect(ana)
	one.connect(ana)
	before := one.Counters().Epochs.Load()
	w.bus.Begin()
	one.notify(ana, domain.Medium)
	there.expect(t, "connected:0 1")
	w.bus.End()
	eventually.True(t, "a new epoch", func() bool { return one.Counters().Epochs.Load() > before })
	eventually.True(t, "both stand there", func() bool { return len(w.registered(t, ana)) == 2 })
}
