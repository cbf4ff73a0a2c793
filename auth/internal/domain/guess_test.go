package domain_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/auth/internal/domain"
)

// TestNoAccountStandsMoreThanAHundredGuessesInThirtyDays: however an attacker
// spaces them, one after the other, and with 75 under way when the first was wrong.
func TestNoAccountStandsMoreThanAHundredGuessesInThirtyDays(t *testing.T) {
	t.Parallel()
	const window, underWay = 30 * 24 * time.Hour, 75
	rule, _, _ := domain.GuessRules()
	rapid.Check(t, func(t *rapid.T) {
		var (
			count   domain.GuessCount
			guesses []time.Time
			now     = time.Unix(1234567890, 0)
		)
		if rapid.Bool().Draw(t, "burst") {
			for range underWay {
				count = count.Settle(domain.GuessMissed, rule, now)
				guesses = append(guesses, now)
			}
		}
		for range 400 {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "pause")))
			next, verdict := count.Try(rule, now)
			count = next
			if verdict == domain.GuessFree {
				count = count.Settle(domain.GuessMissed, rule, now)
			}
			if verdict != domain.GuessRefused {
				guesses = append(guesses, now)
			}
		}
		for first := range guesses {
			n := 0
			for _, at := range guesses[first:] {
				if at.Sub(guesses[first]) < window {
					n++
				}
			}
			if n > 100 {
				t.Fatalf("%d guesses", n)
			}
		}
	})
}

func TestDelaysDoubleUpToTheirRulesLongest(t *testing.T) {
	t.Parallel()
	rule := domain.GuessRule{Kind: "pair", Free: 2, Delay: 5 * time.Second, Most: 100, Window: time.Hour}
	var count domain.GuessCount
	now := time.Unix(1234567890, 0)
	for i, want := range []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
		next, verdict := count.Try(rule, now)
		if verdict == domain.GuessRefused {
			t.Fatalf("guess %d is refused", i)
		}
		if count = next; verdict == domain.GuessFree {
			count = count.Settle(domain.GuessMissed, rule, now)
		}
		if got := max(0, count.Until.Sub(now)); got != want {
			t.Fatalf("after guess %d: %v, want %v", i, got, want)
		}
		if _, verdict := count.Try(rule, now.Add(want-1)); want > 0 && verdict != domain.GuessRefused {
			t.Fatalf("guess %d was not waited for", i+1)
		}
		now = now.Add(want)
	}
}

func TestTheRightPasswordIsNoGuess(t *testing.T) {
	t.Parallel()
	rule := domain.GuessRule{Kind: "pair", Free: 0, Delay: time.Hour, Most: 3, Window: 24 * time.Hour}
	var count domain.GuessCount
	now := time.Unix(1234567890, 0)
	for range 10 {
		next, verdict := count.Try(rule, now)
		if verdict != domain.GuessReserved {
			t.Fatal(verdict)
		}
		count = next.Settle(domain.GuessHit, rule, now)
	}
	if count.Wrong != 0 {
		t.Fatal(count)
	}
}
