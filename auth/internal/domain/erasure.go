package domain

import "time"

// Erasure is the order to a service to forget a user who has left.
type Erasure struct {
	User    UserID
	Service string
	Tries   int
	Trace   string // what it is followed by; "" where nobody does
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

	Identities   []LinkedIdentity // by provider and subject
	SecondFactor HeldFactor       // the zero value is none
	Messages     []HeldMessage    // that wait to be sent
	// Issued is the last access token of sessions, as far as it is remembered.
	Issued map[SessionID]Issue
}

// LinkedIdentity is what a provider calls the user.
type LinkedIdentity struct {
	Provider, Subject string
	LinkedAt          time.Time
}

// HeldFactor is what is known of a second factor, without its secrets.
type HeldFactor struct {
	Exists       bool
	ConfirmedAt  time.Time // zero while it waits for that
	RecoveryLeft int
	LockedUntil  time.Time
}

// Held is what of the factor its owner may see.
func (f SecondFactor) Held() HeldFactor {
	return HeldFactor{Exists: f.Exists(), ConfirmedAt: f.ConfirmedAt, RecoveryLeft: len(f.Recovery), LockedUntil: f.LockedUntil}
}

// HeldMessage is a message without its text.
type HeldMessage struct {
	ID        MessageID
	Channel   Channel
	Template  Template
	Address   string // "" of one that could not be sent
	ExpiresAt time.Time
}
