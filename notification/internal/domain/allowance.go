package domain

import "time"

// Allowance bounds how often a socket may ask to join: a client that comes back
// joins all of its rooms at once, and nobody joins a hundred a second. The zero
// value is a full one.
type Allowance struct {
	used float64
	at   time.Time
}

const (
	allowanceBurst  = 2 * MaxRooms
	allowanceRefill = 4.0 // a second
)

// Take uses one up; false when there is none.
func (a *Allowance) Take(now time.Time) bool {
	if passed := now.Sub(a.at).Seconds(); passed > 0 {
		a.used = max(0, a.used-passed*allowanceRefill)
		a.at = now
	}
	if a.used+1 > allowanceBurst {
		return false
	}
	a.used++
	return true
}
