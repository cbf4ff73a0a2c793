package app_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
)

func (i *instance) backlog(user domain.UserID, n int) {
	for range n {
		i.notify(user, domain.Medium)
	}
}

func TestAResumeEndsWithItsSeqAndLiveOnesFollow(t *testing.T) {
	t.Parallel()
	one := newWorld().start(t, quick())
	ana := newUser()
	one.backlog(ana, 3)
	device := one.connect(ana)
	if err := device.session.Resume(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	one.notify(ana, domain.Medium)
	device.expect(t, "connected:3 2 3 resumed:3 4")
	if err := device.session.Resume(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	device.expect(t, "connected:3 2 3 resumed:3 4 reset:4")
}

// stalled starts a resume that cannot go on because the client reads nothing.
func (i *instance) stalled(t *testing.T, user domain.UserID) (*device, <-chan error) {
	t.Helper()
	d := i.connect(user)
	d.Stall()
	ended := make(chan error, 1)
	go func() { ended <- d.session.Resume(t.Context(), 0) }()
	eventually.True(t, "the resume has begun", func() bool { return i.Counters().Replayed.Load() > 0 })
	return d, ended
}

func TestDuringAResumeLiveOnesWait(t *testing.T) {
	t.Parallel()
	pace := quick()
	pace.Patience = never
	one := newWorld().start(t, pace)
	ana := newUser()
	one.backlog(ana, 2)
	device, ended := one.stalled(t, ana)
	one.notify(ana, domain.Critical)
	one.notify(ana, domain.Medium)
	device.Flow()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	device.expect(t, "connected:2 1 2 resumed:2 3 4")
}

func TestALongResumeLetsAlarmsGoAhead(t *testing.T) {
	t.Parallel()
	pace := quick()
	pace.Patience = 50 * time.Millisecond
	w := newWorld()
	one := w.start(t, pace)
	ana := newUser()
	one.backlog(ana, 2)
	device, ended := one.stalled(t, ana)
	one.notify(ana, domain.Critical) // held at first
	eventually.True(t, "it goes ahead", func() bool {
		one.notify(ana, domain.Medium) // these wait
		return device.Waiting() > 2
	})
	device.Flow()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	newest, err := w.store.Newest(t.Context(), []domain.UserID{ana})
	if err != nil {
		t.Fatal(err)
	}
	want := "connected:2 3 1 2 resumed:2"
	for seq := domain.Seq(4); seq <= newest[0].Newest; seq++ {
		want += " " + number(seq)
	}
	device.expect(t, want)
}

func TestAResumeWithoutTheStoreFailsAndIsMadeUpFor(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	ana := newUser()
	one.backlog(ana, 2)
	device := one.connect(ana)
	w.store.Begin()
	if err := device.session.Resume(t.Context(), 0); err == nil {
		t.Error("it succeeded")
	}
	w.store.End()
	if err := device.session.Resume(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	device.expect(t, "connected:2 1 2 resumed:2")
}

func TestAResumeOfAClosedSocketEnds(t *testing.T) {
	t.Parallel()
	one := newWorld().start(t, quick())
	ana := newUser()
	one.backlog(ana, 2)
	device, ended := one.stalled(t, ana)
	device.Close(domain.Restarting)
	if err := <-ended; err == nil {
		t.Error("it succeeded")
	}
}

func TestASocketThatCannotKeepUpIsClosed(t *testing.T) {
	t.Parallel()
	one := newWorld().start(t, quick())
	ana := newUser()
	socket := memory.NewSocket(3)
	if _, err := one.Connect(t.Context(), principal(ana), socket); err != nil {
		t.Fatal(err)
	}
	socket.Stall()
	one.backlog(ana, 4)
	eventually.True(t, "it is closed for being too slow", func() bool {
		_, reason := socket.Got()
		return reason == domain.TooSlow
	})
}

func TestAResumeFromBeforeWhatIsKeptIsResetToWhereThatBegins(t *testing.T) {
	t.Parallel()
	w, later := newWorldInTime()
	pace := quick()
	pace.Purge = 10 * time.Millisecond
	one := w.start(t, pace)
	ana := newUser()
	one.backlog(ana, 3)
	later(401 * 24 * time.Hour)
	one.backlog(ana, 2)
	eventually.True(t, "the old ones are removed", func() bool { return one.Counters().Purged.Load() == 3 })
	for after, want := range map[domain.Seq]string{
		0: "connected:5 reset:3 4 5 resumed:5",
		2: "connected:5 reset:3 4 5 resumed:5",
		3: "connected:5 4 5 resumed:5",
		5: "connected:5 resumed:5",
		6: "connected:5 reset:5",
	} {
		device := one.connect(ana)
		if err := device.session.Resume(t.Context(), after); err != nil {
			t.Fatal(err)
		}
		device.expect(t, want)
		device.session.Disconnect()
	}
	later(401 * 24 * time.Hour)
	eventually.True(t, "all are removed", func() bool { return one.Counters().Purged.Load() == 5 })
	device := one.connect(ana)
	if err := device.session.Resume(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	device.expect(t, "connected:5 reset:5 resumed:5")
}

// newWorldInTime has a store whose clock goes on when later is called.
func newWorldInTime() (w *world, later func(time.Duration)) {
	var ahead atomic.Int64
	w = newWorld()
	w.store = memory.NewStore(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	return w, func(by time.Duration) { ahead.Add(int64(by)) }
}
