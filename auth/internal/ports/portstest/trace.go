package portstest

import (
	"errors"
	"testing"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/tracing"
)

func traceKept(t *testing.T, s Store) {
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	followed := tracing.Carry(t.Context(), trace)
	stays, leaves := joined(t, s), joined(t, s)
	letter := kept(t, s, token(stays, domain.VerifyEmail)).Carry(domain.MessageID(newID()), domain.LetterVerify, "")
	change(t, s, func(tx ports.Tx) error {
		_, err := tx.LockAccount(followed, leaves.ID)
		return errors.Join(err, tx.PlaceOrder(followed, order(domain.ResetPassword, "ana@example.org")),
			tx.Post(followed, letter), tx.EraseAccount(followed, leaves.ID, []string{"sos"}))
	})
	change(t, s, func(tx ports.Tx) error {
		taken, err := tx.TakeOrder(t.Context())
		if taken.Trace != trace {
			t.Errorf("the order's is %q", taken.Trace)
		}
		return err
	})
	if sent := due(t, s, domain.ByMail, 1); len(sent) != 1 || sent[0].Trace != trace {
		t.Errorf("the letter: %+v", sent)
	}
	if erasures, err := s.DueErasures(t.Context(), time.Minute, 1); err != nil || len(erasures) != 1 || erasures[0].Trace != trace {
		t.Errorf("the erasure: %+v, %v", erasures, err)
	}
}
