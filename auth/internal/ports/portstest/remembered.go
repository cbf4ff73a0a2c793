package portstest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Profiles holds the store against what is promised of versions.
func Profiles(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	t.Run("the version grows with every change of the account, and of no other", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		ana, bea := joined(t, s.Store), joined(t, s.Store)
		_, others := shown(t, s.Store, bea.ID)
		_, last := shown(t, s.Store, ana.ID)
		edit := func(how func(*domain.User) error) func(ports.Tx) error {
			return func(tx ports.Tx) error {
				_, err := tx.EditUser(t.Context(), ana.ID, how)
				return err
			}
		}
		for name, work := range map[string]func(ports.Tx) error{
			"a name":   edit(func(u *domain.User) error { u.FirstName = "Bea"; return nil }),
			"all":      func(tx ports.Tx) error { return tx.SaveAccount(t.Context(), ana.Verified(now())) },
			"the rest": func(tx ports.Tx) error { return tx.RenewCredentials(t.Context(), ana.ID) },
		} {
			change(t, s.Store, work)
			_, version := shown(t, s.Store, ana.ID)
			if version <= last {
				t.Errorf("%s: %d after %d", name, version, last)
			}
			last = version
		}
		if _, version := shown(t, s.Store, bea.ID); version != others {
			t.Errorf("somebody else's: %d after %d", version, others)
		}
	})
	t.Run("a user is shown as they are", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		ana := joined(t, s.Store)
		got, _ := shown(t, s.Store, ana.ID)
		if diff := cmp.Diff(ana.User, got); diff != "" {
			t.Error(diff)
		}
		if _, _, err := s.Store.Profile(t.Context(), domain.UserID(newID())); !errors.Is(err, domain.ErrUserNotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func shown(t *testing.T, s Store, id domain.UserID) (domain.User, int64) {
	t.Helper()
	user, version, err := s.Profile(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return user, version
}

// Briefs holds an adapter against what is promised of remembered users.
func Briefs(t *testing.T, open func(t *testing.T) ports.Briefs) {
	t.Helper()
	t.Run("the newest version is remembered, in whatever order they come", func(t *testing.T) {
		t.Parallel()
		b, id := open(t), domain.UserID(newID())
		recalls(t, b, id, domain.Brief{}, false)
		newer := domain.Brief{Role: domain.RoleAdmin, Version: 8}
		for _, brief := range []domain.Brief{{Role: domain.RoleUser, Active: true, Version: 7}, newer, {Role: domain.RoleUser, Active: true, Version: 7}} {
			if err := b.KeepBrief(t.Context(), id, brief); err != nil {
				t.Fatal(err)
			}
		}
		recalls(t, b, id, newer, true)
		recalls(t, b, domain.UserID(newID()), domain.Brief{}, false)
	})
	t.Run("who is dropped is forgotten", func(t *testing.T) {
		t.Parallel()
		b, id := open(t), domain.UserID(newID())
		older := domain.Brief{Role: domain.RoleUser, Active: true, Version: 3}
		for _, version := range []int64{9, 3} {
			older.Version = version
			if err := b.KeepBrief(t.Context(), id, older); err != nil {
				t.Fatal(err)
			}
			if version == 9 {
				if err := b.DropBrief(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				recalls(t, b, id, domain.Brief{}, false)
			}
		}
		recalls(t, b, id, older, true)
	})
}

func recalls(t *testing.T, b ports.Briefs, id domain.UserID, want domain.Brief, wantKnown bool) {
	t.Helper()
	got, known, err := b.Brief(t.Context(), id)
	if err != nil || got != want || known != wantKnown {
		t.Errorf("got %+v %v %v, want %+v %v", got, known, err, want, wantKnown)
	}
}

// Issues holds an adapter against what is promised of remembered tokens.
func Issues(t *testing.T, open func(t *testing.T) ports.Issues) {
	t.Helper()
	const life = time.Hour
	issue := func(user domain.UserID, ends time.Time) domain.Issue {
		return domain.Issue{User: user, Session: domain.SessionID(newID()), TokenID: newID(), ExpiresAt: ends}
	}
	keep := func(t *testing.T, i ports.Issues, issues ...domain.Issue) {
		t.Helper()
		if err := i.KeepIssued(t.Context(), issues, life); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("each session's last token is remembered until it expires", func(t *testing.T) {
		t.Parallel()
		i, ana, bea := open(t), domain.UserID(newID()), domain.UserID(newID())
		first, expired := issue(ana, now().Add(life)), issue(ana, now().Add(-time.Second))
		next := first
		next.TokenID = newID()
		other, beas := issue(ana, now().Add(life)), issue(bea, now().Add(life))
		keep(t, i, first, expired, beas)
		keep(t, i, next, other)
		remembers(t, i, ana, next, other)
		remembers(t, i, bea, beas)
	})
	t.Run("a session that is dropped is forgotten, or all of a user", func(t *testing.T) {
		t.Parallel()
		i, ana := open(t), domain.UserID(newID())
		one, two, three := issue(ana, now().Add(life)), issue(ana, now().Add(life)), issue(ana, now().Add(life))
		keep(t, i, one, two, three)
		for _, sessions := range [][]domain.SessionID{{one.Session, two.Session}, {one.Session}, {}} {
			if err := i.DropIssued(t.Context(), ana, sessions...); err != nil {
				t.Fatal(err)
			}
			if len(sessions) > 0 {
				remembers(t, i, ana, three)
			}
		}
		remembers(t, i, ana)
	})
	t.Run("of one user only so many are remembered", func(t *testing.T) {
		t.Parallel()
		i, ana := open(t), domain.UserID(newID())
		for range domain.MostIssued + 10 {
			keep(t, i, issue(ana, now().Add(life)))
		}
		if got, err := i.Issued(t.Context(), ana); err != nil || len(got) == 0 || len(got) > domain.MostIssued {
			t.Errorf("%d, %v", len(got), err)
		}
	})
}

func remembers(t *testing.T, i ports.Issues, user domain.UserID, want ...domain.Issue) {
	t.Helper()
	got, err := i.Issued(t.Context(), user)
	order := func(a, b domain.Issue) int { return strings.Compare(string(a.Session), string(b.Session)) }
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
