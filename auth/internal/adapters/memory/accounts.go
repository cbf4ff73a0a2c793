package memory

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

func (t *tx) LockAccount(_ context.Context, id domain.UserID) (domain.Account, error) {
	account, ok := t.state.accounts[id]
	if !ok {
		return domain.Account{}, domain.ErrUserNotFound
	}
	return account, nil
}

func (t *tx) FindAccount(_ context.Context, email domain.Email) (domain.Account, error) {
	for _, account := range t.state.accounts {
		if account.Email == email {
			return account, nil
		}
	}
	return domain.Account{}, domain.ErrUserNotFound
}

func (t *tx) SaveAccount(ctx context.Context, account domain.Account) error {
	if other, err := t.FindAccount(ctx, account.Email); err == nil && other.ID != account.ID {
		return domain.ErrEmailTaken
	}
	t.state.accounts[account.ID] = account
	return nil
}

func (t *tx) ClaimPhone(_ context.Context, by domain.UserID, phone string) error {
	for id, account := range t.state.accounts {
		if id != by && account.Phone == phone {
			account.PhoneVerified = false
			t.state.accounts[id] = account
		}
	}
	return nil
}

func (t *tx) OtherSuperAdmins(_ context.Context, than domain.UserID) (n int, _ error) {
	for id, account := range t.state.accounts {
		if id != than && account.Active && account.Role == domain.RoleSuperAdmin {
			n++
		}
	}
	return n, nil
}
