package memory

import (
	"context"
	"maps"

	"github.com/loveapp/backend/auth/internal/domain"
)

// identity is a provider's name for somebody.
type identity struct{ provider, subject string }

// ByIdentity finds an account.
func (s *Store) ByIdentity(_ context.Context, provider, subject string) (found domain.Account, err error) {
	err = domain.ErrUserNotFound
	s.read(func(now state) {
		if user, ok := now.identities[identity{provider, subject}]; ok {
			found, err = now.accounts[user], nil
		}
	})
	return found, err
}

func (t *tx) LinkIdentity(_ context.Context, provider, subject string, user domain.UserID) error {
	key := identity{provider, subject}
	if _, taken := t.state.identities[key]; taken {
		return domain.ErrIdentityTaken
	}
	identities := maps.Clone(t.state.identities)
	if identities == nil {
		identities = map[identity]domain.UserID{}
	}
	identities[key] = user
	t.state.identities = identities
	return nil
}
