package domain

import "time"

// Assign puts somebody in charge: the escalation stops, and starts anew should
// nothing be heard of them. The same person again is no news.
func (c *Case) Assign(by, to Actor, now time.Time) error {
	e := &c.Ticket.Escalation
	same := e.HeldUntil != nil && e.Assignee != nil && e.Assignee.User == to.User
	moved, err := c.step(Assign, by)
	if !moved || same {
		return err
	}
	c.hold(to, now)
	kind := to.Kind()
	event := c.tell(EventAssigned, by, now, map[string]any{"assigneeKind": kind})
	if _, helper := c.Helper(to.User); !helper && to.User != by.User && to.User != c.Ticket.Reporter.ID {
		c.deliver(event, []notice{{to: to.User, staff: kind == "dispatcher"}})
	}
	return nil
}

// Accept is a contact's word that they are going.
func (c *Case) Accept(by Actor, now time.Time) error {
	e := c.Ticket.Escalation
	same := e.HeldUntil != nil && e.Assignee != nil && e.Assignee.User == by.User
	moved, err := c.step(Accept, by)
	if !moved || same {
		return err
	}
	c.hold(by, now)
	c.tell(EventAssigned, by, now, map[string]any{"assigneeKind": by.Kind()})
	return nil
}

func (c *Case) hold(who Actor, now time.Time) {
	e := &c.Ticket.Escalation
	if e.Run == 0 { // its alarm went out before there were escalations
		e.Policy, e.Run = c.policy(), 1
	}
	until := now.Add(e.Policy.NoShow)
	e.HeldUntil, e.PausedUntil, e.Assignee = &until, nil, &who
}

// Release gives the ticket back: nobody is on it, so the alarm goes out again.
func (c *Case) Release(by Actor, now time.Time) error {
	moved, err := c.step(Release, by)
	if !moved {
		return err
	}
	c.restart(by, now, map[string]any{"cause": "release"})
	return nil
}

// noShow releases a ticket of whose assignee nothing was heard. Where the
// authorities know already it stays that way.
func (c *Case) noShow(t Timer, now time.Time) error {
	if c.Ticket.Status == InProgress {
		if _, err := c.step(Release, timer); err != nil {
			return err
		}
	}
	c.restart(timer, now, map[string]any{"cause": "no_show", "lateByMs": now.Sub(t.Due).Milliseconds()})
	return nil
}

func (c *Case) restart(by Actor, now time.Time, data map[string]any) {
	e := &c.Ticket.Escalation
	e.HeldUntil, e.Assignee = nil, nil
	c.alarmFrom(0, EventReleased, by, now, data)
}

// heardOf: whoever is in charge and does anything to the ticket is there.
func (c *Case) heardOf(by Actor, now time.Time) {
	e := &c.Ticket.Escalation
	if e.HeldUntil != nil && e.Assignee != nil && by.User != "" && e.Assignee.User == by.User {
		until := now.Add(e.Policy.NoShow)
		e.HeldUntil = &until
	}
}
