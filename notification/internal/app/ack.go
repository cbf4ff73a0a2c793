package app

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// AckIDs notes that a device has shown just these notifications.
func (a *App) AckIDs(ctx context.Context, user domain.UserID, ids []domain.NotificationID) error {
	return a.store.AckIDs(ctx, user, ids)
}

// AckThrough notes that a device has shown everything up to seq.
func (a *App) AckThrough(ctx context.Context, user domain.UserID, seq domain.Seq) error {
	return a.store.AckThrough(ctx, user, seq)
}
