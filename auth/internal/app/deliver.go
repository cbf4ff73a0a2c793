package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

const (
	// lookEvery finds what another copy has left, and what has become due again.
	lookEvery = time.Second
	// sendLimit bounds one letter; the lease outlives it, so that no other copy
	// sends the same meanwhile.
	sendLimit = 40 * time.Second
	sendLease = time.Minute
	sendBatch = 32
	// sendAtOnce is what a mail server takes from one client without complaint.
	sendAtOnce = 8
	// settleLimit is for writing down what became of a letter, at the end too.
	settleLimit = 5 * time.Second
)

// deliver fulfils orders and sends letters until ctx ends.
func (a *App) deliver(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		err := a.fulfilOrders(ctx)
		if err == nil {
			err = a.sendDue(ctx)
		}
		if err != nil && ctx.Err() == nil {
			a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "letters not sent", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.posted:
		case <-tick.C:
		}
	}
}

// sendDue sends until nothing is due.
func (a *App) sendDue(ctx context.Context) error {
	channels := slices.Sorted(maps.Keys(a.needs.Carriers))
	if len(channels) == 0 {
		return nil
	}
	for {
		due, err := a.needs.Post.Due(ctx, channels, sendLease, sendBatch)
		if err != nil || len(due) == 0 {
			return err
		}
		var sending errgroup.Group
		sending.SetLimit(sendAtOnce)
		for _, m := range due {
			sending.Go(func() error { return a.send(ctx, m) })
		}
		if err := sending.Wait(); err != nil {
			return err
		}
	}
}

// send hands one letter over and writes down what became of it.
func (a *App) send(ctx context.Context, m domain.Message) error {
	if !a.now().Before(m.ExpiresAt) {
		return a.bury(ctx, m, "expired")
	}
	letter, err := a.write(ctx, m)
	if errors.Is(err, domain.ErrLinkSpent) { // used, or replaced, while the letter waited
		return a.needs.Post.Sent(ctx, m.ID)
	}
	if err != nil {
		return err
	}
	following, done := a.follow(ctx, m.Trace, "send letter")
	bounded, cancel := context.WithTimeout(following, sendLimit)
	err = a.needs.Carriers[m.Channel].Send(bounded, letter)
	cancel()
	done(err)
	if err != nil && ctx.Err() != nil {
		return nil // stopping; the lease ends and it is sent then
	}
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleLimit)
	defer cancel()
	return a.settle(settling, m, err)
}

func (a *App) write(ctx context.Context, m domain.Message) (domain.Letter, error) {
	var token domain.OneTimeToken
	if m.Token != "" {
		var err error
		if token, err = a.needs.Post.Token(ctx, m.Token); err != nil {
			return domain.Letter{}, fmt.Errorf("find the token of a letter: %w", err)
		}
	}
	return m.Write(a.needs.Keys, a.needs.PublicURL, token)
}

// settle: a letter that was taken is forgotten; one that cannot go, or was tried
// often enough, is dead.
func (a *App) settle(ctx context.Context, m domain.Message, failed error) error {
	if failed == nil {
		a.needs.Count("sent_" + string(m.Channel))
		return a.needs.Post.Sent(ctx, m.ID)
	}
	pause, why, final := domain.Pause(m.Tries), "unknown", false
	if e, ok := errors.AsType[*ports.SendError](failed); ok {
		pause, why, final = max(pause, e.After), e.Why, e.Final
		if e.Trouble != "" {
			a.needs.Logger.LogAttrs(ctx, slog.LevelError, "a provider cannot be trusted: letters wait", slog.String("channel", string(m.Channel)), slog.String("error", e.Trouble))
		}
	}
	if final || m.GivenUp() {
		return a.bury(ctx, m, why)
	}
	a.needs.Count("delayed_" + string(m.Channel))
	return a.needs.Post.Later(ctx, m.ID, pause, why)
}

func (a *App) bury(ctx context.Context, m domain.Message, why string) error {
	a.needs.Count("dead_" + string(m.Channel))
	a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "a letter will not be sent",
		slog.String("message_id", string(m.ID)), slog.String("template", string(m.Template)), slog.Int("tries", m.Tries), slog.String("why", why))
	return a.needs.Post.Dead(ctx, m.ID, why)
}
