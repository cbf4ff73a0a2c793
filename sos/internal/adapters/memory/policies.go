package memory

import (
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// standing is what is in force now; the caller holds the lock.
func (s *Store) standing() domain.Standing {
	return domain.Standing{Policy: s.policy().Policy, Dispatchers: slices.Clone(s.staff)}
}

func (s *Store) policy() ports.StoredPolicy {
	if n := len(s.policies); n > 0 {
		return s.policies[n-1]
	}
	return ports.StoredPolicy{Policy: domain.DefaultPolicy()}
}

// Policy implements ports.Policies.
func (s *Store) Policy(context.Context) (p ports.StoredPolicy, err error) {
	err = s.locked(func(time.Time) error {
		p = s.policy()
		return nil
	})
	return p, err
}

// ReplacePolicy implements ports.Policies.
func (s *Store) ReplacePolicy(_ context.Context, by domain.UserID, change func(domain.Policy) (domain.Policy, error)) (p ports.StoredPolicy, err error) {
	err = s.locked(func(now time.Time) error {
		made, err := change(s.policy().Policy)
		if err != nil {
			return err
		}
		made.Version = len(s.policies) + 1
		p = ports.StoredPolicy{Policy: made, By: by, At: now}
		s.policies = append(s.policies, p)
		return nil
	})
	return p, err
}

// KeepDispatchers implements ports.Dispatchers.
func (s *Store) KeepDispatchers(_ context.Context, ids []domain.UserID) error {
	return s.locked(func(time.Time) error {
		ids = slices.Clone(ids)
		slices.Sort(ids)
		ids = slices.Compact(ids)
		s.staff = ids[:min(len(ids), domain.MaxDispatchers)]
		return nil
	})
}

// Dispatchers implements ports.Dispatchers.
func (s *Store) Dispatchers(context.Context) (ids []domain.UserID, err error) {
	err = s.locked(func(time.Time) error {
		ids = slices.Clone(s.staff)
		return nil
	})
	return ids, err
}
