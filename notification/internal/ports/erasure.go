package ports

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Erasure forgets users whose accounts are gone.
type Erasure interface {
	// Erase removes what was ever told to the user, what is planned and the log of
	// how it went out, and takes the user out of what is scheduled. Intake leaves the
	// user out from then on. Only how far seqs have gone is kept, so that none is given
	// twice. A user whom nothing was told is no error, and neither is a second time.
	Erase(ctx context.Context, user domain.UserID) error
}
