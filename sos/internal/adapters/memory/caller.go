package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// CallSignature is what the provider in memory signs with: the account and the
// state that it tells, in a form of its own.
const CallSignature = "signed by the provider in memory"

// Caller is a provider that notes what it is asked for.
type Caller struct {
	mu      sync.Mutex
	orders  []domain.CallOrder
	failure error
}

var _ ports.Caller = (*Caller)(nil)

// Place implements ports.Caller.
func (c *Caller) Place(_ context.Context, order domain.CallOrder) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure != nil {
		return "", c.failure
	}
	c.orders = append(c.orders, order)
	return fmt.Sprintf("provider's %s", order.ID), nil
}

// Heard implements ports.Caller.
func (c *Caller) Heard(e ports.SignedEvent) (domain.CallEvent, error) {
	if e.Signature != CallSignature {
		return domain.CallEvent{}, ports.ErrForged
	}
	_, id, _ := strings.Cut(e.Query, "call=")
	said := strings.Join(e.Form["CallStatus"], "")
	if said == "" {
		return domain.CallEvent{}, errors.Join(ports.ErrForged, errors.New("it says nothing"))
	}
	return domain.CallEvent{Call: domain.CallID(id), Provider: strings.Join(e.Form["CallSid"], ""), State: domain.CallState(said)}, nil
}

// Orders is what it was asked for.
func (c *Caller) Orders() []domain.CallOrder {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.orders)
}

// Fail makes it fail; nil ends that.
func (c *Caller) Fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failure = err
}
