package domain

import "time"

const (
	// BriefLife is how long what is known of a user is remembered.
	BriefLife = time.Hour
	// MostIssued bounds what is remembered of one user: more devices than that are a robot's.
	MostIssued = 100
)

// Brief is what may be remembered of a user: nothing that tells who it is.
type Brief struct {
	Role   Role
	Active bool
	// Version grows with every change of the account.
	Version int64
}

// Brief is what of the user may be remembered.
func (u User) Brief(version int64) Brief { return Brief{u.Role, u.Active, version} }

// Issue is an access token as it may be remembered: its id, never the token.
type Issue struct {
	User      UserID
	Session   SessionID
	TokenID   string // jti
	ExpiresAt time.Time
}

// Later is the one of the two that replaces the other.
func (b Brief) Later(other Brief) Brief {
	if other.Version >= b.Version {
		return other
	}
	return b
}
