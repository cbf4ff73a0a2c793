package app

import "time"

// Pace holds the intervals at which things happen by themselves.
type Pace struct {
	Heartbeat  time.Duration // how often an instance renews its lease
	Lease      time.Duration // how long it is believed to be alive without
	Reap       time.Duration // how often ghosts are looked for
	Quiet      time.Duration // no reaping for so long after the registry was away
	Sweep      time.Duration // how often every local cursor is compared with the store
	Expire     time.Duration // how often expired entries are removed
	Purge      time.Duration // how often it is asked whether a walk over old entries is due
	Revocation time.Duration // how often local sessions are held against the revocations
	Enrol      time.Duration // how long a connect waits for the registry
	Ticket     time.Duration // how long a ticket is good
	Patience   time.Duration // how long a resume holds back something critical
	Resume     time.Duration // how long a client that has just connected is not reset unasked
	Occupy     time.Duration // how long an instance is believed to have somebody in a room
	Recheck    time.Duration // how often the owners of rooms are asked anew about those in them
	Keep       time.Duration // how often the leases of what is being sent are extended, and the queues looked at
}

// DefaultPace is that of production. A lease outlives one lost heartbeat; a
// ghost is gone 6 s after its instance; revocations and alarms have 1 s.
func DefaultPace() Pace {
	return Pace{
		Heartbeat:  3 * time.Second,
		Lease:      6 * time.Second,
		Reap:       time.Second,
		Quiet:      6 * time.Second,
		Sweep:      3 * time.Second,
		Expire:     5 * time.Second,
		Purge:      time.Minute,
		Revocation: 200 * time.Millisecond,
		Enrol:      250 * time.Millisecond,
		Ticket:     30 * time.Second,
		Patience:   250 * time.Millisecond,
		Resume:     2 * time.Second,
		Occupy:     time.Minute,
		Recheck:    30 * time.Second,
		Keep:       200 * time.Millisecond,
	}
}

func (p Pace) withDefaults() Pace {
	d := DefaultPace()
	for field, standard := range map[*time.Duration]time.Duration{
		&p.Heartbeat: d.Heartbeat, &p.Lease: d.Lease, &p.Reap: d.Reap, &p.Quiet: d.Quiet, &p.Sweep: d.Sweep,
		&p.Expire: d.Expire, &p.Purge: d.Purge, &p.Resume: d.Resume, &p.Revocation: d.Revocation, &p.Enrol: d.Enrol, &p.Ticket: d.Ticket, &p.Patience: d.Patience,
		&p.Occupy: d.Occupy, &p.Recheck: d.Recheck, &p.Keep: d.Keep,
	} {
		if *field <= 0 {
			*field = standard
		}
	}
	return p
}
