package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Erasures forgets people whose accounts are gone. What has happened, the sealed
// timelines, stays: it is the record of an emergency.
type Erasures interface {
	// Erase notes that the user is to be forgotten, and takes the user out of the
	// books of others at once; those contacts, as they were, are what it gives. A
	// second time changes nothing and gives nobody.
	Erase(ctx context.Context, user domain.UserID) (former []domain.Contact, err error)
	// FinishErasure forgets one user who is to be, and all whose tickets have been
	// closed for quiet: their name, what they wrote, where they were beyond the
	// neighbourhood, their links, contacts and PIN. Until then those who were called
	// to help still can. done is false where nobody is left to whom this applies.
	FinishErasure(ctx context.Context, quiet time.Duration) (done bool, err error)
}
