package failure

import (
	"context"
	"fmt"
	"time"
)

// Oracle knows what must hold after everything that happened. It is asked when
// the faults are over and the stack is whole again.
type Oracle interface {
	// Name says whose promise it is.
	Name() string
	// Judge gives what it counted and a sentence for each broken promise.
	Judge(ctx context.Context, r *Run) Verdict
}

// Verdict is what an oracle found.
type Verdict struct {
	Oracle string         `json:"oracle"`
	Counts map[string]int `json:"counts"`
	Broken []string       `json:"broken"`
}

func (v *Verdict) breaks(format string, args ...any) {
	const most = 20 // one cause breaks a promise many times
	if len(v.Broken) < most {
		v.Broken = append(v.Broken, fmt.Sprintf(format, args...))
	}
}

// Oracles are those of every area.
func Oracles() []Oracle {
	return []Oracle{callsForHelp{}, ladder{}, notifications{}, door{}, sessions{}}
}

// callsForHelp: every acknowledged key has exactly one ticket, and every contact
// was alarmed about it, once for each press that joined it.
type callsForHelp struct{}

func (callsForHelp) Name() string { return "sos" }

func (o callsForHelp) Judge(ctx context.Context, r *Run) Verdict {
	v := Verdict{Oracle: o.Name(), Counts: map[string]int{}}
	for _, c := range r.callers {
		of := c.record()
		v.Counts["keys never acknowledged"] += of.unheard
		v.Counts["answers unconfirmed, asked again"] += of.repeated
		tickets, err := c.tickets(ctx)
		if err != nil {
			v.breaks("the tickets of %s cannot be listed: %v", c.phone.name, err)
			continue
		}
		unknown, onTicket := 0, map[string]presses{}
		for _, p := range of.promises {
			if _, looked := onTicket[p.Ticket]; !looked {
				on := presses{found: tickets[p.Ticket], made: of.pressed(p.Ticket)}
				unknown += o.given(ctx, r, c, p, &on, &v)
				onTicket[p.Ticket] = on
			}
			o.judge(r, c, p, onTicket[p.Ticket], &v)
		}
		// Each press that was given up may have joined one ticket before its answer was lost.
		if unknown > of.unheard {
			v.breaks("%s has given up %d presses, and %d that nobody knows of have alarmed", c.phone.name, of.unheard, unknown)
		}
		v.Counts["tickets beyond those acknowledged"] += max(0, len(tickets)-len(of.promises))
	}
	if v.Counts["acknowledged"] == 0 {
		v.breaks("no call for help was acknowledged at all: nothing was tested")
	}
	return v
}

// presses of one ticket: how often it is listed, and how many have alarmed about it.
type presses struct{ found, made int }

// given looks closer where somebody has heard more alarms than presses were
// acknowledged: each must be in the ticket's timeline, where a press that was given
// up has left its line. It corrects on and gives how many such presses there are.
func (callsForHelp) given(ctx context.Context, r *Run, c *caller, p Promise, on *presses, v *Verdict) int {
	most := 0
	for _, e := range c.ears {
		most = max(most, e.alarmsFor(p.Ticket))
	}
	if most <= on.made {
		return 0
	}
	alarms, err := c.alarmsOf(ctx, p.Ticket)
	if err != nil {
		v.breaks("the timeline of ticket %s cannot be read: %v", p.Ticket, err)
		return 0
	}
	more := max(0, alarms-on.made)
	v.Counts["alarms of presses that were given up"] += more
	on.made += more
	if on.made < most && r.riskedAt(p.At) { // with the primary its line has gone, but not what was heard
		v.Counts["alarms of a timeline lost with a primary"] += most - on.made
		on.made = most
	}
	return more
}

func (o callsForHelp) judge(r *Run, c *caller, p Promise, of presses, v *Verdict) {
	found := of.found
	v.Counts["acknowledged"]++
	v.Counts["acknowledged, "+p.Durability]++
	v.Counts["tickets"] += found
	if p.Durability != replicated && p.Durability != local {
		v.breaks("ticket %s was acknowledged as %q", p.Ticket, p.Durability)
	}
	switch {
	case found == 0 && p.Durability == local && r.riskedAt(p.At):
		v.Counts["lost with a primary, local"]++
		return
	case found == 0:
		v.Counts["lost"]++
		v.breaks("ticket %s, acknowledged %s as %s, is gone", p.Ticket, p.At.Format(time.RFC3339Nano), p.Durability)
		return
	case found > 1:
		v.breaks("ticket %s is listed %d times", p.Ticket, found)
	}
	for _, e := range c.ears {
		o.heard(e, p, of.made, v)
	}
}

func (callsForHelp) heard(e *ear, p Promise, pressed int, v *Verdict) {
	began := p.At.Add(p.Countdown)
	n := e.alarmsFor(p.Ticket)
	switch {
	case n == 0:
		v.Counts["alarms missing"]++
		v.breaks("%s was never alarmed about ticket %s", e.phone.name, p.Ticket)
	case n > pressed:
		v.Counts["alarms shown twice"]++
		v.breaks("%s was alarmed %d times about ticket %s", e.phone.name, n, p.Ticket)
	default:
		v.Counts["alarms"]++
	}
	const latest = "latest alarm after its acknowledgement, ms"
	v.Counts[latest] = max(v.Counts[latest], int(e.heardAt(p.Ticket)-began.UnixMilli()))
}

// notifications: a phone that resumes misses nothing and shows nothing twice,
// and no number is given twice, not even where the first was lost with a primary.
type notifications struct{}

func (notifications) Name() string { return "notification" }

func (o notifications) Judge(ctx context.Context, r *Run) Verdict {
	v := Verdict{Oracle: o.Name(), Counts: map[string]int{}}
	for _, e := range r.ears {
		v.Counts["shown"] += e.different()
		v.Counts["sent again and dropped by the app"] += e.repeats()
		v.Counts["told that the numbering goes on elsewhere"] += e.leapt()
		if gaps := e.gaps(); gaps > 0 {
			v.breaks("%s has %d notifications behind a gap after seq %d", e.phone.name, gaps, e.position())
		}
		renumbered, unshown, err := e.compare(ctx)
		if err != nil {
			v.breaks("the inbox of %s cannot be read: %v", e.phone.name, err)
		}
		v.Counts["in the inbox and never shown"] += len(unshown)
		if len(unshown) > 0 {
			v.breaks("%s was never shown what the inbox holds at seq %v", e.phone.name, unshown)
		}
		v.Counts["seqs given twice"] += len(renumbered)
		if len(renumbered) > 0 {
			v.breaks("%s was shown something else as seq %v than the inbox holds there", e.phone.name, renumbered)
		}
	}
	return v
}

// door: whatever happens, no answer is a 500.
type door struct{}

func (door) Name() string { return "gateway" }

func (o door) Judge(_ context.Context, r *Run) Verdict {
	v := Verdict{Oracle: o.Name(), Counts: map[string]int{}}
	for _, outcome := range []string{"no answer", "429", "500", "502", "503", "504"} {
		v.Counts[outcome] = r.saw.count(outcome)
	}
	if n := v.Counts["500"]; n > 0 {
		v.breaks("%d answers were 500", n)
	}
	return v
}

// sessions: an honest phone is never signed out.
type sessions struct{}

func (sessions) Name() string { return "auth" }

func (o sessions) Judge(_ context.Context, r *Run) Verdict {
	out := r.saw.SignedOut()
	v := Verdict{Oracle: o.Name(), Counts: map[string]int{"phones": len(r.phones), "signed out": len(out)}}
	for _, name := range out {
		v.breaks("%s was signed out", name)
	}
	return v
}
