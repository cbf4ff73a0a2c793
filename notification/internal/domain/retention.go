package domain

import "time"

// Retention is how long inboxes keep their entries. An inbox is removed from its
// oldest entry on, up to the first that is kept: one number then tells what is
// no longer there. Zero fields take those of DefaultRetention.
type Retention struct {
	Settled time.Duration // what a device has shown and its user has read or deleted
	All     time.Duration // everything
}

// ShortestRetention: a device that was away for a week misses nothing.
const ShortestRetention = 7 * day

// DefaultRetention is that of production: a season for what is done with, and
// a year and a bit for the rest.
func DefaultRetention() Retention { return Retention{Settled: 90 * day, All: 400 * day} }

// WithDefaults fills what is zero.
func (r Retention) WithDefaults() Retention {
	d := DefaultRetention()
	if r.Settled <= 0 {
		r.Settled = d.Settled
	}
	if r.All <= 0 {
		r.All = max(d.All, r.Settled)
	}
	return r
}

// Keeps tells whether an entry of that age stays.
func (r Retention) Keeps(age time.Duration, settled bool) bool {
	return age < r.Settled || !settled && age < r.All
}
