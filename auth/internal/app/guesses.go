package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// attempt is one sign-in before the rules of guessing: by account, by address
// and by both together.
type attempt struct {
	app      *App
	verdicts []tried
	// exempt is a device that has been signed in to this account before: nobody
	// else's wrong passwords may keep its owner out.
	exempt  bool
	allowed bool
}

type tried struct {
	key     string
	rule    domain.GuessRule
	verdict domain.GuessVerdict
}

// guessTime is what the counters may cost: Redis being away must not be felt.
const guessTime = 300 * time.Millisecond

// attempt asks whether the password may be right at all. Whatever it says, the
// password is checked as ever: time and answer tell nothing.
func (a *App) attempt(ctx context.Context, email domain.Email, user domain.UserID, from Client) attempt {
	one := attempt{app: a, allowed: true}
	if user != "" {
		_, one.exempt = a.needs.Keys.Device(from.DeviceToken, user)
	}
	if one.exempt {
		return one
	}
	ctx, cancel := context.WithTimeout(ctx, guessTime)
	defer cancel()
	account, address, pair := domain.GuessRules()
	for _, t := range []tried{
		{key: a.needs.Keys.Blur("account", string(email)), rule: account},
		{key: a.needs.Keys.Blur("address", from.Origin.IP), rule: address},
		{key: a.needs.Keys.Blur("pair", string(email), from.Origin.IP), rule: pair},
	} {
		var err error
		if t.verdict, err = a.needs.Guesses.Try(ctx, t.key, t.rule); err != nil {
			a.uncounted(ctx, err)
			continue
		}
		one.verdicts = append(one.verdicts, t)
		one.allowed = one.allowed && t.verdict != domain.GuessRefused
	}
	if !one.allowed {
		a.needs.Count("sign_in_locked")
	}
	return one
}

// settle tells the counters how it went.
func (t attempt) settle(ctx context.Context, right bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), guessTime) // a guess counts whether its sender waits or not
	defer cancel()
	for _, one := range t.verdicts {
		if err := t.app.needs.Guesses.Settle(ctx, one.key, one.rule, t.outcome(one.verdict, right)); err != nil {
			t.app.uncounted(ctx, err)
		}
	}
}

// outcome: what another rule refused has been no guess.
func (t attempt) outcome(verdict domain.GuessVerdict, right bool) domain.GuessOutcome {
	switch {
	case verdict == domain.GuessReserved && (right || !t.allowed):
		return domain.GuessHit
	case verdict == domain.GuessFree && !right && t.allowed:
		return domain.GuessMissed
	}
	return domain.GuessNothing
}

func (a *App) uncounted(ctx context.Context, err error) {
	a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "password guesses not counted", slog.Any("error", err))
}
