package domain

import "github.com/loveapp/backend/shared/fault"

// What can go wrong in words that clients know.
var (
	// ErrNotificationNotFound: no such notification in the caller's inbox; somebody else's counts as none.
	ErrNotificationNotFound = fault.New(fault.NotFound, "not_found", "There is no such notification in your inbox.")
	// ErrTicketInvalid: never issued, used already, or older than 30 s; which one is nobody's business.
	ErrTicketInvalid = fault.New(fault.Unauthenticated, "unauthenticated", "The ticket is not valid.")
	// ErrKeyReused: the Idempotency-Key came with another body within 24 hours.
	ErrKeyReused = fault.New(fault.Invalid, "idempotency_key_reused", "This Idempotency-Key was used with another body.")
)
