package ports

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Owner is the service that a room belongs to.
type Owner interface {
	// Admits tells whether the principal may listen to the room. A room that there
	// is not admits nobody. It fails with domain.ErrRoomUnknown, soon, when the
	// owner cannot be asked: that is no answer.
	Admits(ctx context.Context, room domain.Room, p domain.Principal) (bool, error)
}
