package portstest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Accounts holds the store against what is promised of accounts.
func Accounts(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Subject){
		"an account is found by address and id as it was added":    foundAsAdded,
		"nobody is found where there is nobody":                    nobody,
		"an address has one account":                               oneAccountAnAddress,
		"a transaction that fails leaves nothing":                  allOrNothing,
		"an edit keeps the profile and nothing else":               editKeepsProfile,
		"an edit that is refused changes nothing":                  refusedEdit,
		"edits of one user at once are all kept":                   editsTakeTurns,
		"a rehash is for the same password only":                   rehash,
		"others find users by id and by verified addresses only":   matching,
		"a role is held by active users only":                      hasRole,
		"the staff are those who administer and are active":        staff,
		"what happened is recorded in the order in which it did":   journal,
		"an event of a transaction that fails is not recorded":     journalRollsBack,
		"a lookup that names a user twice gives them once, by id":  matchingOnce,
		"a lookup of nothing finds nobody":                         matchingNothing,
		"a user may have no texts at all and comes back like that": blank,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func foundAsAdded(t *testing.T, s Subject) {
	want := joined(t, s.Store)
	joined(t, s.Store)
	got, err := s.Store.ByEmail(t.Context(), want.Email)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatalf("by address: %v %s", err, diff)
	}
	user, err := s.Store.ByID(t.Context(), want.ID)
	if diff := cmp.Diff(want.User, user); err != nil || diff != "" {
		t.Fatalf("by id: %v %s", err, diff)
	}
}

func blank(t *testing.T, s Subject) {
	want := account()
	want.Phone, want.FirstName, want.LastName, want.Locale, want.Timezone, want.PasswordHash = "", "", "", "", "", ""
	change(t, s.Store, func(tx ports.Tx) error { return tx.AddUser(t.Context(), want) })
	got, err := s.Store.ByEmail(t.Context(), want.Email)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatalf("%v %s", err, diff)
	}
}

func nobody(t *testing.T, s Subject) {
	if _, err := s.Store.ByEmail(t.Context(), "nobody@example.org"); !errors.Is(err, domain.ErrUserNotFound) {
		t.Errorf("by address: %v", err)
	}
	if _, err := s.Store.ByID(t.Context(), domain.UserID(newID())); !errors.Is(err, domain.ErrUserNotFound) {
		t.Errorf("by id: %v", err)
	}
	err := s.Store.Change(t.Context(), func(tx ports.Tx) error {
		_, err := tx.EditUser(t.Context(), domain.UserID(newID()), func(*domain.User) error { return nil })
		return err
	})
	if !errors.Is(err, domain.ErrUserNotFound) {
		t.Errorf("edit: %v", err)
	}
}

func oneAccountAnAddress(t *testing.T, s Subject) {
	first, second := joined(t, s.Store), account()
	second.Email = first.Email
	err := s.Store.Change(t.Context(), func(tx ports.Tx) error { return tx.AddUser(t.Context(), second) })
	if !errors.Is(err, domain.ErrEmailTaken) {
		t.Fatalf("the second one: %v", err)
	}
}

var errChangedMind = errors.New("changed my mind")

func allOrNothing(t *testing.T, s Subject) {
	a := account()
	err := s.Store.Change(t.Context(), func(tx ports.Tx) error {
		if err := tx.AddUser(t.Context(), a); err != nil {
			return err
		}
		return errChangedMind
	})
	if !errors.Is(err, errChangedMind) {
		t.Fatalf("its own error: %v", err)
	}
	if _, err := s.Store.ByID(t.Context(), a.ID); !errors.Is(err, domain.ErrUserNotFound) {
		t.Fatalf("the user: %v", err)
	}
}

func editKeepsProfile(t *testing.T, s Subject) {
	a := joined(t, s.Store)
	want := a.User
	want.FirstName, want.LastName, want.Locale, want.Timezone, want.UpdatedAt = "Bea", "", "fr", "UTC", now().AddDate(0, 0, 1)
	change(t, s.Store, func(tx ports.Tx) error {
		got, err := tx.EditUser(t.Context(), a.ID, func(u *domain.User) error {
			*u = want
			return nil
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("answered: %s", diff)
		}
		return err
	})
	got, err := s.Store.ByEmail(t.Context(), a.Email)
	a.User = want
	if diff := cmp.Diff(a, got); err != nil || diff != "" {
		t.Fatalf("kept: %v %s", err, diff)
	}
}

func refusedEdit(t *testing.T, s Subject) {
	a := joined(t, s.Store)
	err := s.Store.Change(t.Context(), func(tx ports.Tx) error {
		_, err := tx.EditUser(t.Context(), a.ID, func(u *domain.User) error {
			u.FirstName = "Mallory"
			return errChangedMind
		})
		return err
	})
	if !errors.Is(err, errChangedMind) {
		t.Fatalf("its own error: %v", err)
	}
	if got, err := s.Store.ByID(t.Context(), a.ID); err != nil || got != a.User {
		t.Fatalf("%+v %v", got, err)
	}
}

func editsTakeTurns(t *testing.T, s Subject) {
	const editors = 8
	a := joined(t, s.Store)
	atOnce(editors, func(int) {
		err := s.Store.Change(t.Context(), func(tx ports.Tx) error {
			_, err := tx.EditUser(t.Context(), a.ID, func(u *domain.User) error {
				u.FirstName += "x"
				return nil
			})
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	if got, err := s.Store.ByID(t.Context(), a.ID); err != nil || got.FirstName != a.FirstName+"xxxxxxxx" {
		t.Fatalf("%q %v", got.FirstName, err)
	}
}

func rehash(t *testing.T, s Subject) {
	a := joined(t, s.Store)
	change(t, s.Store, func(tx ports.Tx) error { return tx.Rehash(t.Context(), a.ID, 1, "$new$") })
	if got, err := s.Store.ByEmail(t.Context(), a.Email); err != nil || got.PasswordHash != "$new$" || got.CredentialVersion != 1 {
		t.Errorf("%+v %v", got, err)
	}
	s.SetCredentialVersion(t, a.ID, 2)
	change(t, s.Store, func(tx ports.Tx) error { return tx.Rehash(t.Context(), a.ID, 1, "$late$") })
	if got, err := s.Store.ByEmail(t.Context(), a.Email); err != nil || got.PasswordHash != "$new$" {
		t.Errorf("a rehash of the password before: %+v %v", got, err)
	}
}

func matching(t *testing.T, s Subject) {
	verified, unverified, byID := account(), account(), joined(t, s.Store)
	verified.EmailVerified, verified.PhoneVerified, verified.Phone = true, true, "+33612345678"
	for _, a := range []domain.Account{verified, unverified} {
		change(t, s.Store, func(tx ports.Tx) error { return tx.AddUser(t.Context(), a) })
	}
	for name, c := range map[string]struct {
		lookup domain.Lookup
		want   []domain.User
	}{
		"by id":                 {domain.Lookup{IDs: []domain.UserID{byID.ID, domain.UserID(newID())}}, []domain.User{byID.User}},
		"by verified e-mail":    {domain.Lookup{Emails: []domain.Email{verified.Email}}, []domain.User{verified.User}},
		"by unverified e-mail":  {domain.Lookup{Emails: []domain.Email{unverified.Email}}, nil},
		"by verified phone":     {domain.Lookup{Phones: []string{verified.Phone}}, []domain.User{verified.User}},
		"by unverified phone":   {domain.Lookup{Phones: []string{unverified.Phone}}, nil},
		"by somebody's nothing": {domain.Lookup{Emails: []domain.Email{""}, Phones: []string{""}}, nil},
	} {
		got, err := s.Store.Matching(t.Context(), c.lookup)
		if err != nil || len(got) != len(c.want) || len(got) == 1 && got[0] != c.want[0] {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

func matchingOnce(t *testing.T, s Subject) {
	a, b := account(), account()
	a.EmailVerified = true
	for _, each := range []domain.Account{b, a} {
		change(t, s.Store, func(tx ports.Tx) error { return tx.AddUser(t.Context(), each) })
	}
	got, err := s.Store.Matching(t.Context(), domain.Lookup{IDs: []domain.UserID{b.ID, a.ID, a.ID}, Emails: []domain.Email{a.Email}})
	if diff := cmp.Diff([]domain.User{a.User, b.User}, got); err != nil || diff != "" {
		t.Fatalf("%v %s", err, diff)
	}
}

func matchingNothing(t *testing.T, s Subject) {
	joined(t, s.Store)
	if got, err := s.Store.Matching(t.Context(), domain.Lookup{}); err != nil || len(got) != 0 {
		t.Fatalf("%+v %v", got, err)
	}
}

func hasRole(t *testing.T, s Subject) {
	admin := account()
	admin.Role = domain.RoleSuperAdmin
	want := func(when string, want bool) {
		t.Helper()
		if got, err := s.Store.HasRole(t.Context(), domain.RoleSuperAdmin); err != nil || got != want {
			t.Errorf("%s: %v %v", when, got, err)
		}
	}
	joined(t, s.Store)
	want("only a user", false)
	change(t, s.Store, func(tx ports.Tx) error { return tx.AddUser(t.Context(), admin) })
	want("an administrator", true)
	s.SetActive(t, admin.ID, false)
	want("a banned administrator", false)
}

func event(kind domain.AuditKind, user domain.UserID) domain.AuditEvent {
	return domain.AuditEvent{
		ID: newID(), At: now(), Kind: kind, User: user, Origin: domain.Origin{IP: "192.0.2.7", UserAgent: "LoveApp/1.0"},
		Data: map[string]any{"fields": []string{"locale"}},
	}
}

func journal(t *testing.T, s Subject) {
	user := domain.UserID(newID()) // the record does not depend on the account
	first, second := event(domain.AuditRegistered, user), event(domain.AuditSignedIn, user)
	second.Session, second.Data = domain.SessionID(newID()), nil
	for _, e := range []domain.AuditEvent{first, second} {
		change(t, s.Store, func(tx ports.Tx) error { return tx.Record(t.Context(), e) })
	}
	if diff := cmp.Diff([]domain.AuditKind{domain.AuditRegistered, domain.AuditSignedIn}, s.Events(t)); diff != "" {
		t.Fatal(diff)
	}
}

func journalRollsBack(t *testing.T, s Subject) {
	_ = s.Store.Change(t.Context(), func(tx ports.Tx) error {
		if err := tx.Record(t.Context(), event(domain.AuditRegistered, domain.UserID(newID()))); err != nil {
			t.Error(err)
		}
		return errChangedMind
	})
	if got := s.Events(t); len(got) != 0 {
		t.Fatalf("%v", got)
	}
}

func staff(t *testing.T, s Subject) {
	var want []domain.UserID
	for _, role := range []domain.Role{domain.RoleAdmin, domain.RoleUser, domain.RoleSuperAdmin, domain.RoleVolunteer, domain.RoleAdmin} {
		a := account()
		a.Role = role
		change(t, s.Store, func(tx ports.Tx) error { return tx.AddUser(t.Context(), a) })
		if role.Staff() {
			want = append(want, a.ID)
		}
	}
	slices.Sort(want)
	s.SetActive(t, want[1], false)
	want = []domain.UserID{want[0], want[2]}
	for limit, want := range map[int][]domain.UserID{100: want, 1: want[:1]} {
		users, err := s.Store.Staff(t.Context(), limit)
		var got []domain.UserID
		for _, u := range users {
			got = append(got, u.ID)
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
}
