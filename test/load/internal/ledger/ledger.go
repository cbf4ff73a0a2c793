// Package ledger keeps what has been sent to whom, and finds out what never
// arrived or arrived twice.
package ledger

import (
	"sync"
	"time"
)

// Entry is one message for one person.
type Entry struct{ Ref, To string }

type state struct {
	due       time.Time
	confirmed bool // the server has taken it: now it must arrive
	heard     bool
	done      chan struct{} // closed when heard
}

// Ledger is used by many goroutines.
type Ledger struct {
	mu       sync.Mutex
	entries  map[Entry]*state
	repeated int64
}

// New is an empty one.
func New() *Ledger { return &Ledger{entries: map[Entry]*state{}} }

// Send notes that a message under ref should leave at due for these people.
// Call it before the request goes: a message may be there before its answer is.
func (l *Ledger) Send(ref string, due time.Time, to ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, person := range to {
		l.entries[Entry{ref, person}] = &state{due: due, done: make(chan struct{})}
	}
}

// Confirm notes that the server has promised to deliver it.
func (l *Ledger) Confirm(ref string, to ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, person := range to {
		if s := l.entries[Entry{ref, person}]; s != nil {
			s.confirmed = true
		}
	}
}

// Heard notes that it has arrived. It gives the time at which it should have
// left, and false for one that nobody sent or that has arrived before.
func (l *Ledger) Heard(ref, by string) (due time.Time, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.entries[Entry{ref, by}]
	switch {
	case s == nil:
		return time.Time{}, false
	case s.heard:
		l.repeated++
		return s.due, false
	}
	s.heard = true
	close(s.done)
	return s.due, true
}

// Arrival is closed when the message has arrived; nil where it was never sent.
func (l *Ledger) Arrival(ref, to string) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.entries[Entry{ref, to}]; s != nil {
		return s.done
	}
	return nil
}

// Audit is what the ledger finds.
type Audit struct {
	Promised int64 `json:"promised"` // messages the server has taken, one for each recipient
	Heard    int64 `json:"heard"`    // of these
	Missing  int64 `json:"missing"`  // of these
	Repeated int64 `json:"repeated"` // arrivals of a message that had arrived before
}

// Audit counts.
func (l *Ledger) Audit() Audit {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := Audit{Repeated: l.repeated}
	for _, s := range l.entries {
		switch {
		case !s.confirmed:
			continue
		case s.heard:
			a.Heard++
		default:
			a.Missing++
		}
		a.Promised++
	}
	return a
}

// Add adds another worker's.
func (a *Audit) Add(other Audit) {
	a.Promised += other.Promised
	a.Heard += other.Heard
	a.Missing += other.Missing
	a.Repeated += other.Repeated
}
