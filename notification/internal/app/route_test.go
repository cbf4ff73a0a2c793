package app_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/idgen"
)

func TestANotificationReachesEveryInstanceThatHoldsTheUser(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, two, three := w.start(t, quick()), w.start(t, quick()), w.start(t, quick())
	ana, ben := newUser(), newUser()
	here, there, bens := one.connect(ana), two.connect(ana), three.connect(ben)
	one.notify(ana, domain.Medium)
	here.expect(t, "connected:0 1")
	there.expect(t, "connected:0 1")
	if sent := one.Counters().Routed.Load(); sent != 1 {
		t.Errorf("%d signals were published, want one: only one other instance holds her", sent)
	}
	three.notify(ana, domain.Critical)
	here.expect(t, "connected:0 1 2")
	there.expect(t, "connected:0 1 2")
	bens.expect(t, "connected:0")
}

func TestARepeatedIntakeTellsNobodyAgain(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	ana := newUser()
	device := one.connect(ana)
	p := domain.Proposal{EventID: "event", Users: []string{string(ana)}, Title: "t"}
	for range 3 {
		if accepted, err := one.Accept(t.Context(), []domain.Proposal{p, p}); err != nil || accepted.Accepted != 1 {
			t.Errorf("accepted %d, %v", accepted, err)
		}
	}
	one.notify(ana, domain.Medium)
	device.expect(t, "connected:0 1 2")
}

func TestAnIntakeIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	one := newWorld().start(t, quick())
	ana := newUser()
	good := domain.Proposal{EventID: "event", Users: []string{string(ana)}, Title: "t"}
	bad := good
	bad.Title = ""
	crowd := domain.Proposal{EventID: "event", Title: "t"}
	for range domain.MaxUsers {
		crowd.Users = append(crowd.Users, idgen.NewV7())
	}
	var tooMany []domain.Proposal
	for i := range 11 {
		crowd.EventID = string(rune('a' + i))
		tooMany = append(tooMany, crowd)
	}
	for name, proposals := range map[string][]domain.Proposal{
		"none": nil, "one of two": {good, bad}, "too many items": make([]domain.Proposal, 501), "too many recipients": tooMany,
	} {
		if _, err := one.Accept(t.Context(), proposals); fault.From(err) == nil || fault.From(err).Kind != fault.Invalid {
			t.Errorf("%s: %v, want 422", name, err)
		}
	}
	if unread, err := one.Unread(t.Context(), ana); unread != 0 || err != nil {
		t.Errorf("%d are in the inbox, %v", unread, err)
	}
}

func TestWithoutTheBusWhatIsCriticalArrivesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, two := w.start(t, quick()), w.start(t, quick())
	ana := newUser()
	here, there := one.connect(ana), two.connect(ana)
	w.bus.Begin()
	w.registry.Outage.Begin()
	one.notify(ana, domain.Critical)
	here.expect(t, "connected:0 1")
	there.expect(t, "connected:0 1")
}

func TestWithoutTheBusTheRestGoesTheWayOfWhatIsCritical(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(w *world){
		"no bus":                 func(w *world) { w.bus.Begin() },
		"no registry":            func(w *world) { w.registry.Outage.Begin() },
		"neither":                func(w *world) { w.bus.Begin(); w.registry.Outage.Begin() },
		"a registry that forgot": func(w *world) { w.registry.Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			pace := quick()
			pace.Heartbeat, pace.Lease = never, never // nobody finds the registry empty by the way
			one, two := w.start(t, pace), w.start(t, pace)
			ana := newUser()
			here, there := one.connect(ana), two.connect(ana)
			lose(w)
			one.notify(ana, domain.Medium) // the sweeper never comes here
			here.expect(t, "connected:0 1")
			there.expect(t, "connected:0 1")
			one.notify(ana, domain.Low) // this instance is in the registry again, the other one is not
			there.expect(t, "connected:0 1 2")
		})
	}
}

func TestWhatTheBusHasLostIsFoundBySweeping(t *testing.T) {
	t.Parallel()
	w := newWorld()
	pace := quick()
	pace.Sweep = 20 * time.Millisecond
	one, two := w.start(t, quick()), w.start(t, pace)
	ana := newUser()
	there := two.connect(ana)
	w.bus.Begin()
	w.alerts.Begin()
	for range 3 {
		one.notify(ana, domain.Low)
	}
	there.expect(t, "connected:0 1 2 3")
	if repaired := two.Counters().Repaired.Load(); repaired != 3 {
		t.Errorf("%d were repaired, want 3", repaired)
	}
}

func TestAGapIsFilledFromTheStore(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, two := w.start(t, quick()), w.start(t, quick())
	ana := newUser()
	there := two.connect(ana)
	w.bus.Begin()
	w.alerts.Begin()
	one.notify(ana, domain.Medium)
	eventually.True(t, "the first is lost", func() bool { return one.Counters().AlertFailures.Load() == 1 })
	w.bus.End()
	w.alerts.End()
	one.notify(ana, domain.Medium) // shows the gap
	there.expect(t, "connected:0 1 2")
}

func TestWhatADeviceDoesIsShownOnInstancesEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, two := w.start(t, quick()), w.start(t, quick())
	ana := newUser()
	one.notify(ana, domain.Medium)
	there := two.connect(ana)
	page, err := one.List(t.Context(), ana, domain.Filter{}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []domain.ChangeKind{domain.Read, domain.Read, domain.Unread, domain.Deleted} {
		if err := one.Mark(t.Context(), ana, page.Items[0].ID, kind); err != nil {
			t.Fatal(err)
		}
	}
	there.expect(t, "connected:1 read unread deleted")
}

func TestReadingThousandsAtOnceIsToldInPartsThatFitIntoAFrame(t *testing.T) {
	t.Parallel()
	one := newWorld().start(t, quick())
	ana := newUser()
	for range 5 {
		var proposals []domain.Proposal
		for range 500 {
			proposals = append(proposals, domain.Proposal{EventID: idgen.NewV7(), Users: []string{string(ana)}, Title: "t"})
		}
		if _, err := one.Accept(t.Context(), proposals); err != nil {
			t.Fatal(err)
		}
	}
	device := one.connect(ana)
	if updated, err := one.MarkAllRead(t.Context(), ana); err != nil || updated != 2500 {
		t.Errorf("updated %d, %v", updated, err)
	}
	device.expect(t, "connected:2500 read read read")
}
