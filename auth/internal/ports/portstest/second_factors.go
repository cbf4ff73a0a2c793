package portstest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// SecondFactors holds the store against what is promised of second factors.
func SecondFactors(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Subject){
		"a second factor is kept as it was edited, and removed":       keepsFactor,
		"an edit of a second factor that is refused changes nothing":  refusesFactor,
		"edits of one second factor at once take turns":               factorsTakeTurns,
		"an account says whether its second factor is confirmed":      saysMFA,
		"a sign-in that looked before credentials were renewed fails": renews,
		"what an older key has sealed is found":                       findsSealed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func editFactor(t *testing.T, s Subject, user domain.UserID, edit func(*domain.SecondFactor) error) error {
	t.Helper()
	return s.Store.Change(t.Context(), func(tx ports.Tx) error { return tx.EditSecondFactor(t.Context(), user, edit) })
}

func factor() domain.SecondFactor {
	return domain.SecondFactor{
		Secret: []byte{0, 1, 2}, SealedBy: "a key", ConfirmedAt: now(), LastStep: 7, Recovery: [][]byte{{1}, {0, 2}}, Failures: 3, Lockouts: 2,
		LockedUntil: now().Add(time.Hour),
	}
}

// putFactor gives the user a second factor, and says what there was.
func putFactor(t *testing.T, s Subject, user domain.UserID, next domain.SecondFactor) (before domain.SecondFactor) {
	t.Helper()
	err := editFactor(t, s, user, func(f *domain.SecondFactor) error {
		before, *f = *f, next
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return before
}

func keepsFactor(t *testing.T, s Subject) {
	user, other, want := joined(t, s.Store).ID, joined(t, s.Store).ID, factor()
	bare := domain.SecondFactor{Secret: []byte{9}, SealedBy: "a key", Recovery: [][]byte{}}
	for _, step := range []struct{ next, before domain.SecondFactor }{{want, domain.SecondFactor{}}, {bare, want}, {domain.SecondFactor{}, bare}, {domain.SecondFactor{}, domain.SecondFactor{}}} {
		if diff := cmp.Diff(step.before, putFactor(t, s, user, step.next)); diff != "" {
			t.Error(diff)
		}
	}
	if before := putFactor(t, s, other, want); before.Exists() {
		t.Errorf("somebody else has %+v", before)
	}
	if err := editFactor(t, s, domain.UserID(newID()), func(*domain.SecondFactor) error { return nil }); !errors.Is(err, domain.ErrUserNotFound) {
		t.Errorf("nobody's: %v", err)
	}
}

func refusesFactor(t *testing.T, s Subject) {
	user, want := joined(t, s.Store).ID, factor()
	putFactor(t, s, user, want)
	err := editFactor(t, s, user, func(f *domain.SecondFactor) error {
		*f = domain.SecondFactor{}
		return errChangedMind
	})
	if !errors.Is(err, errChangedMind) {
		t.Errorf("its own error: %v", err)
	}
	if diff := cmp.Diff(want, putFactor(t, s, user, want)); diff != "" {
		t.Error(diff)
	}
}

func factorsTakeTurns(t *testing.T, s Subject) {
	const editors = 8
	user := joined(t, s.Store).ID
	atOnce(editors, func(int) {
		err := editFactor(t, s, user, func(f *domain.SecondFactor) error {
			f.Secret, f.SealedBy = []byte{1}, "a key"
			f.Failures++
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	if got := putFactor(t, s, user, domain.SecondFactor{}); got.Failures != editors {
		t.Fatalf("%d failures", got.Failures)
	}
}

func saysMFA(t *testing.T, s Subject) {
	a := joined(t, s.Store)
	pending := factor()
	pending.ConfirmedAt = time.Time{}
	for _, c := range []struct {
		next domain.SecondFactor
		want bool
	}{{domain.SecondFactor{}, false}, {pending, false}, {factor(), true}, {domain.SecondFactor{}, false}} {
		putFactor(t, s, a.ID, c.next)
		if got, err := s.Store.ByEmail(t.Context(), a.Email); err != nil || got.MFA != c.want {
			t.Errorf("%+v: %v %v", c.next, got.MFA, err)
		}
		if has, err := s.Store.HasSecondFactor(t.Context(), a.ID); err != nil || has != c.want {
			t.Errorf("%+v: %v %v", c.next, has, err)
		}
	}
}

func renews(t *testing.T, s Subject) {
	a := joined(t, s.Store)
	change(t, s.Store, func(tx ports.Tx) error { return tx.RenewCredentials(t.Context(), a.ID) })
	got, err := s.Store.ByEmail(t.Context(), a.Email)
	if err != nil || got.CredentialVersion != a.CredentialVersion+1 {
		t.Fatalf("%+v %v", got, err)
	}
	err = s.Store.Change(t.Context(), func(tx ports.Tx) error { return tx.OpenSession(t.Context(), session(a.ID), a.CredentialVersion) })
	if !errors.Is(err, domain.ErrInvalidCredentials) {
		t.Fatal(err)
	}
}

func findsSealed(t *testing.T, s Subject) {
	ours, others := joined(t, s.Store).ID, joined(t, s.Store).ID
	joined(t, s.Store)
	f := factor()
	putFactor(t, s, ours, f)
	f.SealedBy = "an older key"
	putFactor(t, s, others, f)
	got, err := s.Store.SealedByOthers(t.Context(), "a key", 10)
	if diff := cmp.Diff([]domain.UserID{others}, got); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
}
