package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

const (
	// recallLimit is what a cache may cost whoever waits for it: it being away must not be felt.
	recallLimit = 300 * time.Millisecond
	// briefLimit is shorter than what a request may take.
	briefLimit = 4 * time.Second
)

// ShowProfile gives the caller's account as a replica has it, for showing it. It
// fails like Profile. Where another copy has told of a newer version than the
// replica's, the primary is asked.
func (a *App) ShowProfile(ctx context.Context, caller Caller) (domain.User, error) {
	user, version, err := a.needs.Profiles.Profile(ctx, caller.User)
	switch {
	case errors.Is(err, domain.ErrUserNotFound):
		return a.Profile(ctx, caller) // a replica may not know them yet
	case err != nil:
		return domain.User{}, fmt.Errorf("show the profile: %w", err)
	}
	switch kept, known := a.recall(ctx, caller.User); {
	case known && kept.Version > version:
		return a.Profile(ctx, caller)
	case !known || kept.Version < version:
		a.keep(ctx, caller.User, user.Brief(version))
	}
	if !user.Active {
		return domain.User{}, domain.ErrSessionEnded
	}
	return user, nil
}

// brief is what of the user may be remembered: from the cache, else from the
// database, which of any number at once one asks. It decides nothing.
func (a *App) brief(ctx context.Context, id domain.UserID) (domain.Brief, error) {
	if brief, known := a.recall(ctx, id); known {
		return brief, nil
	}
	found, err, _ := a.flight.Do(string(id), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), briefLimit) // others wait for it too
		defer cancel()
		user, version, err := a.needs.Profiles.Profile(ctx, id)
		if err != nil {
			return domain.Brief{}, err
		}
		brief := user.Brief(version)
		a.keep(ctx, id, brief)
		return brief, nil
	})
	if err != nil {
		return domain.Brief{}, fmt.Errorf("look at a user: %w", err)
	}
	return found.(domain.Brief), nil //nolint:forcetypeassert // the function above gives nothing else
}

func (a *App) recall(ctx context.Context, id domain.UserID) (domain.Brief, bool) {
	ctx, cancel := context.WithTimeout(ctx, recallLimit)
	defer cancel()
	brief, known, err := a.needs.Briefs.Brief(ctx, id)
	switch {
	case err != nil:
		a.needs.Count("user_cache_error")
	case known:
		a.needs.Count("user_cache_hit")
	default:
		a.needs.Count("user_cache_miss")
	}
	return brief, known && err == nil
}

func (a *App) keep(ctx context.Context, id domain.UserID, brief domain.Brief) {
	ctx, cancel := context.WithTimeout(ctx, recallLimit)
	defer cancel()
	if err := a.needs.Briefs.KeepBrief(ctx, id, brief); err != nil {
		a.forgotten(ctx, err)
	}
}

// changed replaces what is remembered of an account that has just been changed
// by what it is now. Dropped only, it could come back as it was, from somebody
// who read it before the change; a newer version cannot be replaced by that.
func (a *App) changed(ctx context.Context, id domain.UserID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recallLimit)
	defer cancel()
	user, version, err := a.needs.Profiles.Profile(ctx, id)
	if err == nil {
		err = a.needs.Briefs.KeepBrief(ctx, id, user.Brief(version))
	} else {
		err = a.needs.Briefs.DropBrief(ctx, id)
	}
	if err != nil {
		a.forgotten(ctx, err)
	}
}

func (a *App) forgotten(ctx context.Context, err error) {
	a.needs.Count("cache_write_failed")
	a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "caches not written", slog.Any("error", err))
}
