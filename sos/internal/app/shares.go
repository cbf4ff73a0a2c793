package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// SharedLink is a link as its maker sees it.
type SharedLink struct {
	domain.Share
	EndsAt time.Time
	URL    string // "" where it opens nothing any more
}

// Share makes a link by which others can follow the caller's ticket: a
// contact's own, or one for nobody in particular.
func (a *App) Share(ctx context.Context, caller domain.Caller, id domain.TicketID, contact domain.ContactID, name string, once ports.Repeatable) (SharedLink, error) {
	made, err := a.Shares.Share(ctx, id, once, func(c *domain.Case, live int, now time.Time) (ports.NewShare, error) {
		by, err := c.ActorFor(caller)
		if err != nil {
			return ports.NewShare{}, err
		}
		link, err := c.Share(domain.ShareID(a.NewID()), contact, name, live, by, now)
		return ports.NewShare{Share: link, Token: ports.ShareToken(hashOf(a.Links.shares.token(string(link.ID))))}, err
	})
	if err != nil {
		return SharedLink{}, err
	}
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "ticket shared", slog.String("ticket_id", string(id)), slog.String("share_id", string(made.Share.ID)))
	return SharedLink{Share: made.Share, EndsAt: made.Share.ExpiresAt, URL: a.Links.trackURL(made)}, nil
}

// SharedLinks lists the links to the caller's ticket.
func (a *App) SharedLinks(ctx context.Context, caller domain.Caller, id domain.TicketID) ([]SharedLink, error) {
	c, err := a.Reading.Ticket(ctx, id)
	if err != nil {
		return nil, err
	}
	by, err := c.ActorFor(caller)
	if err != nil {
		return nil, err
	}
	if !domain.CanView(by, c.Ticket, domain.ViewShares) {
		return nil, domain.ErrForbidden
	}
	links, err := a.Shares.Shares(ctx, id)
	if err != nil {
		return nil, err
	}
	shown := make([]SharedLink, 0, len(links))
	for _, link := range links {
		one := SharedLink{Share: link.Share, EndsAt: link.Share.EndsAt(c.Ticket)}
		if link.Share.RevokedAt == nil {
			one.URL = a.Links.trackURL(link)
		}
		shown = append(shown, one)
	}
	return shown, nil
}

// Unshare ends a link to a ticket of the caller's.
func (a *App) Unshare(ctx context.Context, caller domain.Caller, id domain.ShareID) error {
	return a.Shares.Revoke(ctx, id, func(c domain.Case) error {
		by, err := c.ActorFor(caller)
		if err != nil || !domain.CanView(by, c.Ticket, domain.ViewShares) {
			return domain.ErrShareNotFound
		}
		return nil
	})
}

// ViewByLink shows what the link shows. A link that is unknown, over or revoked is one answer.
func (a *App) ViewByLink(ctx context.Context, token string) (domain.PublicView, error) {
	f, err := a.followed(ctx, token)
	if err != nil {
		return domain.PublicView{}, err
	}
	return f.Share.View(f.Ticket), nil
}

func (a *App) followed(ctx context.Context, token string) (ports.Followed, error) {
	f, err := a.Shares.Followed(ctx, ports.ShareToken(hashOf(token)))
	if err == nil && !f.Share.Good(f.Ticket, f.Now) {
		err = domain.ErrShareNotFound
	}
	return f, err
}

// AcknowledgeByLink says that the contact whose own link it is has seen the
// alarm. To have opened the link says nothing: previews open links too.
func (a *App) AcknowledgeByLink(ctx context.Context, token, note string) (domain.PublicView, error) {
	if err := checkNote(note); err != nil {
		return domain.PublicView{}, err
	}
	f, err := a.followed(ctx, token)
	if err != nil {
		return domain.PublicView{}, err
	}
	t, err := a.actAs(ctx, func(c *domain.Case) (domain.Actor, error) { return f.Share.Holder(c), nil }, f.Ticket.ID, domain.Acknowledge, keyless(),
		func(c *domain.Case, by domain.Actor, now time.Time) error {
			switch {
			case !f.Share.Good(c.Ticket, now):
				return domain.ErrShareNotFound
			case by.Roles&domain.Helper == 0:
				return domain.ErrNoContactLink
			}
			return c.Acknowledge(by, note, now)
		})
	if err != nil {
		return domain.PublicView{}, err
	}
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "acknowledged by link", slog.String("ticket_id", string(f.Ticket.ID)), slog.String("share_id", string(f.Share.ID)))
	return f.Share.View(t), nil
}
