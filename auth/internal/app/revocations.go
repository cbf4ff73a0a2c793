package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"golang.org/x/sync/errgroup"
)

const (
	// pullEvery leaves room in the second within which a revocation has to count everywhere.
	pullEvery = 500 * time.Millisecond
	pullLimit = 2 * time.Second
	pageSize  = 1000
	postLimit = 2 * time.Second
)

// Revoked is what this process knows to count no more.
func (a *App) Revoked() *Revoked { return a.revoked }

// RevocationsAfter is a page of the feed for other services. From the beginning
// it leaves out what no living access token can meet; a reader that has kept
// its revision gets everything since.
func (a *App) RevocationsAfter(ctx context.Context, revision int64) (domain.RevocationPage, error) {
	maxAge := time.Duration(0)
	if revision == 0 {
		maxAge = a.revoked.life
	}
	page, err := a.needs.Revocations.After(ctx, revision, maxAge, pageSize)
	if err != nil {
		return page, fmt.Errorf("read the revocations: %w", err)
	}
	return page, nil
}

// PullRevocations brings what this process knows up to date.
func (a *App) PullRevocations(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pullLimit)
	defer cancel()
	for {
		page, err := a.RevocationsAfter(ctx, a.revoked.known())
		if err != nil {
			return err
		}
		if page.Revision < a.revoked.known() { // the database is an older one than before: start over
			a.revoked.reached(0, a.now())
			if page.Revision > 0 {
				continue
			}
		}
		a.revoked.add(page.Items)
		a.revoked.reached(page.Revision, a.now())
		if !page.More {
			return nil
		}
	}
}

// announce makes new revocations count here at once and queues the news for the others.
func (a *App) announce(ctx context.Context, items []domain.Revocation) {
	if len(items) == 0 {
		return
	}
	a.revoked.add(items)
	for _, item := range items {
		a.remember(noted{forget: item.User, session: item.Session})
	}
	select {
	case a.news <- items:
	default:
		a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "revocations not announced: too many are waiting", slog.Int("items", len(items)))
	}
}

// Run keeps this process and the others up to date about revocations, sends
// what waits to be sent and erases who has left, until ctx ends.
func (a *App) Run(ctx context.Context) error {
	wake := make(chan struct{}, 1)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.pull(ctx, wake) })
	group.Go(func() error { return a.post(ctx) })
	group.Go(func() error { return a.remembering(ctx) })
	group.Go(func() error { return a.sealing(ctx) })
	group.Go(func() error { return a.deliver(ctx) })
	group.Go(func() error { return a.forget(ctx) })
	group.Go(func() error {
		return a.needs.Bulletin.Follow(ctx, func() {
			select {
			case wake <- struct{}{}:
			default: // a pull is due already
			}
		})
	})
	return group.Wait()
}

func (a *App) pull(ctx context.Context, wake <-chan struct{}) error {
	tick := time.NewTicker(pullEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-wake:
		}
		if err := a.PullRevocations(ctx); err != nil && ctx.Err() == nil {
			a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "revocations not pulled", slog.Any("error", err))
		}
	}
}

// post announces in the background: Redis being away must fail nobody's sign-out.
func (a *App) post(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case items := <-a.news:
			limited, cancel := context.WithTimeout(ctx, postLimit)
			if err := a.needs.Bulletin.Post(limited, items, a.needs.TokenLife); err != nil && ctx.Err() == nil {
				a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "revocations not announced", slog.Any("error", err))
			}
			cancel()
		}
	}
}
