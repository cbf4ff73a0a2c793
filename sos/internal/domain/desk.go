package domain

import "time"

// keyLifetime is how long the key of a closed ticket stands for that ticket.
// Later it is a phone that counts its keys from one again, and needs help.
const keyLifetime = 24 * time.Hour

// KeyOutlivedError says that the key belongs to a ticket that is long over: the
// press must be looked at again under a key that the date has joined.
type KeyOutlivedError struct {
	Date string // the day of the press, in UTC
}

// Error gives the reason.
func (e *KeyOutlivedError) Error() string { return "the key belongs to an old ticket" }

// Desk is what lies before whoever takes a press: everything that decides what becomes of it.
type Desk struct {
	Now time.Time
	// Earlier is the ticket that this very press led to before.
	Earlier *Case
	// EarlierMerged: the press had joined that ticket and not opened it.
	EarlierMerged bool
	// Open is the reporter's open ticket of the same kind, drill or real.
	Open *Case
	// Helpers are the contacts who are willing now.
	Helpers []Recipient
	// OpenAtAddress is how many guests from the press's address are in need now.
	OpenAtAddress int
	// ReporterName is "" where nobody has told us yet.
	ReporterName string
	// Standing is for a new ticket; those that lie here have their own.
	Standing Standing
}

// Taking is what became of a press.
type Taking struct {
	Case     *Case
	Merged   bool // it joined a ticket that another press had opened
	Replayed bool // it had been taken before
	Warnings []Warning
}

// Take decides what a press means: the same again, more of the same
// emergency, or a new one. id is for a new one.
func (d Desk) Take(id PressID, p Press) (Taking, error) {
	switch {
	case d.Earlier != nil:
		return d.replay(p)
	case d.Open != nil:
		d.Open.join(d.Helpers)
		return Taking{Case: d.Open, Merged: true}, d.Open.pressAgain(p, d.Now)
	default:
		return Taking{Case: Open(TicketID(id), p, d)}, nil
	}
}

// replay never sounds an alarm again. A newer place is worth keeping while the ticket is open.
func (d Desk) replay(p Press) (Taking, error) {
	t := d.Earlier.Ticket
	if t.Status.Closed() && d.Now.Sub(t.CreatedAt) > keyLifetime {
		return Taking{}, &KeyOutlivedError{d.Now.UTC().Format(time.DateOnly)}
	}
	taking := Taking{Case: d.Earlier, Merged: d.EarlierMerged, Replayed: true, Warnings: p.differences(t)}
	if !t.Status.Closed() && p.Location.Newer(t.Location) {
		d.Earlier.relocate(p.Location, d.Now)
	}
	return taking, nil
}
