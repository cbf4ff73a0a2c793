package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// attempt is one password before the rules of guessing: a sign-in's by account, by
// address and by both together, a signed-in caller's by session.
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
	account, address, pair := domain.GuessRules()
	network := from.Origin.Network()
	one.ask(ctx,
		tried{key: a.needs.Keys.Blur("account", string(email)), rule: account},
		tried{key: a.needs.Keys.Blur("address", network), rule: address},
		tried{key: a.needs.Keys.Blur("pair", string(email), network), rule: pair},
	)
	return one
}

// again is an attempt of somebody signed in: whoever has taken a session over
// guesses at that one, and keeps the owner's others from nothing.
func (a *App) again(ctx context.Context, caller Caller) attempt {
	one := attempt{app: a, allowed: true}
	one.ask(ctx, tried{key: a.needs.Keys.Blur("session", string(caller.Session)), rule: domain.SessionGuesses()})
	return one
}

// moot lets the owner in from a new phone again who has replaced the password by
// mail, however many wrong ones somebody else has sent.
func (a *App) moot(ctx context.Context, email domain.Email) {
	account, _, _ := domain.GuessRules()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), guessTime)
	defer cancel()
	if err := a.needs.Guesses.Settle(ctx, a.needs.Keys.Blur("account", string(email)), account, domain.GuessMoot); err != nil {
		a.uncounted(ctx, err)
	}
}

// ask is allowed what every rule allows.
func (t *attempt) ask(ctx context.Context, rules ...tried) {
	ctx, cancel := context.WithTimeout(ctx, guessTime)
	defer cancel()
	for _, one := range rules {
		var err error
		if one.verdict, err = t.app.needs.Guesses.Try(ctx, one.key, one.rule); err != nil {
			t.app.uncounted(ctx, err)
			continue
		}
		t.verdicts = append(t.verdicts, one)
		t.allowed = t.allowed && one.verdict != domain.GuessRefused
	}
	if !t.allowed {
		t.app.needs.Count("sign_in_locked")
	}
}

// knows tells whether who is signed in knows the password that hash is of.
func (a *App) knows(ctx context.Context, caller Caller, password domain.Password, hash string) (bool, error) {
	attempt := a.again(ctx, caller)
	matches, _, err := a.needs.Passwords.Check(ctx, password, hash)
	if err != nil {
		attempt.settle(ctx, true) // it was none
		return false, fmt.Errorf("check the password: %w", err)
	}
	attempt.settle(ctx, matches)
	return matches && attempt.allowed, nil
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
