package portstest

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// patient is a rule under which nothing passes by itself while a test runs.
func patient() domain.GuessRule {
	return domain.GuessRule{Kind: "account", Free: 2, Delay: time.Hour, Most: 4, Window: 24 * time.Hour}
}

// Guesses holds an adapter against what is promised of counting guesses.
func Guesses(t *testing.T, open func(t *testing.T) ports.Guesses) {
	t.Helper()
	try := func(t *testing.T, g ports.Guesses, key string, rule domain.GuessRule) domain.GuessVerdict {
		t.Helper()
		verdict, err := g.Try(t.Context(), key, rule)
		if err != nil {
			t.Fatal(err)
		}
		return verdict
	}
	miss := func(t *testing.T, g ports.Guesses, key string, rule domain.GuessRule) {
		t.Helper()
		if err := g.Settle(t.Context(), key, rule, domain.GuessMissed); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("free ones are not counted until they are wrong", func(t *testing.T) {
		t.Parallel()
		g, key := open(t), newID()
		for range 10 {
			if got := try(t, g, key, patient()); got != domain.GuessFree {
				t.Fatal(got)
			}
			if err := g.Settle(t.Context(), key, patient(), domain.GuessNothing); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("wrong ones cost a delay, at one key of one kind", func(t *testing.T) {
		t.Parallel()
		g, key := open(t), newID()
		rule := patient()
		rule.Free = 1
		miss(t, g, key, rule)
		other := rule
		other.Kind = "pair"
		got := []domain.GuessVerdict{try(t, g, key, rule), try(t, g, key, other), try(t, g, newID(), rule)}
		if diff := cmp.Diff([]domain.GuessVerdict{domain.GuessRefused, domain.GuessFree, domain.GuessFree}, got); diff != "" {
			t.Fatal(diff)
		}
	})
	t.Run("beyond the free ones, of many at once one is reserved, and taken back when it was right", func(t *testing.T) {
		t.Parallel()
		g, key := open(t), newID()
		rule := patient()
		rule.Free = 0
		for range 3 {
			var reserved, refused atomic.Int32
			atOnce(8, func(int) {
				verdict, err := g.Try(t.Context(), key, rule)
				switch {
				case err != nil:
					t.Error(err)
				case verdict == domain.GuessReserved:
					reserved.Add(1)
				case verdict == domain.GuessRefused:
					refused.Add(1)
				}
			})
			if reserved.Load() != 1 || refused.Load() != 7 {
				t.Fatalf("%d reserved, %d refused", reserved.Load(), refused.Load())
			}
			if err := g.Settle(t.Context(), key, rule, domain.GuessHit); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("there is an end to them", func(t *testing.T) {
		t.Parallel()
		g, key := open(t), newID()
		rule := patient()
		rule.Delay = 0
		for range rule.Most {
			if got := try(t, g, key, rule); got == domain.GuessFree {
				miss(t, g, key, rule)
			}
		}
		if got := try(t, g, key, rule); got != domain.GuessRefused {
			t.Fatal(got)
		}
	})
	t.Run("what has become moot is forgotten", func(t *testing.T) {
		t.Parallel()
		g, key := open(t), newID()
		rule := patient()
		rule.Free = 1
		miss(t, g, key, rule)
		if err := g.Settle(t.Context(), key, rule, domain.GuessMoot); err != nil {
			t.Fatal(err)
		}
		if got := try(t, g, key, rule); got != domain.GuessFree {
			t.Fatal(got)
		}
	})
}
