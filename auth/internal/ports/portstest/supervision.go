package portstest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Supervision holds the store against what is promised to administrators.
func Supervision(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Subject){
		"a supervision keeps role and active":                        supervisionKeeps,
		"a supervision that is refused changes nothing":              supervisionRefused,
		"nobody supervises who is not there, nor is supervised":      supervisionOfNobody,
		"two administrators cannot demote each other at once":        supervisionsTakeTurns,
		"a cut-off of a user is the next millisecond, in the feed":   cutOff,
		"users are listed the newest first, page by page":            listUsers,
		"users are found by part of an address, a number or a name":  findUsers,
		"the record is listed the newest first, of one user and all": listEvents,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func added(t *testing.T, s Subject, change func(*domain.Account)) domain.Account {
	t.Helper()
	a := account()
	change(&a)
	if err := s.Store.Change(t.Context(), func(tx ports.Tx) error { return tx.AddUser(t.Context(), a) }); err != nil {
		t.Fatal(err)
	}
	return a
}

func administrator(t *testing.T, s Subject) domain.Account {
	t.Helper()
	return added(t, s, func(a *domain.Account) { a.Role = domain.RoleSuperAdmin })
}

func supervise(t *testing.T, s Subject, by, id domain.UserID, change func(domain.Supervision) error) (user domain.User, err error) {
	t.Helper()
	err = s.Store.Change(t.Context(), func(tx ports.Tx) (err error) {
		user, err = tx.Supervise(t.Context(), by, id, change)
		return err
	})
	return user, err
}

func supervisionKeeps(t *testing.T, s Subject) {
	admin, other, user := administrator(t, s), administrator(t, s), joined(t, s.Store)
	want := user.User
	want.Role, want.Active, want.UpdatedAt = domain.RoleVolunteer, false, now().Add(time.Hour)
	got, err := supervise(t, s, admin.ID, user.ID, func(v domain.Supervision) error {
		if v.By != admin.User || *v.User != user.User || v.OtherSuperAdmins != 2 {
			t.Errorf("%+v before %+v, %d others", v.By, *v.User, v.OtherSuperAdmins)
		}
		*v.User = want
		return nil
	})
	if err != nil || got != want {
		t.Fatalf("%+v %v", got, err)
	}
	if kept, err := s.Store.ByID(t.Context(), user.ID); err != nil || kept != want {
		t.Fatalf("kept %+v %v", kept, err)
	}
	_, err = supervise(t, s, other.ID, admin.ID, func(v domain.Supervision) error {
		if v.OtherSuperAdmins != 1 {
			t.Errorf("%d others beside one of two", v.OtherSuperAdmins)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func supervisionRefused(t *testing.T, s Subject) {
	admin, user := administrator(t, s), joined(t, s.Store)
	_, err := supervise(t, s, admin.ID, user.ID, func(v domain.Supervision) error {
		v.User.Role = domain.RoleAdmin
		return domain.ErrLastSuperAdmin
	})
	if !errors.Is(err, domain.ErrLastSuperAdmin) {
		t.Errorf("its own error: %v", err)
	}
	if kept, err := s.Store.ByID(t.Context(), user.ID); err != nil || kept != user.User {
		t.Errorf("kept %+v %v", kept, err)
	}
}

func supervisionOfNobody(t *testing.T, s Subject) {
	admin, nobody := administrator(t, s), domain.UserID(newID())
	never := func(domain.Supervision) error {
		t.Error("it was asked")
		return nil
	}
	if _, err := supervise(t, s, admin.ID, nobody, never); !errors.Is(err, domain.ErrUserNotFound) {
		t.Errorf("nobody supervised: %v", err)
	}
	if _, err := supervise(t, s, nobody, admin.ID, never); !errors.Is(err, domain.ErrForbidden) {
		t.Errorf("nobody supervises: %v", err)
	}
}

func supervisionsTakeTurns(t *testing.T, s Subject) {
	two := []domain.UserID{administrator(t, s).ID, administrator(t, s).ID}
	role := domain.RoleUser
	atOnce(len(two), func(i int) {
		_, err := supervise(t, s, two[i], two[1-i], func(v domain.Supervision) error {
			_, err := v.Apply(domain.UserEdit{Role: &role}, now())
			return err
		})
		if err != nil && !errors.Is(err, domain.ErrForbidden) && !errors.Is(err, domain.ErrLastSuperAdmin) {
			t.Error(err)
		}
	})
	if found, err := s.Store.HasRole(t.Context(), domain.RoleSuperAdmin); err != nil || !found {
		t.Fatalf("one of them is left: %v %v", found, err)
	}
}

func cutOff(t *testing.T, s Subject) {
	user := joined(t, s.Store).ID
	before := now()
	var cut domain.Revocation
	change(t, s.Store, func(tx ports.Tx) (err error) {
		cut, err = tx.RevokeUser(t.Context(), user)
		return err
	})
	if cut.Revision != 1 || cut.User != user || cut.Session != "" || !cut.Before.After(before) || cut.Before.Sub(before) > time.Minute ||
		!cut.Before.Equal(cut.Before.Truncate(time.Millisecond)) {
		t.Errorf("%+v after %v", cut, before)
	}
	if page := after(t, s.Store, 0, 10); !cmp.Equal(page.Items, []domain.Revocation{cut}) {
		t.Errorf("%+v", page)
	}
}

func listUsers(t *testing.T, s Subject) {
	var want []domain.UserID
	for range 5 {
		want = append(want, joined(t, s.Store).ID)
	}
	slices.Sort(want)
	slices.Reverse(want)
	var got []domain.UserID
	for page := (domain.UserPage{Limit: 2}); ; page.Below = got[len(got)-1] {
		users, err := s.Store.Users(t.Context(), page)
		if err != nil || len(users) > 2 {
			t.Fatalf("%d users, %v", len(users), err)
		}
		if len(users) == 0 {
			break
		}
		for _, u := range users {
			got = append(got, u.ID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

func findUsers(t *testing.T, s Subject) {
	ana := added(t, s, func(a *domain.Account) {
		a.Email, a.Phone, a.FirstName, a.LastName = "ana%100@example.org", "+4917612345678", "Ana", "Öztürk"
	})
	bea := added(t, s, func(a *domain.Account) {
		a.Email, a.Phone, a.FirstName, a.LastName, a.Role, a.Active = "bea@example.com", "", "Béa", "", domain.RoleProvider, false
	})
	yes, no := true, false
	for name, c := range map[string]struct {
		page domain.UserPage
		want []domain.User
	}{
		"everybody":         {domain.UserPage{}, []domain.User{bea.User, ana.User}},
		"part of addresses": {domain.UserPage{Search: "EXAMPLE."}, []domain.User{bea.User, ana.User}},
		"no pattern":        {domain.UserPage{Search: "a%1"}, []domain.User{ana.User}},
		"part of a number":  {domain.UserPage{Search: "17612345"}, []domain.User{ana.User}},
		"part of a name":    {domain.UserPage{Search: "zt"}, []domain.User{ana.User}},
		"nobody":            {domain.UserPage{Search: "_na"}, []domain.User{}},
		"a role":            {domain.UserPage{Role: domain.RoleProvider}, []domain.User{bea.User}},
		"the banned":        {domain.UserPage{Active: &no}, []domain.User{bea.User}},
		"the others":        {domain.UserPage{Active: &yes}, []domain.User{ana.User}},
		"one by id":         {domain.UserPage{ID: ana.ID}, []domain.User{ana.User}},
	} {
		c.page.Limit = 10
		got, err := s.Store.Users(t.Context(), c.page)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func listEvents(t *testing.T, s Subject) {
	user := domain.UserID(newID())
	first, second, third := event(domain.AuditRegistered, user), event(domain.AuditSignedIn, user), event(domain.AuditSignedIn, domain.UserID(newID()))
	first.Data, second.Session, third.Data = map[string]any{"by": "x"}, domain.SessionID(newID()), map[string]any{}
	second.Data = map[string]any{}
	for _, e := range []domain.AuditEvent{first, second, third} {
		change(t, s.Store, func(tx ports.Tx) error { return tx.Record(t.Context(), e) })
	}
	for name, c := range map[string]struct {
		page domain.AuditPage
		want []domain.AuditEvent
	}{
		"all":           {domain.AuditPage{Limit: 10}, []domain.AuditEvent{third, second, first}},
		"the first two": {domain.AuditPage{Limit: 2}, []domain.AuditEvent{third, second}},
		"the next":      {domain.AuditPage{Limit: 2, Below: second.ID}, []domain.AuditEvent{first}},
		"of one user":   {domain.AuditPage{Limit: 10, User: user}, []domain.AuditEvent{second, first}},
		"of one kind":   {domain.AuditPage{Limit: 10, Kind: domain.AuditSignedIn}, []domain.AuditEvent{third, second}},
	} {
		got, err := s.Store.Events(t.Context(), c.page)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}
