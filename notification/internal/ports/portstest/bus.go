package portstest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/idgen"
)

// Bus tests an adapter of ports.Bus.
func Bus(t *testing.T, open func(*testing.T) ports.Bus) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, ports.Bus){
		"an instance hears its own signals, as they were sent and in their order": signals,
		"a signal to nobody is lost without an error":                             toNobody,
		"listening ends with its context":                                         listeningEnds,
	})
}

// ear listens until the test ends.
type ear[T any] struct {
	heard chan T
	ready chan struct{}
	ended chan error
	stop  context.CancelFunc
}

func listen[T any](t *testing.T, start func(ctx context.Context, heard func(T), ready func()) error) *ear[T] {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	e := &ear[T]{heard: make(chan T, 1000), ready: make(chan struct{}, 10), ended: make(chan error, 1), stop: stop}
	go func() {
		e.ended <- start(ctx, func(said T) { e.heard <- said }, func() { e.ready <- struct{}{} })
	}()
	t.Cleanup(stop)
	receive(t, "listening begins", e.ready)
	return e
}

func receive[T any](t *testing.T, what string, from <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-from:
	case <-time.After(patience):
		t.Fatalf("never: %s", what)
	}
	return got
}

func subscribe(t *testing.T, b ports.Bus, self domain.InstanceID) *ear[domain.Signal] {
	t.Helper()
	return listen(t, func(ctx context.Context, heard func(domain.Signal), ready func()) error {
		return b.Subscribe(ctx, self, heard, ready)
	})
}

func publish(t *testing.T, b ports.Bus, to domain.InstanceID, s domain.Signal) {
	t.Helper()
	if err := b.Publish(t.Context(), map[domain.InstanceID]domain.Signal{to: s}); err != nil {
		t.Fatalf("publish: %v", err)
	}
}

func newInstance() domain.InstanceID { return domain.InstanceID(idgen.NewV7()) }

func fullSignal() domain.Signal {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC)
	return domain.Signal{
		Notifications: []domain.Notification{{
			ID: "n", User: "u", Seq: 7, Category: domain.SOS, Priority: domain.Critical, Title: "T 🚑", Body: "B <b>",
			Data: json.RawMessage(`{"kind":"x"}`), CreatedAt: at, StoredAt: at, ExpiresAt: &at, ReadAt: &at, Trace: "00-x-01",
		}},
		Changes: []domain.Change{{User: "u", Kind: domain.Deleted, IDs: []domain.NotificationID{"n"}, Unread: 3}},
		Evicted: []domain.SocketID{"s"},
		Events:  []domain.Event{eventAt(at)},
		Closed:  []domain.Closing{{ID: "c", Room: "sos:r"}, {ID: "d", Room: "topic:t", Users: []domain.UserID{"u"}}},
		Erased:  []domain.UserID{"u"},
	}
}

func eventAt(at time.Time) domain.Event {
	return domain.Event{ID: "e", Room: "sos:r", Name: "location", At: at, Data: json.RawMessage(`{"latitude":1.25}`)}
}

func signals(t *testing.T, b ports.Bus) {
	one, other := newInstance(), newInstance()
	ears := map[domain.InstanceID]*ear[domain.Signal]{one: subscribe(t, b, one), other: subscribe(t, b, other)}
	publish(t, b, one, fullSignal())
	if diff := cmp.Diff(fullSignal(), receive(t, "the signal", ears[one].heard)); diff != "" {
		t.Errorf("signal (-sent +heard):\n%s", diff)
	}
	err := b.Publish(t.Context(), map[domain.InstanceID]domain.Signal{
		one: {Evicted: []domain.SocketID{"of one"}}, other: {Evicted: []domain.SocketID{"of other"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for self, want := range map[domain.InstanceID]domain.SocketID{one: "of one", other: "of other"} {
		if got := receive(t, "a signal each", ears[self].heard); got.Evicted[0] != want {
			t.Errorf("heard %v, want %s", got, want)
		}
	}
	const many = 50
	for i := range many {
		publish(t, b, one, domain.Signal{Changes: []domain.Change{{Unread: i}}})
	}
	for i := range many {
		if got := receive(t, "signals in order", ears[one].heard); got.Changes[0].Unread != i {
			t.Fatalf("heard %d, want %d", got.Changes[0].Unread, i)
		}
	}
}

func toNobody(t *testing.T, b ports.Bus) {
	publish(t, b, newInstance(), fullSignal())
	if err := b.Publish(t.Context(), nil); err != nil {
		t.Errorf("publishing nothing: %v", err)
	}
}

func listeningEnds(t *testing.T, b ports.Bus) {
	e := subscribe(t, b, newInstance())
	e.stop()
	if err := receive(t, "the end", e.ended); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// Alerts tests an adapter of ports.Alerts.
func Alerts(t *testing.T, open func(*testing.T) ports.Alerts) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, ports.Alerts){
		"every instance hears every alert": alerts,
		"an alert may be about thousands":  manyAlerts,
		"what happens in rooms is heard":   alertsInRooms,
	})
}

func hear(t *testing.T, a ports.Alerts) *ear[domain.Alert] {
	t.Helper()
	return listen(t, a.Listen)
}

func alerts(t *testing.T, a ports.Alerts) {
	first, second := hear(t, a), hear(t, a)
	marks := []domain.Mark{{User: newUser(), Newest: 1}, {User: newUser(), Newest: 1 << 40}}
	if err := a.Raise(t.Context(), domain.Alert{Marks: marks}); err != nil {
		t.Fatal(err)
	}
	for _, e := range []*ear[domain.Alert]{first, second} {
		if diff := cmp.Diff(domain.Alert{Marks: marks}, receive(t, "the alert", e.heard)); diff != "" {
			t.Errorf("marks (-raised +heard):\n%s", diff)
		}
		e.stop()
		if err := receive(t, "the end", e.ended); err != nil {
			t.Errorf("ended with %v", err)
		}
	}
	if err := a.Raise(t.Context(), domain.Alert{}); err != nil {
		t.Errorf("raising nothing: %v", err)
	}
}

func manyAlerts(t *testing.T, a ports.Alerts) {
	e := hear(t, a)
	missing := map[domain.Mark]bool{}
	var marks []domain.Mark
	for range 2500 {
		mark := domain.Mark{User: newUser(), Newest: 1<<63 - 1}
		marks = append(marks, mark)
		missing[mark] = true
	}
	if err := a.Raise(t.Context(), domain.Alert{Marks: marks}); err != nil {
		t.Fatal(err)
	}
	for len(missing) > 0 {
		for _, mark := range receive(t, "all of them", e.heard).Marks {
			delete(missing, mark)
		}
	}
}
