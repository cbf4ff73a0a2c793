package domain

import "time"

// Principal is who a checked access token speaks for.
type Principal struct {
	User      UserID
	Session   SessionID
	Role      string
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// NewPrincipal takes what a token says. ok is false when its subject is no id
// of a user: our users have UUIDs, so our auth has not made such a token.
func NewPrincipal(subject, session, role string, issuedAt, expiresAt time.Time) (p Principal, ok bool) {
	user, ok := ParseUserID(subject)
	return Principal{User: user, Session: SessionID(session), Role: role, IssuedAt: issuedAt, ExpiresAt: expiresAt}, ok
}

// SameSession tells whether other may take p's place on a socket: a refreshed
// token of the same user on the same device.
func (p Principal) SameSession(other Principal) bool {
	return p.User == other.User && p.Session == other.Session
}
