package memory

import (
	"context"
	"maps"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// identity is a provider's name for somebody.
type identity struct{ provider, subject string }

// linked is whose it is, and since when.
type linked struct {
	user domain.UserID
	at   time.Time
}

// ByIdentity finds an account.
func (s *Store) ByIdentity(_ context.Context, provider, subject string) (found domain.Account, err error) {
	err = domain.ErrUserNotFound
	s.read(func(now state) {
		if link, ok := now.identities[identity{provider, subject}]; ok {
			found, err = now.accounts[link.user], nil
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
		identities = map[identity]linked{}
	}
	identities[key] = linked{user, t.now().UTC()}
	t.state.identities = identities
	return nil
}
