package app

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// List shows a part of the user's inbox, newest first.
func (a *App) List(ctx context.Context, user domain.UserID, filter domain.Filter, before domain.Seq, limit int) (domain.Page, error) {
	return a.store.List(ctx, user, filter, before, limit)
}

// Unread counts what the user has not read.
func (a *App) Unread(ctx context.Context, user domain.UserID) (int, error) {
	return a.store.Unread(ctx, user)
}
