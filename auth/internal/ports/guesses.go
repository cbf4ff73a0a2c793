package ports

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Guesses counts wrong passwords, by keys that tell nobody whose.
type Guesses interface {
	// Try asks for another guess at the key, as domain.GuessCount.Try decides; of
	// any number at once one gets a reservation.
	Try(ctx context.Context, key string, rule domain.GuessRule) (domain.GuessVerdict, error)
	// Settle notes what became of a guess that was tried.
	Settle(ctx context.Context, key string, rule domain.GuessRule, outcome domain.GuessOutcome) error
}
