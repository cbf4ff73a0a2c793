package app

import (
	"context"
	"errors"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Erase removes all that is kept about a user whose account is gone, and closes
// the user's sockets everywhere. It can be asked again and again; where it fails
// half-way the next time does the rest. What is told to the user afterwards goes
// nowhere.
func (a *App) Erase(ctx context.Context, user domain.UserID) error {
	// First the sockets: whoever is still there puts nothing back.
	a.dismiss([]domain.UserID{user})
	a.send(errand{erased: user})
	if err := a.preferences.Forget(ctx, user); err != nil {
		return err
	}
	if err := a.eraseDevices(ctx, user); err != nil {
		return err
	}
	return a.store.Erase(ctx, user)
}

func (a *App) eraseDevices(ctx context.Context, user domain.UserID) error {
	devices, err := a.devices.OfUser(ctx, user)
	if err != nil {
		return err
	}
	for _, d := range devices {
		if err := a.devices.Remove(ctx, user, d.ID); err != nil && !errors.Is(err, domain.ErrDeviceNotFound) {
			return err
		}
	}
	return nil
}

// dismiss closes the users' sockets of this instance. Their sessions have ended
// with their accounts, whether this instance has heard of that yet or not.
func (a *App) dismiss(users []domain.UserID) {
	for _, user := range users {
		for _, s := range a.roster.of(user) {
			s.socket.Close(domain.SessionEnded)
		}
	}
}
