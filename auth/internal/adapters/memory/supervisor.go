package memory

import (
	"context"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

func (t *tx) Supervise(_ context.Context, by, id domain.UserID, change func(domain.Supervision) error) (domain.User, error) {
	account, ok := t.state.accounts[id]
	if !ok {
		return domain.User{}, domain.ErrUserNotFound
	}
	staff, ok := t.state.accounts[by]
	if !ok {
		return domain.User{}, domain.ErrForbidden
	}
	s := domain.Supervision{By: staff.User, User: &account.User}
	for _, other := range t.state.accounts {
		if other.ID != id && other.Active && other.Role == domain.RoleSuperAdmin {
			s.OtherSuperAdmins++
		}
	}
	if err := change(s); err != nil {
		return domain.User{}, err
	}
	t.state.accounts[id] = account
	return account.User, nil
}

func (t *tx) RevokeUser(_ context.Context, user domain.UserID) (domain.Revocation, error) {
	now := t.now().UTC()
	cut := domain.Revocation{
		Revision: int64(len(t.state.revocations)) + 1, User: user, Before: now.Truncate(time.Millisecond).Add(time.Millisecond), At: now,
	}
	t.state.revocations = append(t.state.revocations, cut)
	return cut, nil
}
