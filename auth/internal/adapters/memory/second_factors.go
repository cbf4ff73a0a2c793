package memory

import (
	"context"
	"maps"
	"slices"

	"github.com/loveapp/backend/auth/internal/domain"
)

func (t *tx) EditSecondFactor(_ context.Context, user domain.UserID, edit func(*domain.SecondFactor) error) error {
	account, ok := t.state.accounts[user]
	if !ok {
		return domain.ErrUserNotFound
	}
	factor := t.state.factors[user]
	if err := edit(&factor); err != nil {
		return err
	}
	factors := maps.Clone(t.state.factors)
	if factors == nil {
		factors = map[domain.UserID]domain.SecondFactor{}
	}
	factors[user] = factor
	if !factor.Exists() {
		delete(factors, user)
	}
	t.state.factors = factors
	account.MFA = factor.Confirmed()
	t.state.accounts[user] = account
	return nil
}

func (t *tx) RenewCredentials(_ context.Context, user domain.UserID) error {
	account := t.state.accounts[user]
	account.CredentialVersion++
	t.state.accounts[user] = account
	return nil
}

// HasSecondFactor looks for a confirmed one.
func (s *Store) HasSecondFactor(_ context.Context, user domain.UserID) (has bool, _ error) {
	s.read(func(now state) { has = now.factors[user].Confirmed() })
	return has, nil
}

// SealedByOthers finds what an older key has sealed.
func (s *Store) SealedByOthers(_ context.Context, by string, limit int) ([]domain.UserID, error) {
	users := []domain.UserID{}
	s.read(func(now state) {
		for _, user := range slices.Sorted(maps.Keys(now.factors)) {
			if now.factors[user].SealedBy != by && len(users) < limit {
				users = append(users, user)
			}
		}
	})
	return users, nil
}
