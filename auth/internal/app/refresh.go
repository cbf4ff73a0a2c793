package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/fault"
)

// refreshTries: whoever loses the swap finds the session one generation on and
// repeats; only somebody who rotates it all the time could make us try again.
const refreshTries = 4

var errContended = fault.New(fault.Unavailable, "unavailable", "This session is being refreshed elsewhere. Try again.").WithRetryAfter(time.Second)

// Refresh exchanges a refresh token for a session's next tokens, by the rule of
// domain.Session.Judge. It fails with domain.ErrUnauthenticated for a token that
// is none of ours and with domain.ErrSessionEnded where there is nothing left to refresh.
func (a *App) Refresh(ctx context.Context, raw string, from Client) (SignedIn, error) {
	token, ok := domain.ParseRefreshToken(raw)
	if !ok {
		return SignedIn{}, domain.ErrUnauthenticated
	}
	for range refreshTries {
		at := a.now()
		session, user, err := a.needs.Sessions.Owned(ctx, token.Session)
		switch {
		case errors.Is(err, domain.ErrSessionNotFound):
			return SignedIn{}, domain.ErrSessionEnded
		case err != nil:
			return SignedIn{}, fmt.Errorf("find the session: %w", err)
		case !a.needs.Keys.Issued(token, session):
			return SignedIn{}, domain.ErrUnauthenticated
		}
		answer, done, err := a.exchange(ctx, token, session, user, from)
		if done && err == nil {
			answer.At = at
			answer.Role, err = a.wields(ctx, user)
		}
		if done || err != nil {
			return answer, err
		}
	}
	return SignedIn{}, errContended
}

// exchange acts on the verdict; done is false where another refresh came first.
func (a *App) exchange(ctx context.Context, token domain.RefreshToken, session domain.Session, user domain.User, from Client) (_ SignedIn, done bool, _ error) {
	now := a.now()
	device, known := a.needs.Keys.Device(from.DeviceToken, user.ID)
	ownDevice := known && device == session.Device
	verdict, generation := session.Judge(token.Generation, ownDevice, user.Role, now)
	switch {
	case verdict == domain.Over || !user.Active:
		return SignedIn{}, true, domain.ErrSessionEnded
	case verdict == domain.Stolen:
		return SignedIn{}, true, a.stopThief(ctx, session, token.Generation, from.Origin)
	case verdict == domain.Repeat:
		a.needs.Count("refresh_repeated")
		return a.signedIn(user, session, generation, now), true, a.touch(ctx, session, now)
	}
	next := session.Advanced(generation, from.Origin, now)
	if !ownDevice {
		next = next.Rebound(domain.DeviceID(a.needs.NewID()))
	}
	swapped, err := a.needs.Sessions.Swap(ctx, session.Generation, next)
	if err != nil {
		return SignedIn{}, false, fmt.Errorf("rotate: %w", err)
	}
	return a.signedIn(user, next, generation, now), swapped, nil
}

// touch keeps a session from counting as unused when all that its phone does is
// repeat. Losing to a rotation is fine: that touches too.
func (a *App) touch(ctx context.Context, session domain.Session, now time.Time) error {
	touched, due := session.Touched(now)
	if !due {
		return nil
	}
	_, err := a.needs.Sessions.Swap(ctx, session.Generation, touched)
	if err != nil {
		return fmt.Errorf("note the use of the session: %w", err)
	}
	return nil
}

// stopThief ends a session of which two parties hold tokens. Which of them is
// the thief cannot be known, so both must sign in again.
func (a *App) stopThief(ctx context.Context, session domain.Session, generation int64, from domain.Origin) error {
	_, err := a.end(ctx, domain.Ending{User: session.UserID, Only: session.ID, Reason: domain.EndedByTheft}, func() domain.AuditEvent {
		return a.event(domain.AuditTheft, session.UserID, session.ID, from, map[string]any{"generation": generation, "newest": session.Generation})
	})
	if err != nil {
		return err
	}
	a.needs.Count("refresh_theft")
	a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "refresh token reuse ended a session",
		slog.String("user_id", string(session.UserID)), slog.String("session_id", string(session.ID)),
		slog.Int64("generation", generation), slog.Int64("newest", session.Generation))
	return domain.ErrSessionEnded
}

// end ends sessions and records it, if there were any, in one transaction, and
// then makes the end known: here at once, elsewhere as fast as the bulletin goes.
func (a *App) end(ctx context.Context, ending domain.Ending, event func() domain.AuditEvent) ([]domain.Revocation, error) {
	ending.At = a.now()
	var ended []domain.Revocation
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		var err error
		if ended, err = tx.EndSessions(ctx, ending); err != nil || len(ended) == 0 {
			return err
		}
		return tx.Record(ctx, event())
	})
	if err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	a.announce(ctx, ended)
	return ended, nil
}
