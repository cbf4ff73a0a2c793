package domain

import "slices"

// notice is somebody to tell, and how.
type notice struct {
	to       UserID
	channels []Channel
	staff    bool
}

// reach is the level itself or the first above it that reaches anybody. The
// last level is the last, whomever it reaches. Contacts without the app are told
// at each level that tells contacts, at the address where they have agreed: it is
// the only way to them, and a level of socket and push is no reason to wait.
func (c *Case) reach(level int, by UserID) (reached int, to []notice) {
	levels := c.Ticket.Escalation.Policy.Levels
	for ; ; level++ {
		to = c.audience(levels[level], by)
		if len(to) > 0 || level == len(levels)-1 {
			return level, to
		}
	}
}

// audience is everybody whom a level tells, contacts first, each once: never
// the reporter, who may hide, nor whoever has caused it.
func (c *Case) audience(l Level, by UserID) []notice {
	var to []notice
	add := func(user UserID, channels []Channel, staff bool) {
		known := slices.ContainsFunc(to, func(n notice) bool { return n.to == user })
		if user != by && user != c.Ticket.Reporter.ID && !known {
			to = append(to, notice{user, channels, staff})
		}
	}
	for _, t := range l.Targets {
		if t.Who != ToContacts {
			continue
		}
		for _, h := range c.Helpers {
			if !h.Withdrawn {
				add(h.User, t.Channels, false)
			}
		}
	}
	for _, t := range l.Targets {
		if t.Who != ToDispatchers || c.Ticket.LowTrust { // it waits in their queue, and wakes nobody
			continue
		}
		for _, user := range c.Standing.Dispatchers {
			add(user, t.Channels, true)
		}
	}
	return to
}

// deliver queues an alert of the event for each.
func (c *Case) deliver(e Event, to []notice) {
	for _, n := range to {
		a := c.alert(e, n.to)
		a.Level, a.Channels, a.ToStaff = c.Ticket.EscalationLevel, n.channels, n.staff
		c.alerts = append(c.alerts, a)
	}
}

// tellDispatchers lets those who may have been alarmed know how it ended.
func (c *Case) tellDispatchers(e Event) {
	if c.Ticket.LowTrust {
		return
	}
	for _, user := range c.Standing.Dispatchers {
		told := slices.ContainsFunc(c.alerts, func(a Alert) bool { return a.Seq == e.Seq && a.Recipient == user })
		if user != e.By.User && user != c.Ticket.Reporter.ID && !told {
			c.deliver(e, []notice{{to: user, staff: true}})
		}
	}
}
