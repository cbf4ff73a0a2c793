package domain

import "slices"

// maxOvertaken bounds what a socket remembers of critical notifications that
// went ahead of a gap; more of them wait their turn.
const maxOvertaken = 64

// Verdict is what to do with a notification that has just become known.
type Verdict uint8

// The verdicts.
const (
	Drop     Verdict = iota // the socket has had it
	Send                    // it is the next one
	Overtake                // it is critical and goes ahead of what is missing
	Hold                    // it comes with the catching up
)

// Progress is how far one socket has come in its user's inbox. Notifications
// arrive in any order, more than once, or not at all; the socket gets each once
// and in order, except that a critical one does not wait for a gap to be filled.
// The zero value has had nothing and is not catching up.
type Progress struct {
	sent      Seq   // the socket has had everything up to here
	newest    Seq   // known to exist; more than sent only while catching up
	overtaken []Seq // beyond sent, and had already
	catching  bool
}

// Sent is the seq up to which the socket has had everything.
func (p *Progress) Sent() Seq { return p.sent }

// Catching tells whether a gap is being filled from the store.
func (p *Progress) Catching() bool { return p.catching }

// Offer decides about seq. repair is true when a gap has just become known:
// the caller then catches up from the store, and is the only one who does.
// mayOvertake says whether a critical one may go ahead while others are caught up with.
func (p *Progress) Offer(seq Seq, critical, mayOvertake bool) (v Verdict, repair bool) {
	switch {
	case seq <= p.sent || slices.Contains(p.overtaken, seq):
		return Drop, false
	case !p.catching && seq == p.sent+1:
		p.newest = max(p.newest, seq)
		p.advance(seq)
		return Send, false
	}
	repair = p.Known(seq)
	if critical && mayOvertake && len(p.overtaken) < maxOvertaken {
		p.overtaken = append(p.overtaken, seq)
		return Overtake, repair
	}
	return Hold, repair
}

// Known notes that everything up to newest exists, and tells whether the
// caller has to begin catching up.
func (p *Progress) Known(newest Seq) (repair bool) {
	p.newest = max(p.newest, newest)
	if p.catching || p.newest <= p.sent {
		return false
	}
	p.catching = true
	return true
}

// Rewind starts over behind after, because the client has asked for it: what it
// has had since may come again. The caller catches up.
func (p *Progress) Rewind(after, newest Seq) {
	p.sent, p.overtaken, p.catching = after, nil, true
	p.newest = max(p.newest, newest)
}

// Missing is what is still to be fetched; ok is false, and the catching up
// over, when there is nothing.
func (p *Progress) Missing() (after, upTo Seq, ok bool) {
	if p.sent >= p.newest {
		p.catching, p.overtaken = false, nil
		return 0, 0, false
	}
	return p.sent, p.newest, true
}

// Replay decides whether a fetched notification is to be sent: not when it has
// overtaken the others before.
func (p *Progress) Replay(seq Seq) bool {
	if seq <= p.sent || slices.Contains(p.overtaken, seq) {
		return false
	}
	p.advance(seq)
	return true
}

// Passed notes that everything up to seq has been fetched; what was not among
// it has been deleted or has expired.
func (p *Progress) Passed(seq Seq) {
	if seq > p.sent {
		p.advance(seq)
	}
}

// Abandon ends a catching up that failed; the next offer beyond the gap, or the
// sweeper, begins another.
func (p *Progress) Abandon() { p.catching = false }

func (p *Progress) advance(to Seq) {
	p.sent = to
	for len(p.overtaken) > 0 && slices.Contains(p.overtaken, p.sent+1) {
		p.sent++
	}
	p.overtaken = slices.DeleteFunc(p.overtaken, func(s Seq) bool { return s <= p.sent })
	if len(p.overtaken) == 0 {
		p.overtaken = nil
	}
}
