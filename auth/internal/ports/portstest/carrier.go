package portstest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Mood is how whoever takes letters from a carrier behaves.
type Mood int

// The moods.
const (
	Takes   Mood = iota
	Fails        // now, and takes them later
	Refuses      // for ever
)

// CarrierSubject is a carrier and whom it hands letters to.
type CarrierSubject struct {
	Carrier ports.Carrier
	// To is an address of its channel.
	To string
	// Taken gives what has been handed over, in order, each as one text that
	// begins with the address.
	Taken func() []string
	// Behave changes the mood; nil where that cannot be had.
	Behave func(Mood)
}

// Carrier holds an adapter against what is promised of carriers.
func Carrier(t *testing.T, open func(t *testing.T) CarrierSubject) {
	t.Helper()
	t.Run("a letter arrives whole, at its address", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		for _, text := range []string{"Votre code est 123456.\n\nÀ bientôt", "zwei"} {
			if err := s.Carrier.Send(t.Context(), letter(s.To, text)); err != nil {
				t.Fatal(err)
			}
		}
		taken := s.Taken()
		if len(taken) != 2 || !strings.HasPrefix(taken[0], s.To) || !strings.Contains(taken[0], "123456.") || !strings.Contains(taken[0], "À bientôt") {
			t.Errorf("%q", taken)
		}
	})
	t.Run("who gives up waiting is told so, and nothing else", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Carrier.Send(ctx, letter(s.To, "x")); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("a passing trouble may be tried again, a refusal may not", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		if s.Behave == nil {
			return
		}
		for mood, final := range map[Mood]bool{Fails: false, Refuses: true} {
			s.Behave(mood)
			err := s.Carrier.Send(t.Context(), letter(s.To, "x"))
			failed, ok := errors.AsType[*ports.SendError](err)
			if !ok || failed.Final != final || failed.Why == "" || strings.Contains(failed.Error(), s.To) {
				t.Errorf("mood %d: %v", mood, err)
			}
		}
		s.Behave(Takes)
		if err := s.Carrier.Send(t.Context(), letter(s.To, "again")); err != nil || len(s.Taken()) != 1 {
			t.Errorf("%v %q", err, s.Taken())
		}
	})
}

func letter(to, text string) domain.Letter {
	return domain.Letter{ID: domain.MessageID(newID()), To: to, Subject: "Votre code", Text: text, ExpiresAt: now().Add(time.Hour)}
}
