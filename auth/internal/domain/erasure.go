package domain

import "time"

// Erasure is the order to a service to forget a user who has left.
type Erasure struct {
	User    UserID
	Service string
	Tries   int
}

// Holders are the services that know something about users.
func Holders() []string { return []string{"notification", "sos"} }

// erasurePause: it is tried for ever, for a service that is away comes back.
const erasurePause = time.Hour

// Pause is how long to wait after a failed try.
func (e Erasure) Pause() time.Duration { return min(firstPause<<min(e.Tries, 10), erasurePause) }

// Holding is everything that auth holds about a user.
type Holding struct {
	User     User
	Sessions []Session
	Events   []AuditEvent
	Tokens   []OneTimeToken
}
