package domain

import (
	"slices"
	"time"
)

// Resolve ends the emergency.
func (c *Case) Resolve(by Actor, outcome Outcome, note string, now time.Time) error {
	moved, err := c.step(Resolve, by)
	if !moved {
		return err
	}
	c.close(outcome, now)
	c.ended(c.tell(EventResolved, by, now, noted(note, map[string]any{"outcome": string(outcome)})))
	return nil
}

// Cancel takes the alarm back. Of a countdown nobody is told.
func (c *Case) Cancel(by Actor, note string, now time.Time) error {
	moved, err := c.step(Cancel, by)
	if !moved {
		return err
	}
	c.close(FalseAlarm, now)
	c.ended(c.tell(EventCancelled, by, now, noted(note, map[string]any{"outcome": string(FalseAlarm)})))
	return nil
}

func (c *Case) close(outcome Outcome, now time.Time) {
	c.Ticket.Outcome, c.Ticket.ClosedAt, c.Ticket.CountdownEndsAt = outcome, &now, nil
	c.Ticket.Escalation.HeldUntil, c.Ticket.Escalation.PausedUntil = nil, nil
}

// ended: of what nobody was told there is nothing to take back.
func (c *Case) ended(e Event) {
	if c.Ticket.AlarmedAt != nil {
		c.tellDispatchers(e)
	}
}

// Reopen takes an ended emergency up again and sounds the alarm. The helpers
// start from nothing: who had acknowledged the old alarm must see the new one.
func (c *Case) Reopen(by Actor, note string, now time.Time) error {
	tooLate := c.Ticket.ClosedAt != nil && now.Sub(*c.Ticket.ClosedAt) > ReopenWithin
	if tooLate && by.Roles&(Reporter|Dispatcher) != 0 {
		allowed := slices.DeleteFunc(c.Ticket.Allowed(by), func(other Command) bool { return other == Reopen })
		return ErrInvalidTransition.WithDetail("The ticket was closed too long ago; call for help anew.").WithExtra("allowed", allowed)
	}
	moved, err := c.step(Reopen, by)
	if !moved {
		return err
	}
	t := &c.Ticket
	t.Outcome, t.ClosedAt, t.AcknowledgedAt, t.AcknowledgedBy, t.Acknowledgers = "", nil, nil, nil, nil
	t.Escalation = Escalation{Run: t.Escalation.Run}
	t.Escalation.Policy = c.policy()
	c.alarm(EventReopened, by, now, noted(note, nil))
	return nil
}
