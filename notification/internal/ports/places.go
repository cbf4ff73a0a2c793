package ports

import "context"

// Places lets inboxes say where somebody needs help no longer than somebody does.
type Places interface {
	// ForgetPlaces takes data.location out of the SOS entries whose data.ticketId is
	// one of tickets, whosever inbox they are in. Repeating it changes nothing.
	ForgetPlaces(ctx context.Context, tickets []string) error
}
