package app

import (
	"context"
	"errors"

	"github.com/loveapp/backend/auth/internal/domain"
)

const (
	// issuedBuffer bounds what waits to be remembered while Redis is slow; the rest is forgotten.
	issuedBuffer = 1024
	// issuedBatch goes out in one round trip.
	issuedBatch = 128
)

// Issued notes that a session has been given an access token. It never waits.
func (a *App) Issued(issue domain.Issue) { a.remember(noted{issue: issue}) }

// noted is a token to remember, or, without one, sessions of a user to forget.
type noted struct {
	issue   domain.Issue
	forget  domain.UserID
	session domain.SessionID // "" = all
}

func (a *App) remember(n noted) {
	select {
	case a.issued <- n:
	default:
		a.needs.Count("token_cache_dropped")
	}
}

// remembering writes in the background what was noted, in its order, until ctx ends.
func (a *App) remembering(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case first := <-a.issued:
			limited, cancel := context.WithTimeout(ctx, postLimit)
			if err := a.writeDown(limited, first); err != nil && ctx.Err() == nil {
				a.forgotten(ctx, err)
			}
			cancel()
		}
	}
}

// writeDown takes what else waits along, up to the next that is to be forgotten.
func (a *App) writeDown(ctx context.Context, next noted) error {
	var batch []domain.Issue
	for {
		if next.forget != "" {
			return errors.Join(a.keepIssued(ctx, batch), a.dropIssued(ctx, next))
		}
		batch = append(batch, next.issue)
		if len(batch) == issuedBatch {
			return a.keepIssued(ctx, batch)
		}
		select {
		case next = <-a.issued:
		default:
			return a.keepIssued(ctx, batch)
		}
	}
}

func (a *App) keepIssued(ctx context.Context, batch []domain.Issue) error {
	if len(batch) == 0 {
		return nil
	}
	return a.needs.Issues.KeepIssued(ctx, batch, a.needs.TokenLife)
}

func (a *App) dropIssued(ctx context.Context, n noted) error {
	if n.session == "" {
		return a.needs.Issues.DropIssued(ctx, n.forget)
	}
	return a.needs.Issues.DropIssued(ctx, n.forget, n.session)
}

// issuedTo gives what is remembered of the user's tokens, by session; nothing
// where the cache is away.
func (a *App) issuedTo(ctx context.Context, user domain.UserID) map[domain.SessionID]domain.Issue {
	ctx, cancel := context.WithTimeout(ctx, recallLimit)
	defer cancel()
	issues, err := a.needs.Issues.Issued(ctx, user)
	if err != nil {
		a.needs.Count("token_cache_error")
		return nil
	}
	bySession := make(map[domain.SessionID]domain.Issue, len(issues))
	for _, issue := range issues {
		bySession[issue.Session] = issue
	}
	if len(issues) > 0 {
		a.needs.Count("token_cache_hit")
	} else {
		a.needs.Count("token_cache_miss")
	}
	return bySession
}
