package domain

import "time"

// Role is what an account may do. Nobody gives one to themselves.
type Role string

// The roles; the two last manage the others.
const (
	RoleUser       Role = "USER"
	RoleProvider   Role = "PROVIDER"
	RoleVolunteer  Role = "VOLUNTEER"
	RoleAdmin      Role = "ADMIN"
	RoleSuperAdmin Role = "SUPER_ADMIN"
)

const day = 24 * time.Hour

// sessionLimits are how long a session lives unused, and how long at all (0 =
// for ever). People must find their app signed in after a year in a drawer; a
// forgotten administrator's browser must not stay a door (OWASP ASVS 7.3).
func (r Role) sessionLimits() (idle, absolute time.Duration) {
	if r.Staff() {
		return 12 * time.Hour, 30 * day
	}
	return 400 * day, 0
}

// With is the role that somebody wields who has a second factor, or none, where
// managing others takes one.
func (r Role) With(secondFactor bool) Role {
	if r.Staff() && !secondFactor {
		return RoleUser
	}
	return r
}

// Staff tells whether the role manages others.
func (r Role) Staff() bool { return r == RoleAdmin || r == RoleSuperAdmin }
