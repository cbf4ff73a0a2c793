package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// AllTickets shows everybody's tickets, to staff.
func (a *App) AllTickets(ctx context.Context, q ports.AllQuery) ([]domain.Ticket, error) {
	return a.Oversight.All(ctx, q)
}

// Stats counts how the calls for help of the time before now were answered.
func (a *App) Stats(ctx context.Context, back time.Duration, drill bool) (ports.Stats, error) {
	return a.Oversight.Stats(ctx, back, drill)
}
