package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// maxShownTrail is how much of a way is shown at once: more than a screen has dots.
const maxShownTrail = 5000

// Track takes fixes of the reporter's device and gives how many were new.
func (a *App) Track(ctx context.Context, caller domain.Caller, id domain.TicketID, fixes []domain.Location) (accepted int, err error) {
	moved := false
	var live domain.LiveEvent
	accepted, err = a.Trails.Track(ctx, id, func(c *domain.Case, newest, now time.Time) (domain.Tracked, error) {
		by, err := c.ActorFor(caller)
		if err != nil {
			return domain.Tracked{}, err
		}
		tracked, err := c.Track(by, fixes, newest, now)
		moved, live = tracked.Moved, c.LiveAt(now)
		return tracked, err
	})
	if err != nil {
		return 0, err
	}
	if moved {
		a.Live.show(live)
	}
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "fixes taken", slog.String("ticket_id", string(id)), slog.Int("accepted", accepted), slog.Int("of", len(fixes)), slog.Bool("moved", moved))
	return accepted, nil
}

// Trail is a reporter's way.
type Trail struct {
	Fixes []domain.Fix // in order; some left out where there are too many
	Total int
}

// Trail shows the reporter's way; an empty one to those who may see the ticket and no longer where it is.
func (a *App) Trail(ctx context.Context, caller domain.Caller, id domain.TicketID) (Trail, error) {
	c, err := a.Reading.Ticket(ctx, id)
	if err != nil {
		return Trail{}, err
	}
	by, err := c.ActorFor(caller)
	if err != nil {
		return Trail{}, err
	}
	ticket := c.Ticket.SeenBy(by)
	if !domain.CanView(by, ticket, domain.ViewLocation) {
		return Trail{}, nil
	}
	fixes, total, err := a.Trails.Trail(ctx, id, maxShownTrail)
	if err != nil {
		return Trail{}, err
	}
	if total == 0 && ticket.Location != nil {
		return Trail{Fixes: []domain.Fix{{Location: *ticket.Location, At: ticket.CreatedAt, ReceivedAt: ticket.CreatedAt}}, Total: 1}, nil
	}
	return Trail{Fixes: fixes, Total: total}, nil
}
