package app_test

import (
	"context"
	"errors"
	"testing"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// behind is a replica that shows accounts as they were when it stopped.
type behind struct {
	ports.Profiles

	shown map[domain.UserID]domain.User
	as    int64
}

func (b *behind) Profile(_ context.Context, id domain.UserID) (domain.User, int64, error) {
	user, known := b.shown[id]
	if !known {
		return domain.User{}, 0, domain.ErrUserNotFound
	}
	return user, b.as, nil
}

func TestAReplicaThatIsBehindDecidesNothing(t *testing.T) {
	t.Parallel()
	c := parts(t)
	now, replica := c.Profiles, &behind{shown: map[domain.UserID]domain.User{}}
	c.Profiles = replica
	a := newApp(t, c)
	ana := register(t, a)
	if user, err := a.ShowProfile(t.Context(), caller(ana)); err != nil || user.ID != ana.User.ID {
		t.Errorf("not copied yet: %+v %v", user, err)
	}
	user, version, err := now.Profile(t.Context(), ana.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	replica.shown[user.ID], replica.as = user, version

	const changed = "another horse battery"
	if err := a.ChangePassword(t.Context(), caller(ana), domain.PasswordChange{Current: password, New: changed}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Login(t.Context(), domain.SignIn{Email: "ana@example.org", Password: password}, app.Client{}); !errors.Is(err, domain.ErrInvalidCredentials) {
		t.Errorf("the old password: %v", err)
	}
	if _, err := a.Login(t.Context(), domain.SignIn{Email: "ana@example.org", Password: changed}, app.Client{}); err != nil {
		t.Errorf("the new password: %v", err)
	}
	other := replica.shown[user.ID]
	other.Role, other.Active = domain.RoleSuperAdmin, false
	replica.shown[user.ID] = other
	role := domain.RoleAdmin
	if _, err := a.Supervise(t.Context(), caller(ana), ana.User.ID, domain.UserEdit{Role: &role}); !errors.Is(err, domain.ErrForbidden) {
		t.Errorf("an administrator on the replica only: %v", err)
	}
	if _, err := a.Refresh(t.Context(), ana.RefreshToken, app.Client{DeviceToken: ana.DeviceToken}); err != nil {
		t.Errorf("refresh: %v", err)
	}
}
