package ports

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Sender hands messages over to one provider. It is safe for concurrent use and
// tries once: whoever calls decides about trying again.
type Sender interface {
	// Provider is the one that it speaks to.
	Provider() domain.Provider
	// Send returns once the provider has taken the parcel over. It fails with a
	// *domain.SendError, or with ctx's error when ctx was cancelled; a deadline
	// of ctx that passes is domain.Unreachable. An expired parcel is not sent
	// (domain.Overdue). Whatever the provider answers, however much and however
	// slowly, Send ends within the sender's own time-out and reads a bounded part
	// of it. A parcel that is Unreachable may have arrived all the same: sent
	// again under the same ID, it arrives once where the provider knows idempotency.
	Send(ctx context.Context, p domain.Parcel) (domain.Handed, error)
}
