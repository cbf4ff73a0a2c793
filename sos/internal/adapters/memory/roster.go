package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Roster knows the staff that it has been told.
type Roster struct {
	mu      sync.Mutex
	staff   []domain.UserID
	failure error
}

var _ ports.Roster = (*Roster)(nil)

// Staff implements ports.Roster.
func (r *Roster) Staff(_ context.Context, limit int) ([]domain.UserID, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure != nil {
		return nil, r.failure
	}
	return slices.Clone(r.staff[:min(len(r.staff), limit)]), nil
}

// Set says who the staff are.
func (r *Roster) Set(staff ...domain.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.staff = slices.Sorted(slices.Values(staff))
}

// Fail makes every question fail; nil ends that.
func (r *Roster) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failure = err
}
