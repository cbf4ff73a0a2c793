package domain

import (
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// What can go wrong with a ticket.
var (
	ErrTicketNotFound    = fault.New(fault.NotFound, "not_found", "There is no such ticket.")
	ErrForbidden         = fault.New(fault.Forbidden, "forbidden", "Your part in this emergency does not allow that.")
	ErrInvalidTransition = fault.New(fault.Conflict, "invalid_transition", "The ticket's state does not allow that.")
	ErrOpenTicketExists  = fault.New(fault.Conflict, "open_ticket_exists", "Another call for help of yours is open.")
)

// What can go wrong with contacts and invitations.
var (
	ErrContactNotFound    = fault.New(fault.NotFound, "not_found", "There is no such contact.")
	ErrContactLimit       = fault.New(fault.Conflict, "contact_limit", "You can have ten contacts; remove one first.")
	ErrDuplicateContact   = fault.New(fault.Conflict, "duplicate_contact", "This person is among your contacts already.")
	ErrTooManyInvitations = fault.New(fault.RateLimited, "rate_limited", "You have sent as many invitations as a day allows.")
	ErrInvitationNotFound = fault.New(fault.NotFound, "not_found", "There is no such invitation.")
	ErrInvitationExpired  = fault.New(fault.Gone, "invitation_expired", "The invitation has expired; ask for a new one.")
	ErrInvitationUsed     = fault.New(fault.Conflict, "invitation_used", "The invitation has been answered already.")
	ErrOwnInvitation      = fault.New(fault.Conflict, "own_invitation", "You cannot be your own contact.")
)

// ErrVersionConflict: what is to be replaced is not what the caller saw.
var ErrVersionConflict = fault.New(fault.Conflict, "version_conflict", "Somebody else has changed it meanwhile; look again.")

// ErrKeyReused: an Idempotency-Key stands for one request.
var ErrKeyReused = fault.New(fault.Invalid, "idempotency_key_reused", "This Idempotency-Key was used with another request.")

// Unavailable is what a trigger answers when it cannot be stored: nobody will
// be told, so the caller must dial. Whatever err was, it becomes this.
func Unavailable(press Press, err error) error {
	fallback := FallbackFor(press)
	return fault.New(fault.Unavailable, "unavailable", "The call for help could not be stored. Dial now.").
		WithRetryAfter(time.Second).
		WithExtra("fallback", map[string]string{"tel": fallback.Tel, "smsText": fallback.SMSText}).
		WithCause(err)
}
