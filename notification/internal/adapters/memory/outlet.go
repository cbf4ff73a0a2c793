package memory

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Sender = (*Outlet)(nil)

// Outlet is a provider that keeps what it is given.
type Outlet struct {
	provider domain.Provider

	mu     sync.Mutex
	taken  []domain.Parcel
	calls  int
	answer func(ctx context.Context, p domain.Parcel) error
}

// NewOutlet takes everything.
func NewOutlet(provider domain.Provider) *Outlet { return &Outlet{provider: provider} }

// Provider implements ports.Sender.
func (o *Outlet) Provider() domain.Provider { return o.provider }

// Answer has each further parcel answered so; nil takes everything again.
func (o *Outlet) Answer(answer func(ctx context.Context, p domain.Parcel) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = answer
}

// Fail has each further parcel refused in this way.
func (o *Outlet) Fail(kind domain.SendErrorKind, code string) {
	o.Answer(func(context.Context, domain.Parcel) error {
		return &domain.SendError{Provider: o.provider, Kind: kind, Code: code}
	})
}

// Send implements ports.Sender.
func (o *Outlet) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	o.mu.Lock()
	o.calls++
	answer := o.answer
	o.mu.Unlock()
	if answer != nil {
		if err := answer(ctx, p); err != nil {
			return domain.Handed{}, err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.taken = append(o.taken, p)
	return domain.Handed{ProviderID: "outlet-" + strconv.Itoa(len(o.taken))}, nil
}

// Taken gives what it has accepted, in order.
func (o *Outlet) Taken() []domain.Parcel {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.taken)
}

// Calls is how often it was asked.
func (o *Outlet) Calls() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.calls
}
