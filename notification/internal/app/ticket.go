package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// IssueTicket gives the principal a ticket for one connection, and how long it is good.
func (a *App) IssueTicket(ctx context.Context, p domain.Principal) (ticket string, ttl time.Duration, err error) {
	ticket = a.newTicket()
	if err := a.tickets.Issue(ctx, ticket, p, a.pace.Ticket); err != nil {
		return "", 0, err
	}
	return ticket, a.pace.Ticket, nil
}

// RedeemTicket uses a ticket up. One whose token has expired or was revoked
// meanwhile opens nothing.
func (a *App) RedeemTicket(ctx context.Context, ticket string) (domain.Principal, error) {
	p, err := a.tickets.Redeem(ctx, ticket)
	if err != nil {
		return domain.Principal{}, err
	}
	if !a.now().Before(p.ExpiresAt) || a.revoked(p) {
		return domain.Principal{}, domain.ErrTicketInvalid
	}
	return p, nil
}
