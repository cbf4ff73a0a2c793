package memory

import (
	"context"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var (
	_ ports.Bus    = (*Bus)(nil)
	_ ports.Alerts = (*Alerts)(nil)
)

// earful is how much a listener may leave unheard; what exceeds it is lost, as
// with a broker that cuts a slow subscriber off.
const earful = 1024

// Bus carries signals between the instances of one test.
type Bus struct {
	Outage

	mu        sync.Mutex
	listeners map[domain.InstanceID]chan domain.Signal
}

// NewBus makes one that nobody listens to.
func NewBus() *Bus { return &Bus{listeners: map[domain.InstanceID]chan domain.Signal{}} }

// Publish implements ports.Bus.
func (b *Bus) Publish(_ context.Context, signals map[domain.InstanceID]domain.Signal) error {
	if err := b.check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for instance, signal := range signals {
		select {
		case b.listeners[instance] <- signal:
		default:
		}
	}
	return nil
}

// Subscribe implements ports.Bus.
func (b *Bus) Subscribe(ctx context.Context, self domain.InstanceID, heard func(domain.Signal), ready func()) error {
	ear := make(chan domain.Signal, earful)
	b.mu.Lock()
	b.listeners[self] = ear
	b.mu.Unlock()
	listen(ctx, ear, heard, ready)
	b.mu.Lock()
	delete(b.listeners, self)
	b.mu.Unlock()
	return nil
}

// Hears tells whether an instance listens.
func (b *Bus) Hears(instance domain.InstanceID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.listeners[instance] != nil
}

func listen[T any](ctx context.Context, ear <-chan T, heard func(T), ready func()) {
	ready()
	for {
		select {
		case said := <-ear:
			heard(said)
		case <-ctx.Done():
			return
		}
	}
}

// Alerts carries alerts to every instance of one test.
type Alerts struct {
	Outage

	mu        sync.Mutex
	listeners map[chan domain.Alert]struct{}
}

// NewAlerts makes one that nobody listens to.
func NewAlerts() *Alerts { return &Alerts{listeners: map[chan domain.Alert]struct{}{}} }

// Raise implements ports.Alerts.
func (a *Alerts) Raise(_ context.Context, alert domain.Alert) error {
	if err := a.check(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for ear := range a.listeners {
		select {
		case ear <- alert:
		default:
		}
	}
	return nil
}

// Listen implements ports.Alerts.
func (a *Alerts) Listen(ctx context.Context, heard func(domain.Alert), ready func()) error {
	ear := make(chan domain.Alert, earful)
	a.mu.Lock()
	a.listeners[ear] = struct{}{}
	a.mu.Unlock()
	listen(ctx, ear, heard, ready)
	a.mu.Lock()
	delete(a.listeners, ear)
	a.mu.Unlock()
	return nil
}

// Listeners counts who listens.
func (a *Alerts) Listeners() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.listeners)
}
