package ports

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Devices are the installations that can be reached by push.
type Devices interface {
	// Register enters d, or changes the user's device of the same installation,
	// which keeps its id and CreatedAt; it returns what is stored. d.ID and both
	// times are of a new device. A provider's token or endpoint is in one device
	// only: another one that has it, of whoever, is removed. Beyond
	// domain.MaxDevices the user's device with the oldest RefreshedAt goes.
	Register(ctx context.Context, d domain.Device) (domain.Device, error)
	// OfUser gives the user's devices, the one last refreshed first.
	OfUser(ctx context.Context, user domain.UserID) ([]domain.Device, error)
	// OfUsers gives the devices of each user who has any.
	OfUsers(ctx context.Context, users []domain.UserID) (map[domain.UserID][]domain.Device, error)
	// Remove takes the device out. It fails with domain.ErrDeviceNotFound when it
	// is not the user's.
	Remove(ctx context.Context, user domain.UserID, id domain.DeviceID) error
	// RemoveOfSessions takes out the devices of sessions that have ended, and tells how many.
	RemoveOfSessions(ctx context.Context, sessions []domain.SessionID) (int, error)
	// Prune takes the device out if address (domain.Device.Address) is still its
	// own: the provider said that it is dead. A device that has another one by now
	// stays, and an unknown one is no error.
	Prune(ctx context.Context, id domain.DeviceID, provider domain.Provider, address string) error
}
