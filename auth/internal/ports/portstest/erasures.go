package portstest

import (
	"cmp"
	"errors"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Erasures runs the suite of what becomes of people who leave.
func Erasures(t *testing.T, subject func(*testing.T) Subject) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Store){
		"who has left is found when the time has come": departedFound,
		"nothing is left of the account":               accountErased,
		"an order to erase is handed out once a lease": erasureLeased,
		"everything held is shown":                     holdingShown,
		"ways in and what waits are shown":             waysShown,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, subject(t).Store)
		})
	}
}

func departedFound(t *testing.T, s Store) {
	stays, leaves := joined(t, s), joined(t, s)
	leaves = leaves.Leaving(now())
	change(t, s, func(tx ports.Tx) error { return tx.SaveAccount(t.Context(), leaves) })
	for at, want := range map[time.Time][]domain.UserID{leaves.DeleteAfter: {leaves.ID}, leaves.DeleteAfter.Add(-time.Millisecond): {}} {
		got, err := s.Departed(t.Context(), at, 10)
		if err != nil || len(got) != len(want) || len(want) == 1 && got[0] != want[0] {
			t.Errorf("%v of %s and %s: %v", got, stays.ID, leaves.ID, err)
		}
	}
}

func accountErased(t *testing.T, s Store) {
	user, other := joined(t, s), joined(t, s)
	session := opened(t, s, user.ID)
	one := kept(t, s, token(user, domain.VerifyEmail))
	others := kept(t, s, token(other, domain.VerifyEmail))
	change(t, s, func(tx ports.Tx) error {
		return tx.Post(t.Context(), one.Carry(domain.MessageID(newID()), domain.LetterVerify, ""))
	})
	change(t, s, func(tx ports.Tx) error { return tx.EraseAccount(t.Context(), user.ID, []string{"sos"}) })
	ctx := t.Context()
	_, userErr := s.ByID(ctx, user.ID)
	_, _, sessionErr := s.Owned(ctx, session.ID)
	_, tokenErr := s.Token(ctx, one.ID)
	if !errors.Is(userErr, domain.ErrUserNotFound) || !errors.Is(sessionErr, domain.ErrSessionNotFound) || !errors.Is(tokenErr, domain.ErrLinkSpent) {
		t.Errorf("left: %v, %v, %v", userErr, sessionErr, tokenErr)
	}
	if n := len(due(t, s, domain.ByMail, 10)); n != 0 {
		t.Errorf("%d messages", n)
	}
	if _, err := s.Token(ctx, others.ID); err != nil {
		t.Errorf("somebody else's went along: %v", err)
	}
}

func erasureLeased(t *testing.T, s Store) {
	user := joined(t, s)
	change(t, s, func(tx ports.Tx) error { return tx.EraseAccount(t.Context(), user.ID, []string{"notification", "sos"}) })
	ctx := t.Context()
	got, err := s.DueErasures(ctx, lease, 10)
	slices.SortFunc(got, func(a, b domain.Erasure) int { return cmp.Compare(a.Service, b.Service) })
	want := []domain.Erasure{{User: user.ID, Service: "notification", Tries: 1}, {User: user.ID, Service: "sos", Tries: 1}}
	if diff := gocmp.Diff(want, got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if again, err := s.DueErasures(ctx, lease, 10); err != nil || len(again) != 0 {
		t.Errorf("leased, and handed out: %v, %v", again, err)
	}
	if err := errors.Join(s.Erased(ctx, want[0]), s.EraseLater(ctx, want[1], 0)); err != nil {
		t.Fatal(err)
	}
	want[1].Tries = 2
	got, err = s.DueErasures(ctx, lease, 10)
	if diff := gocmp.Diff(want[1:], got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func holdingShown(t *testing.T, s Store) {
	user, other := joined(t, s), joined(t, s)
	opened(t, s, other.ID)
	older, newer := opened(t, s, user.ID), opened(t, s, user.ID)
	one := kept(t, s, token(user, domain.ResetPassword))
	event := domain.AuditEvent{ID: newID(), At: now(), Kind: domain.AuditSignedIn, User: user.ID, Session: newer.ID, Data: map[string]any{"scope": "all"}}
	change(t, s, func(tx ports.Tx) error { return tx.Record(t.Context(), event) })
	got, err := s.Holding(t.Context(), user.ID, 10)
	want := domain.Holding{User: user.User, Sessions: []domain.Session{newer, older}, Tokens: []domain.OneTimeToken{one}, Events: []domain.AuditEvent{event}}
	if diff := gocmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if got, err := s.Holding(t.Context(), user.ID, 1); err != nil || len(got.Sessions) != 1 || got.Sessions[0].ID != newer.ID {
		t.Errorf("of at most one session: %+v, %v", got.Sessions, err)
	}
	if _, err := s.Holding(t.Context(), domain.UserID(newID()), 1); !errors.Is(err, domain.ErrUserNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func waysShown(t *testing.T, s Store) {
	user, other := joined(t, s), joined(t, s)
	for subject, owner := range map[string]domain.UserID{"7": user.ID, "8": other.ID, "9": user.ID} {
		change(t, s, func(tx ports.Tx) error { return tx.LinkIdentity(t.Context(), "google", subject, owner) })
	}
	held := factor()
	change(t, s, func(tx ports.Tx) error {
		return tx.EditSecondFactor(t.Context(), user.ID, func(f *domain.SecondFactor) error { *f = held; return nil })
	})
	news := domain.Notice(domain.MessageID(newID()), domain.LetterMFAEnabled, string(user.Email), user.User, now())
	change(t, s, func(tx ports.Tx) error { return tx.Post(t.Context(), news) })
	got, err := s.Holding(t.Context(), user.ID, 10)
	for i, linked := range got.Identities {
		if age := time.Since(linked.LinkedAt).Abs(); age > time.Hour {
			t.Errorf("linked %v ago", age)
		}
		got.Identities[i].LinkedAt = time.Time{}
	}
	want := domain.Holding{
		User: user.User, Events: got.Events, Identities: []domain.LinkedIdentity{{Provider: "google", Subject: "7"}, {Provider: "google", Subject: "9"}},
		SecondFactor: held.Held(),
		Messages:     []domain.HeldMessage{{ID: news.ID, Channel: domain.ByMail, Template: news.Template, Address: string(user.Email), ExpiresAt: news.ExpiresAt}},
	}
	if diff := gocmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
