package domain

import (
	"cmp"
	"slices"
	"time"
)

const (
	// MaxBatch is how many fixes may come at once.
	MaxBatch = 100
	// MaxTrail is how many fixes are kept of one ticket; past it every other one
	// of all but the last KeptWhole goes, so that a long way stays whole in its outline.
	MaxTrail = 20_000
	// KeptWhole is how many of the newest fixes are never thinned: the last hours.
	KeptWhole = 10_000
	// perFix is how close together fixes are kept.
	perFix = time.Second
)

// Fix is a place on the reporter's way.
type Fix struct {
	Location
	// At is the second by which the fix is known: two of one second are the same.
	// It is the device's, so that what is sent twice is stored once.
	At time.Time
	// ReceivedAt is when it came, by our clock.
	ReceivedAt time.Time
}

// effective is when the place was measured as far as anybody can tell: no
// device knows today where it will be tomorrow, whatever its clock says.
func effective(l Location, received time.Time) time.Time {
	if l.CapturedAt == nil || l.CapturedAt.After(received) {
		return received
	}
	return *l.CapturedAt
}

// Tracked is what a batch led to.
type Tracked struct {
	Fixes []Fix // to be kept, in the order of their seconds, no two of one second
	// Known is the place that the ticket had before, for a trail that lacks it.
	Known *Fix
	// Moved: the ticket is at another place now.
	Moved bool
	// Newest is when the ticket's place was measured.
	Newest time.Time
}

// Track takes the reporter's fixes. newest is when the newest of the trail was
// measured, the zero time for a trail that is empty. It is no event: how the
// reporter moves is the trail's to tell.
func (c *Case) Track(by Actor, fixes []Location, newest, now time.Time) (Tracked, error) {
	if _, err := c.Ticket.Next(Track, by); err != nil {
		return Tracked{}, c.refuse(err, by)
	}
	tracked := Tracked{Newest: newest}
	if held := c.Ticket.Location; held != nil {
		known := c.fixOf(*held)
		tracked.Known = &known
		if measured := effective(*held, known.ReceivedAt); measured.After(tracked.Newest) {
			tracked.Newest = measured
		}
	}
	inOrder := slices.Clone(fixes)
	slices.SortStableFunc(inOrder, func(a, b Location) int {
		return cmp.Or(effective(a, now).Compare(effective(b, now)), secondOf(a, now).Compare(secondOf(b, now)))
	})
	for _, l := range inOrder {
		tracked.keep(Fix{Location: l, At: secondOf(l, now), ReceivedAt: now})
	}
	if n := len(inOrder); n > 0 {
		c.move(inOrder[n-1], &tracked, now)
	}
	return tracked, nil
}

// fixOf is the ticket's place as a fix.
func (c *Case) fixOf(l Location) Fix {
	received := c.Ticket.UpdatedAt
	at := c.Ticket.CreatedAt
	if l.CapturedAt != nil {
		at = *l.CapturedAt
	}
	return Fix{Location: l, At: at.Truncate(perFix), ReceivedAt: received}
}

// keep takes the first fix of each second.
func (t *Tracked) keep(f Fix) {
	taken := func(other Fix) bool { return other.At.Equal(f.At) }
	if !slices.ContainsFunc(t.Fixes, taken) {
		t.Fixes = append(t.Fixes, f)
	}
}

// move puts the ticket where the newest fix is.
func (c *Case) move(l Location, tracked *Tracked, now time.Time) {
	measured := effective(l, now)
	held := c.Ticket.Location
	if held != nil && !measured.After(tracked.Newest) {
		return
	}
	c.Ticket.Location, tracked.Moved, tracked.Newest = &l, true, measured
}

func secondOf(l Location, now time.Time) time.Time {
	if l.CapturedAt == nil {
		return now.Truncate(perFix)
	}
	return l.CapturedAt.Truncate(perFix)
}
