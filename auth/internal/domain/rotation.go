package domain

import "time"

// graceAfterUse is how long a refresh token may still be repeated after its
// successor was first used: tabs and retries that were under way.
const graceAfterUse = 30 * time.Second

// touchEvery bounds writes: a repeated refresh counts as use of the session once in that time.
const touchEvery = time.Hour

// Verdict is what becomes of a refresh token that we have issued ourselves.
type Verdict uint8

// The verdicts.
const (
	Advance Verdict = iota + 1 // good: give the next generation
	Repeat                     // the answer was lost or raced: give the same successor again
	Stolen                     // two parties hold tokens of one session: end it
	Over                       // the session has ended or lain unused for too long
)

// Judge decides about a token of the given generation, shown at now by the
// session's own device or not, of a user with role (RFC 9700 section 4.14.2,
// made kind to phones that lose answers).
//
// The newest generation advances. So does one ahead of it: only we can have
// made it, so the database has lost it in a failover. The parent, shown by the
// session's device, repeats its direct successor until that one is first used,
// and 30 s more; no fork comes of it. Whatever else is a second holder.
//
// give is the generation to answer with.
func (s Session) Judge(generation int64, ownDevice bool, role Role, now time.Time) (verdict Verdict, give int64) {
	switch {
	case !s.LiveFor(role, now):
		return Over, 0
	case generation >= s.Generation:
		return Advance, generation + 1
	case !ownDevice:
		return Stolen, 0
	case generation == s.Generation-1:
		return Repeat, s.Generation
	case generation == s.Generation-2 && now.Sub(s.RotatedAt) <= graceAfterUse:
		return Repeat, s.Generation - 1
	default:
		return Stolen, 0
	}
}

// Advanced is the session with its next generation given out.
func (s Session) Advanced(generation int64, from Origin, now time.Time) Session {
	s.Generation, s.RotatedAt, s.LastUsedAt, s.Origin = generation, now, now, from
	return s
}

// Rebound is the session handed to another device: whoever refreshes without
// the device token gets a new one, never the one that the session had. A thief
// of a refresh token alone thus cannot pass for the phone afterwards.
func (s Session) Rebound(device DeviceID) Session {
	s.Device = device
	return s
}

// Touched is the session noted as used now; false where that was noted lately.
func (s Session) Touched(now time.Time) (Session, bool) {
	if now.Sub(s.LastUsedAt) < touchEvery {
		return s, false
	}
	s.LastUsedAt = now
	return s, true
}
