package domain

import (
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// What can go wrong in words that clients know.
var (
	// ErrNotificationNotFound: no such notification in the caller's inbox; somebody else's counts as none.
	ErrNotificationNotFound = fault.New(fault.NotFound, "not_found", "There is no such notification in your inbox.")
	// ErrDeviceNotFound: no such device of the caller's; somebody else's counts as none.
	ErrDeviceNotFound = fault.New(fault.NotFound, "not_found", "You have no such device.")
	// ErrSessionEnded: the caller has signed out while this was being done.
	ErrSessionEnded = fault.New(fault.Unauthenticated, "session_ended", "You have been signed out.")
	// ErrTicketInvalid: never issued, used already, or older than 30 s; which one is nobody's business.
	ErrTicketInvalid = fault.New(fault.Unauthenticated, "unauthenticated", "The ticket is not valid.")
	// ErrKeyReused: the Idempotency-Key came with another body within 24 hours.
	ErrKeyReused = fault.New(fault.Invalid, "idempotency_key_reused", "This Idempotency-Key was used with another body.")
	// ErrRoomNotFound: no such room, or none of the caller's business.
	ErrRoomNotFound = fault.New(fault.NotFound, "room_not_found", "There is no such room.")
	// ErrRoomUnknown: who owns the room cannot be asked at the moment; the same join may succeed later.
	ErrRoomUnknown = fault.New(fault.Unavailable, "unavailable", "Whether you may join cannot be found out at the moment. Try again shortly.").WithRetryAfter(time.Second)
	// ErrRoomLimit: the socket listens to MaxRooms already.
	ErrRoomLimit = fault.New(fault.Conflict, "room_limit", "A connection takes part in at most 32 rooms. Leave one.")
	// ErrRoomFull: MaxMembers are in it.
	ErrRoomFull = fault.New(fault.Unavailable, "room_full", "The room is full. Try again later.")
	// ErrJoinsTooOften: the socket's Allowance is used up.
	ErrJoinsTooOften = fault.New(fault.RateLimited, "rate_limited", "Too many joins. Wait a second.").WithRetryAfter(time.Second)
	// ErrAnnouncementNotFound: there is no such notification, of nobody.
	ErrAnnouncementNotFound = fault.New(fault.NotFound, "not_found", "There is no such notification.")
	// ErrAlreadySent: it has gone out, or was never to wait.
	ErrAlreadySent = fault.New(fault.Conflict, "already_sent", "It has gone out already.")
	// ErrDeliveryNotFound: there is no such delivery.
	ErrDeliveryNotFound = fault.New(fault.NotFound, "not_found", "There is no such delivery.")
	// ErrNotDead: only a dead letter that still has its address can be sent again.
	ErrNotDead = fault.New(fault.Conflict, "not_replayable", "Only a dead letter whose address is still known can be sent again.")
)

// What can go wrong with templates.
var (
	// ErrTemplateNotFound: neither an administrator nor the program has one of that name.
	ErrTemplateNotFound = fault.New(fault.NotFound, "not_found", "There is no such template.")
	// ErrTemplateExists: there is one of that name, and it says something else.
	ErrTemplateExists = fault.New(fault.Conflict, "template_exists", "There is a template of this name. Replace it with PUT.")
	// ErrTemplateLimit: there are MaxTemplates.
	ErrTemplateLimit = fault.New(fault.Conflict, "template_limit", "There are 500 templates. Delete one.")
	// ErrTemplateBuiltIn: what comes with the program can be replaced, and not deleted.
	ErrTemplateBuiltIn = fault.New(fault.Conflict, "template_built_in", "This template comes with the program. Replace it with PUT.")
)
