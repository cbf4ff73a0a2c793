package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// EnsureAdmin makes the first SUPER_ADMIN where there is none. Copies that start
// together make one. An address that has an account already is left alone:
// whoever registered it has not proved that it is theirs.
func (a *App) EnsureAdmin(ctx context.Context, r domain.Registration) error {
	found, err := a.needs.Directory.HasRole(ctx, domain.RoleSuperAdmin)
	if err != nil || found {
		return err
	}
	applicant, err := r.Check()
	if err != nil {
		return fmt.Errorf("the first administrator: %w", err)
	}
	_, err = a.addAdmin(ctx, applicant)
	if errors.Is(err, domain.ErrEmailTaken) {
		a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "no first administrator was made: ADMIN_EMAIL has an account already, choose another address")
		return nil
	}
	return err
}

// CreateAdmin makes another SUPER_ADMIN, as whoever can run commands on the
// servers may. It fails with domain.ErrEmailTaken, or with 422 naming the wrong fields.
func (a *App) CreateAdmin(ctx context.Context, r domain.Registration) (domain.UserID, error) {
	applicant, err := r.Check()
	if err != nil {
		return "", fmt.Errorf("the new administrator: %w", err)
	}
	return a.addAdmin(ctx, applicant)
}

func (a *App) addAdmin(ctx context.Context, applicant domain.Applicant) (domain.UserID, error) {
	hash, err := a.hashForNew(ctx, applicant)
	if err != nil {
		return "", err
	}
	admin := applicant.Join(domain.UserID(a.needs.NewID()), domain.RoleSuperAdmin, hash, a.now())
	err = a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		if err := tx.AddUser(ctx, admin); err != nil {
			return err
		}
		return tx.Record(ctx, a.event(domain.AuditAdminCreated, admin.ID, "", domain.Origin{}, nil))
	})
	if err != nil {
		return "", fmt.Errorf("make an administrator: %w", err)
	}
	a.needs.Logger.LogAttrs(ctx, slog.LevelInfo, "administrator made", slog.String("user_id", string(admin.ID)))
	return admin.ID, nil
}
