package domain

import (
	"slices"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// What the second factor is refused with.
var (
	ErrMFAEnabled = fault.New(fault.Conflict, "mfa_enabled", "There is a second factor already. Remove it first.")
	ErrMFAUnknown = fault.New(fault.NotFound, "not_found", "There is no second factor.")
	// ErrMFANotPending: a code can only confirm a secret that has been asked for.
	ErrMFANotPending = fault.New(fault.Conflict, "mfa_not_pending", "No second factor waits to be confirmed. Ask for a secret first.")
)

const (
	// guessesBeforeLock, each with three codes in a million right, are what a
	// person with a wrong clock needs to notice.
	guessesBeforeLock = 6
	// Six guesses a lock that doubles from a quarter of an hour to a day: some
	// 220 in the first month, a chance of 1 in 1,500 for whoever has the password.
	firstLock   = 15 * time.Minute
	longestLock = day
)

// SecondFactor is what an account has beside its password. The zero value is none.
type SecondFactor struct {
	Secret      []byte // sealed by Keys.Seal
	SealedBy    string // names the key
	ConfirmedAt time.Time
	LastStep    int64    // the newest that was used: codes are good once
	Recovery    [][]byte // hashes of the codes that are left
	Failures    int      // in a row
	Lockouts    int      // in a row
	LockedUntil time.Time
}

// Exists says whether there is any, confirmed or not.
func (f SecondFactor) Exists() bool { return len(f.Secret) > 0 }

// Confirmed says whether signing in takes it.
func (f SecondFactor) Confirmed() bool { return f.Exists() && !f.ConfirmedAt.IsZero() }

// Begin waits for a code that confirms a new secret.
func (f *SecondFactor) Begin(sealed []byte, by string) error {
	if f.Confirmed() {
		return ErrMFAEnabled
	}
	*f = SecondFactor{Secret: sealed, SealedBy: by, Failures: f.Failures, Lockouts: f.Lockouts, LockedUntil: f.LockedUntil}
	return nil
}

// Confirm says whether the code proves that the app has the secret; from then on
// signing in takes it, and each of the recovery codes instead of it once.
func (f *SecondFactor) Confirm(secret []byte, code string, recovery [][]byte, now time.Time) (bool, error) {
	switch {
	case f.Confirmed():
		return false, ErrMFAEnabled
	case !f.Exists():
		return false, ErrMFANotPending
	case !f.TakeCode(secret, code, now):
		return false, nil
	}
	f.ConfirmedAt, f.Recovery = now, recovery
	return true, nil
}

// TakeCode says whether the code is right, and uses its step up. Wrong ones
// count, and lock; while it is locked nothing is right.
func (f *SecondFactor) TakeCode(secret []byte, code string, now time.Time) bool {
	step, right := totpStep(secret, code, f.LastStep, now)
	if !f.judge(right, now) {
		return false
	}
	f.LastStep = step
	return true
}

// TakeRecovery does so with the hash of a recovery code.
func (f *SecondFactor) TakeRecovery(hash []byte, now time.Time) bool {
	at := slices.IndexFunc(f.Recovery, func(left []byte) bool { return slices.Equal(left, hash) }) // of hashes, time tells nothing
	if !f.judge(at >= 0, now) {
		return false
	}
	f.Recovery = slices.Delete(slices.Clone(f.Recovery), at, at+1)
	return true
}

func (f *SecondFactor) judge(right bool, now time.Time) bool {
	if now.Before(f.LockedUntil) {
		return false
	}
	if right {
		f.Failures, f.Lockouts, f.LockedUntil = 0, 0, time.Time{}
		return true
	}
	if f.Failures++; f.Failures >= guessesBeforeLock {
		f.LockedUntil = now.Add(min(longestLock, firstLock<<min(f.Lockouts, 10)))
		f.Failures = 0
		f.Lockouts++
	}
	return false
}
