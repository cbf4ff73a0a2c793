package domain

import (
	"encoding/hex"
	"time"
)

// GuessRule bounds wrong passwords at one key.
type GuessRule struct {
	Kind string // "account", "address" or "pair": part of the key
	// Free wrong ones cost no delay; each further one doubles it, from a second up to Delay.
	Free  int
	Delay time.Duration
	// Most wrong ones count within Window, which begins with the first; then nothing is let through.
	Most   int
	Window time.Duration
}

// GuessRules are the three that every sign-in from an unknown device stands
// under. At most 100 guesses an account in any 30 days (NIST SP 800-63B section
// 5.2.2): 24, and those that were already under way, which the queue of hashes
// bounds to some 75. A whole office or a mobile carrier may share an address.
func GuessRules() (account, address, pair GuessRule) {
	return GuessRule{"account", 10, time.Hour, 24, 30 * day},
		GuessRule{"address", 1000, time.Minute, 10_000, time.Hour},
		GuessRule{"pair", 5, 15 * time.Minute, 24, day}
}

// SessionGuesses is the rule for whoever is signed in and is asked for the password once more.
func SessionGuesses() GuessRule {
	return GuessRule{"session", 5, 15 * time.Minute, 24, 30 * day}
}

// GuessVerdict is whether another guess may be made.
type GuessVerdict uint8

// The verdicts.
const (
	GuessRefused  GuessVerdict = iota // it is too early, or there have been too many
	GuessFree                         // counts if it is wrong
	GuessReserved                     // has been counted already: whoever comes beside it is too early
)

// GuessOutcome is what became of a guess.
type GuessOutcome string

// The outcomes. Nothing is told too, so that no state of an account costs less time than another.
const (
	GuessNothing GuessOutcome = "nothing" // it was right and free, or not allowed
	GuessMissed  GuessOutcome = "missed"  // a free one was wrong
	GuessHit     GuessOutcome = "hit"     // a reserved one was right, or another rule refused it: it is taken back
	GuessMoot    GuessOutcome = "moot"    // the owner has replaced the password by mail: what was guessed is none any more
)

// GuessCount is what is known of a key. The zero value is nothing.
type GuessCount struct {
	Wrong int
	Until time.Time // no guess before
	Ends  time.Time // of the window
}

// Try asks for another guess.
func (c GuessCount) Try(rule GuessRule, now time.Time) (GuessCount, GuessVerdict) {
	c = c.at(now)
	switch {
	case now.Before(c.Until) || c.Wrong >= rule.Most:
		return c, GuessRefused
	case c.Wrong < rule.Free:
		return c, GuessFree
	}
	return c.wrong(rule, now), GuessReserved
}

// Settle notes what became of it.
func (c GuessCount) Settle(outcome GuessOutcome, rule GuessRule, now time.Time) GuessCount {
	c = c.at(now)
	switch outcome {
	case GuessMissed:
		return c.wrong(rule, now)
	case GuessHit:
		c.Wrong, c.Until = max(0, c.Wrong-1), time.Time{}
	case GuessMoot:
		return GuessCount{}
	}
	return c
}

func (c GuessCount) at(now time.Time) GuessCount {
	if !now.Before(c.Ends) {
		return GuessCount{}
	}
	return c
}

// maxDoubling keeps the shift below the largest duration.
const maxDoubling = 30

func (c GuessCount) wrong(rule GuessRule, now time.Time) GuessCount {
	if c.Wrong == 0 {
		c.Ends = now.Add(rule.Window)
	}
	c.Wrong++
	if over := c.Wrong - rule.Free; over >= 0 {
		c.Until = now.Add(min(rule.Delay, time.Second<<min(over, maxDoubling)))
	}
	return c
}

// blurBytes are enough for keys that only must not meet by chance.
const blurBytes = 16

// Blur names what must not be written down, such as an address, alike in every process.
func (k Keys) Blur(parts ...string) string {
	return hex.EncodeToString(mac(k.sets[0].blur, parts...)[:blurBytes])
}
