package ports

import (
	"context"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// Answers keeps what was answered to everybody.
type Answers interface {
	// Find gives the answer kept under the key until its Until has passed; found is
	// false where there is none. What it gives is the caller's to read, not to change.
	Find(ctx context.Context, key string) (a domain.Answer, found bool, err error)
	// Keep keeps the answer until its Until, or until the room is needed. A later
	// one takes the earlier one's place. It fails soon enough for a request to wait.
	Keep(ctx context.Context, key string, a domain.Answer) error
}
