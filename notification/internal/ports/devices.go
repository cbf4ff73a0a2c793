package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Devices are the installations that can be reached by push.
type Devices interface {
	// Register enters d, or changes the user's device of the same installation,
	// which keeps its id and CreatedAt; it returns what is stored. d.ID and both
	// times are of a new device. A provider's token or endpoint is in one device
	// only: another one that has it, of whoever, is removed. Beyond
	// domain.MaxDevices the user's devices with the oldest RefreshedAt go. It fails
	// with domain.ErrSessionEnded when d.Session has ended.
	Register(ctx context.Context, d domain.Device) (domain.Device, error)
	// OfUser gives the user's devices, the one last refreshed first.
	OfUser(ctx context.Context, user domain.UserID) ([]domain.Device, error)
	// OfUsers gives the devices of each user who has any.
	OfUsers(ctx context.Context, users []domain.UserID) (map[domain.UserID][]domain.Device, error)
	// Remove takes the device out. It fails with domain.ErrDeviceNotFound when it
	// is not the user's.
	Remove(ctx context.Context, user domain.UserID, id domain.DeviceID) error
	// EndSessions takes out the devices of sessions that have ended, and tells how
	// many. From then on Register fails for such a session with
	// domain.ErrSessionEnded: of two calls at once, whichever comes first, no
	// device is left.
	EndSessions(ctx context.Context, sessions []domain.SessionID) (int, error)
	// Forget takes out devices that were not registered again for idle, and tells how many.
	Forget(ctx context.Context, idle time.Duration) (int, error)
	// Prune takes the device out if address (domain.Device.Address) is still its
	// own: the provider said that it is dead. A device that has another one by now
	// stays, and an unknown one is no error.
	Prune(ctx context.Context, id domain.DeviceID, provider domain.Provider, address string) error
}
