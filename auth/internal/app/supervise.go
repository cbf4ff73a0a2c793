package app

import (
	"context"
	"fmt"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Supervise changes somebody's role or bans them, as an administrator. It fails
// with domain.ErrForbidden, domain.ErrLastSuperAdmin, domain.ErrUserNotFound, or
// 422 naming the wrong fields.
func (a *App) Supervise(ctx context.Context, caller Caller, id domain.UserID, edit domain.UserEdit) (domain.User, error) {
	if err := edit.Check(); err != nil {
		return domain.User{}, err
	}
	var (
		user domain.User
		done domain.Supervised
		news []domain.Revocation
	)
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) (err error) {
		news = nil
		user, err = tx.Supervise(ctx, caller.User, id, func(s domain.Supervision) (err error) {
			done, err = s.Apply(edit, a.now())
			return err
		})
		if err != nil || len(done.Changed) == 0 {
			return err
		}
		if err := tx.Record(ctx, a.supervised(caller, user, done)); err != nil {
			return err
		}
		news, err = a.revoke(ctx, tx, id, done)
		return err
	})
	if err != nil {
		return domain.User{}, fmt.Errorf("supervise a user: %w", err)
	}
	a.announce(ctx, news)
	a.changed(ctx, id)
	if done.Recast {
		return user, a.recast(ctx, id)
	}
	return user, nil
}

func (a *App) supervised(caller Caller, user domain.User, done domain.Supervised) domain.AuditEvent {
	data := map[string]any{"by": string(caller.User), "fields": done.Changed}
	if done.Recast {
		data["role"], data["roleWas"] = string(user.Role), string(done.RoleWas)
	}
	return a.event(domain.AuditSupervised, user.ID, caller.Session, caller.Origin, data)
}

// revoke makes tokens that say what is no longer true count no more.
func (a *App) revoke(ctx context.Context, tx ports.Tx, id domain.UserID, done domain.Supervised) (news []domain.Revocation, err error) {
	if done.Recast {
		cut, err := tx.RevokeUser(ctx, id)
		if err != nil {
			return nil, err
		}
		news = append(news, cut)
	}
	if done.Banned {
		ended, err := tx.EndSessions(ctx, domain.Ending{User: id, Reason: domain.EndedByBan, At: a.now()})
		if err != nil {
			return nil, err
		}
		news = append(news, ended...)
	}
	return news, nil
}

// recast cuts off once more after the change is committed: whoever read the old
// role while the first cut-off was being written may have signed it into a token
// since. A token says when its role was read, not when it was signed, so the
// second one leaves none.
func (a *App) recast(ctx context.Context, id domain.UserID) error {
	var cut domain.Revocation
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) (err error) {
		cut, err = tx.RevokeUser(ctx, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("cut the tokens of the old role off: %w", err)
	}
	a.announce(ctx, []domain.Revocation{cut})
	a.outlast(ctx, cut.Before)
	return nil
}

// outlast waits for the cut-off, which is at most a millisecond ahead, to be
// past: the first token of the new role must not be taken for one of the old.
// Where the database's clock is further ahead, the app refreshes once more.
func (a *App) outlast(ctx context.Context, cut time.Time) {
	const most = 20
	for range most {
		if !a.now().Before(cut) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Millisecond / 4):
		}
	}
}

// RevokeSessions ends all sessions of a user, as an administrator.
func (a *App) RevokeSessions(ctx context.Context, caller Caller, id domain.UserID) error {
	var news []domain.Revocation
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		_, err := tx.Supervise(ctx, caller.User, id, func(s domain.Supervision) error { return s.May() })
		if err != nil {
			return err
		}
		if err := tx.Record(ctx, a.event(domain.AuditRevoked, id, caller.Session, caller.Origin, map[string]any{"by": string(caller.User)})); err != nil {
			return err
		}
		news, err = tx.EndSessions(ctx, domain.Ending{User: id, Reason: domain.EndedByStaff, At: a.now()})
		return err
	})
	if err != nil {
		return fmt.Errorf("revoke somebody's sessions: %w", err)
	}
	a.announce(ctx, news)
	return nil
}
