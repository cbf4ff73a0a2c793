package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// RegisterDevice enters the installation that the principal signed in on, or
// changes it; created tells which. It goes when the principal's session ends.
func (a *App) RegisterDevice(ctx context.Context, p domain.Principal, r domain.Registration) (d domain.Device, created bool, err error) {
	id := domain.DeviceID(a.newID())
	d, err = domain.NewDevice(r, id, p, a.privatePush, a.now())
	if err != nil {
		return domain.Device{}, false, err
	}
	stored, err := a.devices.Register(ctx, d)
	return stored, stored.ID == id, err
}

// Devices gives the user's.
func (a *App) Devices(ctx context.Context, user domain.UserID) ([]domain.Device, error) {
	return a.devices.OfUser(ctx, user)
}

// RemoveDevice takes one of the user's devices out.
func (a *App) RemoveDevice(ctx context.Context, user domain.UserID, id domain.DeviceID) error {
	return a.devices.Remove(ctx, user, id)
}

// PushKey is the public key that browsers subscribe with (RFC 8292 section 3.2);
// "" where there is no Web Push.
func (a *App) PushKey() string { return a.pushKey }

const (
	// deviceIdle is how long a device stays that does not register again, which
	// apps do at each start: FCM gives a token up after 270 days, too. A session
	// that runs out by itself ends no later.
	deviceIdle = 270 * 24 * time.Hour
	// deviceCheck is how often such devices are looked for, and deviceTime what that may take.
	deviceCheck = time.Hour
	deviceTime  = 30 * time.Second
)

// forgetDevices removes devices of which nothing has been heard for long.
func (a *App) forgetDevices(ctx context.Context) {
	every(ctx, deviceCheck, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, deviceTime)
		defer cancel()
		if forgotten, err := a.devices.Forget(ctx, deviceIdle); err != nil || forgotten > 0 {
			a.logger.InfoContext(ctx, "idle devices forgotten", "devices", forgotten, "error", err)
		}
	})
}
