package portstest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Post runs the suite of what waits to be sent, and of the accounts it is about.
func Post(t *testing.T, subject func(*testing.T) Subject) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Store){
		"an order is taken once":                             orderTakenOnce,
		"an order comes back where the transaction fails":    orderComesBack,
		"of twenty who spend a token one succeeds":           tokenSpentOnce,
		"tokens are counted by account and by address":       tokensCounted,
		"the newest token is the one that counts":            newestToken,
		"a message is handed out once a lease":               messageLeased,
		"a message is put off, sent or dead":                 messageSettled,
		"messages of other channels are left alone":          otherChannels,
		"what waits keeps the trace of what it goes back to": traceKept,
		"an account is saved whole":                          accountSaved,
		"a number is verified by one":                        numberClaimed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, subject(t).Store)
		})
	}
}

func order(purpose domain.Purpose, to string) domain.Order {
	return domain.Order{ID: newID(), Purpose: purpose, Address: to, At: now()}
}

// token is one of the user's.
func token(user domain.Account, purpose domain.Purpose) domain.OneTimeToken {
	return order(purpose, string(user.Email)).NewToken(domain.TokenID(newID()), user.ID, now())
}

func kept(t *testing.T, s Store, token domain.OneTimeToken) domain.OneTimeToken {
	t.Helper()
	change(t, s, func(tx ports.Tx) error { return tx.AddToken(t.Context(), token) })
	return token
}

func orderTakenOnce(t *testing.T, s Store) {
	want := order(domain.ChangeEmail, "ana@example.org")
	want.User, want.Session = domain.UserID(newID()), domain.SessionID(newID())
	open := order(domain.ResetPassword, "bea@example.org")
	change(t, s, func(tx ports.Tx) error {
		return errors.Join(tx.PlaceOrder(t.Context(), want), tx.PlaceOrder(t.Context(), open))
	})
	for _, want := range []domain.Order{want, open} {
		change(t, s, func(tx ports.Tx) error {
			got, err := tx.TakeOrder(t.Context())
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			return err
		})
	}
	if err := s.Change(t.Context(), takeOne(t.Context())); !errors.Is(err, ports.ErrNothingDue) {
		t.Errorf("a third: %v", err)
	}
}

func takeOne(ctx context.Context) func(ports.Tx) error {
	return func(tx ports.Tx) error {
		_, err := tx.TakeOrder(ctx)
		return err
	}
}

func orderComesBack(t *testing.T, s Store) {
	change(t, s, func(tx ports.Tx) error {
		return tx.PlaceOrder(t.Context(), order(domain.VerifyEmail, "ana@example.org"))
	})
	failed := errors.New("failed")
	err := s.Change(t.Context(), func(tx ports.Tx) error { return errors.Join(takeOne(t.Context())(tx), failed) })
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	change(t, s, takeOne(t.Context()))
}

func tokenSpentOnce(t *testing.T, s Store) {
	user := joined(t, s)
	one := kept(t, s, token(user, domain.VerifyEmail))
	got, err := s.Token(t.Context(), one.ID)
	if diff := cmp.Diff(one, got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	var spent atomic.Int32
	var racing sync.WaitGroup
	for range 20 {
		racing.Go(func() {
			err := s.Change(t.Context(), func(tx ports.Tx) error { return tx.SpendToken(t.Context(), one.ID) })
			switch {
			case err == nil:
				spent.Add(1)
			case !errors.Is(err, domain.ErrLinkSpent):
				t.Error(err)
			}
		})
	}
	racing.Wait()
	if spent.Load() != 1 {
		t.Errorf("%d spent it", spent.Load())
	}
	if _, err := s.Token(t.Context(), one.ID); !errors.Is(err, domain.ErrLinkSpent) {
		t.Errorf("it is still there: %v", err)
	}
}

func tokensCounted(t *testing.T, s Store) {
	ana, bea := joined(t, s), joined(t, s)
	kept(t, s, token(ana, domain.VerifyEmail))
	kept(t, s, token(ana, domain.ResetPassword))
	toBea := token(ana, domain.VerifyEmail)
	toBea.Address = string(bea.Email)
	kept(t, s, toBea)
	change(t, s, func(tx ports.Tx) error {
		for _, c := range []struct {
			user  domain.Account
			since time.Time
			want  int
		}{{ana, now().Add(-time.Minute), 2}, {bea, now().Add(-time.Minute), 1}, {ana, now().Add(time.Minute), 0}} {
			got, err := tx.CountTokens(t.Context(), domain.VerifyEmail, c.user.ID, string(c.user.Email), c.since)
			if err != nil || got != c.want {
				t.Errorf("%d instead of %d: %v", got, c.want, err)
			}
		}
		return nil
	})
}

func newestToken(t *testing.T, s Store) {
	user := joined(t, s)
	kept(t, s, token(user, domain.VerifyPhone))
	last := kept(t, s, token(user, domain.VerifyPhone))
	change(t, s, func(tx ports.Tx) error { return tx.CountTry(t.Context(), last.ID) })
	last.Tries = 1
	change(t, s, func(tx ports.Tx) error {
		got, err := tx.NewestToken(t.Context(), user.ID, domain.VerifyPhone)
		if diff := cmp.Diff(last, got); diff != "" {
			t.Error(diff)
		}
		return errors.Join(err, tx.DropTokens(t.Context(), user.ID, domain.VerifyPhone))
	})
	err := s.Change(t.Context(), func(tx ports.Tx) error {
		_, err := tx.NewestToken(t.Context(), user.ID, domain.VerifyPhone)
		return err
	})
	if !errors.Is(err, domain.ErrLinkSpent) {
		t.Errorf("dropped ones count: %v", err)
	}
}

const lease = time.Minute

func posted(t *testing.T, s Store) domain.Message {
	t.Helper()
	user := joined(t, s)
	m := token(user, domain.VerifyEmail).Carry(domain.MessageID(newID()), domain.LetterVerify, "fr")
	m.Date = now().Add(time.Hour)
	change(t, s, func(tx ports.Tx) error { return tx.Post(t.Context(), m) })
	return m
}

func due(t *testing.T, s Store, channel domain.Channel, limit int) []domain.Message {
	t.Helper()
	messages, err := s.Due(t.Context(), []domain.Channel{channel}, lease, limit)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

func messageLeased(t *testing.T, s Store) {
	want := posted(t, s)
	posted(t, s)
	first := due(t, s, domain.ByMail, 1)
	want.Tries = 1
	if diff := cmp.Diff([]domain.Message{want}, first); diff != "" {
		t.Error(diff)
	}
	if n := len(due(t, s, domain.ByMail, 10)); n != 1 {
		t.Errorf("%d beside the one that is leased", n)
	}
	if n := len(due(t, s, domain.ByMail, 10)); n != 0 {
		t.Errorf("%d though all are leased", n)
	}
}

func messageSettled(t *testing.T, s Store) {
	again, sent, dead := posted(t, s), posted(t, s), posted(t, s)
	due(t, s, domain.ByMail, 10)
	ctx := t.Context()
	if err := errors.Join(s.Later(ctx, again.ID, 0, "timeout"), s.Sent(ctx, sent.ID), s.Dead(ctx, dead.ID, "550")); err != nil {
		t.Fatal(err)
	}
	again.Tries = 2
	if diff := cmp.Diff([]domain.Message{again}, due(t, s, domain.ByMail, 10)); diff != "" {
		t.Error(diff)
	}
	if err := s.Sweep(ctx, now().Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.Later(ctx, again.ID, 0, "timeout"); err != nil { // it is gone: nothing to put off
		t.Fatal(err)
	}
	if n := len(due(t, s, domain.ByMail, 10)); n != 0 {
		t.Errorf("%d after the sweep", n)
	}
}

func otherChannels(t *testing.T, s Store) {
	posted(t, s)
	if n := len(due(t, s, domain.BySMS, 10)); n != 0 {
		t.Errorf("%d texts", n)
	}
}

func accountSaved(t *testing.T, s Store) {
	user, other := joined(t, s), joined(t, s)
	want := user.WithPassword("$another$", now()).WithPhone("+33612345678", now()).WithEmail("new-"+user.Email, now()).Leaving(now())
	change(t, s, func(tx ports.Tx) error {
		if _, err := tx.LockAccount(t.Context(), user.ID); err != nil {
			return err
		}
		return tx.SaveAccount(t.Context(), want)
	})
	change(t, s, func(tx ports.Tx) error {
		got, err := tx.LockAccount(t.Context(), user.ID)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		found, findErr := tx.FindAccount(t.Context(), want.Email)
		if diff := cmp.Diff(want, found); diff != "" {
			t.Error(diff)
		}
		return errors.Join(err, findErr)
	})
	want.Email = other.Email
	if err := s.Change(t.Context(), func(tx ports.Tx) error { return tx.SaveAccount(t.Context(), want) }); !errors.Is(err, domain.ErrEmailTaken) {
		t.Errorf("somebody else's address: %v", err)
	}
	for _, look := range []func(tx ports.Tx) error{
		func(tx ports.Tx) error { _, err := tx.LockAccount(t.Context(), domain.UserID(newID())); return err },
		func(tx ports.Tx) error { _, err := tx.FindAccount(t.Context(), "nobody@example.org"); return err },
	} {
		if err := s.Change(t.Context(), look); !errors.Is(err, domain.ErrUserNotFound) {
			t.Errorf("nobody: %v", err)
		}
	}
}

func numberClaimed(t *testing.T, s Store) {
	first, second := joined(t, s), joined(t, s)
	const phone = "+33612345678"
	for _, user := range []domain.Account{first, second} {
		change(t, s, func(tx ports.Tx) error {
			return errors.Join(tx.ClaimPhone(t.Context(), user.ID, phone), tx.SaveAccount(t.Context(), user.WithPhone(phone, now())))
		})
	}
	users, err := s.Matching(t.Context(), domain.Lookup{Phones: []string{phone}})
	if err != nil || len(users) != 1 || users[0].ID != second.ID {
		t.Errorf("%v: %v", users, err)
	}
}
