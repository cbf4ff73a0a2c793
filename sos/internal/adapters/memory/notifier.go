package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Notifier keeps the alerts that it is given, each once.
type Notifier struct {
	mu      sync.Mutex
	taken   []domain.Alert
	offered int
	failure error
	refuse  func(domain.Alert) bool
}

var _ ports.Notifier = (*Notifier)(nil)

// Notify implements ports.Notifier.
func (n *Notifier) Notify(_ context.Context, alerts []domain.Alert) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.offered++
	if n.failure != nil {
		return n.failure
	}
	if n.refuse != nil && slices.ContainsFunc(alerts, n.refuse) {
		return ports.ErrRefused
	}
	for _, a := range alerts {
		if !slices.ContainsFunc(n.taken, func(b domain.Alert) bool { return sameAlert(a, b) }) {
			n.taken = append(n.taken, a)
		}
	}
	return nil
}

func sameAlert(a, b domain.Alert) bool {
	return a.TicketID == b.TicketID && a.Seq == b.Seq && a.Recipient == b.Recipient
}

// Taken are the alerts so far, in order.
func (n *Notifier) Taken() []domain.Alert {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.taken)
}

// Offered is how often anything was handed over, taken or not.
func (n *Notifier) Offered() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.offered
}

// Fail makes every hand-over fail; nil ends that.
func (n *Notifier) Fail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.failure = err
}

// Refuse says which alerts will never be taken.
func (n *Notifier) Refuse(which func(domain.Alert) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refuse = which
}
