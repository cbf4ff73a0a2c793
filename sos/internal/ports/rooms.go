package ports

import (
	"context"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Rooms reaches those who follow a ticket at this moment. What is lost here is lost.
type Rooms interface {
	// Tell shows an event; the same event (by ticket and key) is shown once, however often it is told.
	Tell(ctx context.Context, e domain.LiveEvent) error
	// CloseRoom puts everybody out of the ticket's room, or only those named.
	CloseRoom(ctx context.Context, id domain.TicketID, users ...domain.UserID) error
}
