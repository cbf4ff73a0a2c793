package domain

import "time"

// How the room of a service follows its answers: slow start, additive increase
// and multiplicative decrease of TCP's congestion control (RFC 5681 sections 3.1
// and 4.1), with the answer's time in the place of loss. Measured on two cores
// asked for five times what they can do: with a fixed cap alone everything timed
// out and 2 % of the capacity was left; with a room that began as large as the
// cap, alarms stood for seconds behind what the first moment had let in.
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
	// RoomPatience is how long a request waits for a place while nobody knows yet
	// that there is too much to do: here it keeps no alarm waiting, and a short
	// rush, of which a second's worth is more than the room holds, passes whole.
	RoomPatience = time.Second

	firstRoom    = 48 // of all gateways together, 8 at least for each
	leastRoom    = 16 // likewise, and 4
	keptOfPeak   = 85 // percent
	keptAtOnce   = 50 // percent, of a queue that is far too long: a stall alone shall not close the door
	growth       = 20 // the room grows by a 20th of itself
	earlyGrowth  = 2  // by half, where even twice as many would be in time
	shrinks      = 4  // by a quarter, where it is not used: what was not tried lately is not known
	keptForRises = 2  // times what is used
)

// FirstRoom is how large a room begins, where so many gateways have one each before the same service.
func FirstRoom(gateways int) int { return max(8, firstRoom/max(1, gateways)) }

// LeastRoom is what a room never shrinks under.
func LeastRoom(gateways int) int { return max(4, leastRoom/max(1, gateways)) }

// Sight is what was seen of a service for a while.
type Sight struct {
	Answers int
	Slow    int // of them, those that took longer than FullAfter
	Peak    int // the most requests that waited for their answer at once
	// Total is how long all of them took, each until its head. Their mean tells how long a queue of
	// Peak is (Little's law), so that it need not be found out in many small steps.
	Total time.Duration
}

// NextRoom is how many requests may wait for the service from now on, between
// least and most. It shrinks to less than what made it slow, grows only when it
// is used, and what is not used is lost again.
func (s Sight) NextRoom(room, least, most int) int {
	switch {
	case s.Slow*100 > s.Answers*slowShare:
		return min(room, max(least, min(room, s.Peak)*s.kept()/100))
	case s.Peak*4 >= room*3:
		return min(most, room+max(1, room/s.growth()))
	case s.Peak*keptForRises < room:
		return min(room, max(least, s.Peak*keptForRises, room-room/shrinks))
	default:
		return room
	}
}

func (s Sight) growth() int {
	if s.mean() <= FullAfter/2 {
		return earlyGrowth
	}
	return growth
}

func (s Sight) mean() time.Duration { return s.Total / time.Duration(max(1, s.Answers)) }

// kept is how much of a queue that is too long may stay, in percent.
func (s Sight) kept() int {
	mean := s.mean()
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
