package ports

import (
	"context"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Confirmations makes sure that presses outlive the machine which has stored them.
type Confirmations interface {
	// Confirm waits until the standbys have whatever was stored before it was
	// called, presses and changes. It fails when ctx ends before that, or when nobody
	// can say: a word that comes later does not count. Calls wait for each other.
	Confirm(ctx context.Context, presses []domain.PressID, changes ...domain.Change) (Confirmed, error)
	// HasStandbys tells whether there is anybody to confirm.
	HasStandbys(ctx context.Context) (bool, error)
}

// Confirmed is what is known after a confirmation.
type Confirmed struct {
	// Replicated is false where no standby is configured: then it is on one machine only.
	Replicated bool
	// Stored are those of the presses that are there. After a failover some may not be.
	Stored []domain.PressID
	// Kept are those of the changes whose ticket has come as far.
	Kept []domain.Change
}
