package portstest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Identities holds the store against what is promised of ways in.
func Identities(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	t.Run("an identity finds the account that it was linked to", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		ana := joined(t, s.Store)
		joined(t, s.Store)
		link(t, s, "google", "7", ana.ID)
		link(t, s, "apple", "8", ana.ID)
		for _, provider := range []struct{ name, subject string }{{"google", "7"}, {"apple", "8"}} {
			got, err := s.Store.ByIdentity(t.Context(), provider.name, provider.subject)
			if diff := cmp.Diff(ana, got); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		}
		if _, err := s.Store.ByIdentity(t.Context(), "google", "8"); !errors.Is(err, domain.ErrUserNotFound) {
			t.Errorf("another provider's: %v", err)
		}
	})
	t.Run("an identity is linked once", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		ana, bea := joined(t, s.Store).ID, joined(t, s.Store).ID
		link(t, s, "google", "7", ana)
		err := s.Store.Change(t.Context(), func(tx ports.Tx) error { return tx.LinkIdentity(t.Context(), "google", "7", bea) })
		if !errors.Is(err, domain.ErrIdentityTaken) {
			t.Fatal(err)
		}
	})
}

func link(t *testing.T, s Subject, provider, subject string, user domain.UserID) {
	t.Helper()
	change(t, s.Store, func(tx ports.Tx) error { return tx.LinkIdentity(t.Context(), provider, subject, user) })
}
