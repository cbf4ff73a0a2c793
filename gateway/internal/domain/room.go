package domain

import "time"

// How the room of a service follows its answers: the additive increase and
// multiplicative decrease of TCP's congestion control (RFC 5681 section 3.1),
// with the answer's time in the place of loss. Measured on two cores asked for
// five times what they can do: with a fixed cap alone everything timed out and
// 2 % of the capacity was left.
const (
	// SlowAfter: a service answers 95 of 100 requests in less than 200 ms.
	SlowAfter = 200 * time.Millisecond
	// FullAfter and slowShare: a queue that holds this many up has enough in it.
	// An alarm stands at its end, for the room is not its, and 99 of 100 alarms
	// are to be answered within 200 ms.
	FullAfter = 120 * time.Millisecond
	slowShare = 5 // percent

	// SightEvery is how long answers are looked at before the room changes.
	SightEvery = 250 * time.Millisecond
	// FewestSeen: less says nothing about a share of 5 %.
	FewestSeen = 20

	leastRoom  = 48
	keptOfPeak = 85 // percent
	keptAtOnce = 50 // percent, of a queue that is far too long: a stall alone shall not close the door
	growth     = 20 // the room grows by a 20th of itself
)

// Sight is what was seen of a service for a while.
type Sight struct {
	Answers int
	Slow    int // of them, those that took longer than FullAfter
	Peak    int // the most requests that waited for their answer at once
	// Total is how long all of them took, each until its head. Their mean tells how long a queue of
	// Peak is (Little's law), so that it need not be found out in many small steps.
	Total time.Duration
}

// NextRoom is how many requests may wait for the service from now on. It
// shrinks to less than what made it slow, and grows again only when it is used.
func (s Sight) NextRoom(room, most int) int {
	switch {
	case s.Slow*100 > s.Answers*slowShare:
		return min(room, max(leastRoom, min(room, s.Peak)*s.kept()/100))
	case s.Peak*4 >= room*3:
		return min(most, room+max(1, room/growth))
	default:
		return room
	}
}

// kept is how much of a queue that is too long may stay, in percent.
func (s Sight) kept() int {
	mean := s.Total / time.Duration(max(1, s.Answers))
	if mean <= FullAfter {
		return keptOfPeak
	}
	return min(keptOfPeak, max(keptAtOnce, int(100*FullAfter/mean)))
}

// HasRoom tells whether a request is held to the room of its service. An alarm is
// not: only the fixed cap keeps it out. Nor are credentials, for checking a
// password takes long on purpose and has a queue of its own, nor what has no end.
func (r Route) HasRoom() bool {
	return r.Priority != Emergency && r.Class != Credentials && r.Kind == Plain
}
