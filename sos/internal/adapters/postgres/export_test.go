package postgres

import "time"

// The statements of Claim and Settle.
const (
	ClaimAlerts  = claimAlerts
	SettleAlerts = settleAlerts
)

// GroupsAtOnce is how many groups of presses are stored side by side.
const GroupsAtOnce = groupsAtOnce

// Unhurried gives whoever stores presses as long as a busy machine takes.
func (s *Store) Unhurried() { s.presses.limit, s.presses.stuck = time.Hour, time.Hour }

// Waiting is how many presses nobody has in their hands yet.
func (s *Store) Waiting() int {
	s.presses.mu.Lock()
	defer s.presses.mu.Unlock()
	return len(s.presses.waiting)
}
