// Package suspicion decides whether a primary that lives but does not answer is
// dead all the same. To kill one that is only slow turns a load into an outage,
// so it takes evidence: somebody who does answer, and has heard nothing of it.
package suspicion

import (
	"slices"
	"time"
)

const (
	// Silence is how long replicas must have heard nothing. A primary that lives
	// is heard every 2 s, also when nobody writes.
	Silence = 5 * time.Second
	// rounds in a row without an answer, 250 ms apart: after a halt of the whole
	// machine the primary may be the last to wake up.
	rounds = 8
)

// Round is one look at everybody.
type Round struct {
	// Answers: the primary does, on a connection that was open before.
	Answers bool
	// Witnesses are the replicas that answer promptly in this round: how long
	// each of them has heard nothing from the primary.
	Witnesses []time.Duration
}

// Verdict is what is known after a round.
type Verdict int

// The verdicts.
const (
	Alive   Verdict = iota // it answers
	Unsure                 // nobody answers: the machine is slow, and nobody is to blame
	Heard                  // it is mute, but replicas hear it, or did until a moment ago
	Doubted                // nobody hears it, but it has not been given enough rounds yet
	Dead
)

// Case is what speaks against one primary.
type Case struct{ mute int } // rounds in a row in which it was silent and a witness was not

// Hear takes the next round into account.
func (c *Case) Hear(r Round) Verdict {
	switch {
	case r.Answers:
		c.mute = 0
		return Alive
	case len(r.Witnesses) == 0:
		c.mute = 0
		return Unsure
	}
	c.mute++
	switch {
	case slices.Min(r.Witnesses) < Silence:
		return Heard
	case c.mute < rounds:
		return Doubted
	default:
		return Dead
	}
}
