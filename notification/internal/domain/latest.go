package domain

import "time"

// locationEvery is how often a room hears of a position: a map that moves once
// a second moves smoothly, and a phone that reports ten times as often costs no more.
const locationEvery = time.Second

// overtaking is by how much one position may be late behind another. One that
// is older than that is of a clock that was set back, and as good as any.
const overtaking = 10 * time.Second

// Latest thins the positions of a room: the first one goes out at once, then at
// most one a second, the newest. Its zero value has seen none.
type Latest struct {
	at      time.Time // of the newest position that was seen
	sent    time.Time // when one went out last
	waiting *Event
}

// Offer decides about a position. now: it is to be sent. later: it waits for
// Due. Neither: a newer one is known.
func (l *Latest) Offer(e Event, at time.Time) (now, later bool) {
	if late := l.at.Sub(e.At); late > 0 && late < overtaking {
		return false, false
	}
	l.at = e.At
	if at.Sub(l.sent) >= locationEvery {
		l.sent, l.waiting = at, nil
		return true, false
	}
	l.waiting = &e
	return false, true
}

// Due gives the position whose time has come. waits: there is one whose time has not.
func (l *Latest) Due(at time.Time) (e *Event, waits bool) {
	if l.waiting == nil || at.Sub(l.sent) < locationEvery {
		return nil, l.waiting != nil
	}
	e, l.waiting, l.sent = l.waiting, nil, at
	return e, false
}
