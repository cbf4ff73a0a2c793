package domain

import "time"

const (
	// ackPause is how long an acknowledgement holds the escalation, and
	// maxAckPause what all of them together may: a tap on a phone is not help on
	// its way.
	ackPause    = 3 * time.Minute
	maxAckPause = 6 * time.Minute
)

// Escalation is where a ticket stands on the ladder.
type Escalation struct {
	Policy Policy // as it was when the alarm went out
	Run    int    // grows with every start from new; 0 = the alarm is not out
	// Level and Round name the step that fires at Due; rounds count the
	// repetitions of the last level.
	Level, Round int
	Due          time.Time

	PausedUntil *time.Time // while an acknowledgement holds it
	Paused      time.Duration
	HeldUntil   *time.Time // while somebody is on it: until they count as not having come
	Assignee    *Actor
}

// Standing is what of the world around a ticket decides about its escalation.
type Standing struct {
	Policy      Policy // in force now
	Dispatchers []UserID
}

// MaxDispatchers are told of one alarm; more would only get in each other's way.
const MaxDispatchers = 50

// TimerKind is what a timer ends.
type TimerKind string

// The kinds of timers.
const (
	TimerCountdown  TimerKind = "countdown"
	TimerEscalation TimerKind = "escalation"
	TimerAckExpiry  TimerKind = "ack_expiry"
	TimerNoShow     TimerKind = "no_show"
)

// Timer is what will happen to a ticket if nobody does anything.
type Timer struct {
	Kind         TimerKind
	Level, Round int
	Due          time.Time
}

// Timer is the one that runs; ok is false for closed tickets only: no open one
// is ever left to itself.
func (t Ticket) Timer() (timer Timer, ok bool) {
	e := t.Escalation
	switch {
	case t.Status.Closed():
		return Timer{}, false
	case t.Status == Countdown && t.CountdownEndsAt != nil:
		return Timer{Kind: TimerCountdown, Due: *t.CountdownEndsAt}, true
	case e.HeldUntil != nil:
		return Timer{TimerNoShow, 0, e.Run, *e.HeldUntil}, true
	case e.PausedUntil != nil:
		return Timer{TimerAckExpiry, e.Level, e.Round, *e.PausedUntil}, true
	case e.Run == 0: // its alarm went out before there were escalations
		return Timer{TimerEscalation, 0, 0, t.UpdatedAt}, true
	default:
		return Timer{TimerEscalation, e.Level, e.Round, e.Due}, true
	}
}

// TimerOver does what the ticket's timer stands for, and says how late that is.
// fired is false where the timer has been moved or ended meanwhile.
func (c *Case) TimerOver(now time.Time) (late time.Duration, fired bool, err error) {
	t, ok := c.Ticket.Timer()
	if !ok || now.Before(t.Due) {
		return 0, false, nil
	}
	switch t.Kind {
	case TimerCountdown:
		err = c.CountdownOver(now)
	case TimerAckExpiry:
		c.resume(t, now)
	case TimerNoShow:
		err = c.noShow(t, now)
	default:
		c.escalate(t, now)
	}
	return now.Sub(t.Due), true, err
}

// begin starts the ladder at a level, or at the first above it that reaches
// somebody, and says whom to tell.
func (c *Case) begin(from int, by UserID, now time.Time) []notice {
	e := &c.Ticket.Escalation
	if e.Run == 0 {
		e.Policy = c.policy()
	}
	e.Run++
	e.PausedUntil = nil
	level, to := c.reach(min(from, e.Policy.last()), by)
	c.Ticket.EscalationLevel = level
	e.next(level, 0, now, now)
	return to
}

func (c *Case) policy() Policy {
	if len(c.Standing.Policy.Levels) == 0 {
		return DefaultPolicy()
	}
	return c.Standing.Policy
}

// escalate fires one step.
func (c *Case) escalate(t Timer, now time.Time) {
	e := &c.Ticket.Escalation
	if e.Run == 0 {
		e.Policy, e.Run = c.policy(), 1
	}
	level, to := c.reach(t.Level, "")
	round, at := t.Round, t.Due
	if level != t.Level { // those between reach nobody: nothing to wait for
		round, at = 0, now
	}
	c.Ticket.EscalationLevel = level
	e.next(level, round, at, now)
	event := c.record(EventEscalated, timer, now, map[string]any{
		"run": e.Run, "level": level, "round": round, "reached": len(to), "lateByMs": now.Sub(t.Due).Milliseconds(),
	})
	c.deliver(event, to)
}

// next is the step that follows one that was to fire at the time. Levels that
// are overdue follow at once; repetitions do not catch up.
func (e *Escalation) next(level, round int, at, now time.Time) {
	e.Due = at.Add(e.Policy.gap(level))
	if level < e.Policy.last() {
		e.Level, e.Round = level+1, 0
		return
	}
	e.Level, e.Round = level, round+1
	if e.Due.Before(now) {
		e.Due = now.Add(e.Policy.Repeat)
	}
}

// pause gives whoever has acknowledged time to act: what is left of it where
// others have had some.
func (c *Case) pause(now time.Time) {
	e := &c.Ticket.Escalation
	if e.Run == 0 || e.HeldUntil != nil {
		return
	}
	from := now
	if e.PausedUntil != nil && e.PausedUntil.After(now) {
		from = *e.PausedUntil
	}
	more := min(now.Add(ackPause).Sub(from), maxAckPause-e.Paused)
	if more <= 0 {
		return
	}
	until := from.Add(more)
	e.PausedUntil, e.Paused, e.Due = &until, e.Paused+more, e.Due.Add(more)
	if e.Due.Before(until) {
		e.Due = until
	}
}

// resume: whoever acknowledged has had their time.
func (c *Case) resume(t Timer, now time.Time) {
	c.Ticket.Escalation.PausedUntil = nil
	c.record(EventResumed, timer, now, map[string]any{"lateByMs": now.Sub(t.Due).Milliseconds()})
}
