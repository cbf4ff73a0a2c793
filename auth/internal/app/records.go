package app

import (
	"context"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Users gives administrators a page of all users, and whether there are more.
func (a *App) Users(ctx context.Context, page domain.UserPage) (users []domain.User, more bool, err error) {
	limit := page.Limit
	page.Limit++
	if users, err = a.needs.Records.Users(ctx, page); err != nil {
		return nil, false, fmt.Errorf("list the users: %w", err)
	}
	return users[:min(limit, len(users))], len(users) > limit, nil
}

// AnyUser gives administrators one user. It fails with domain.ErrUserNotFound.
func (a *App) AnyUser(ctx context.Context, id domain.UserID) (domain.User, error) {
	users, err := a.needs.Records.Users(ctx, domain.UserPage{ID: id, Limit: 1})
	if err != nil {
		return domain.User{}, fmt.Errorf("find the user: %w", err)
	}
	if len(users) == 0 {
		return domain.User{}, domain.ErrUserNotFound
	}
	return users[0], nil
}

// Events gives administrators a page of the record, and whether there are more.
func (a *App) Events(ctx context.Context, page domain.AuditPage) (events []domain.AuditEvent, more bool, err error) {
	limit := page.Limit
	page.Limit++
	if events, err = a.needs.Records.Events(ctx, page); err != nil {
		return nil, false, fmt.Errorf("list the record: %w", err)
	}
	return events[:min(limit, len(events))], len(events) > limit, nil
}
