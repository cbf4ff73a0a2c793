package domain

import (
	"errors"
	"slices"
	"time"
)

// ReopenWithin is how long an ended emergency can be taken up again; later it is a new one.
const ReopenWithin = 15 * time.Minute

// step moves along the table. It reports false, without an error, for a
// command whose work is done already.
func (c *Case) step(command Command, by Actor) (bool, error) {
	next, err := c.Ticket.Next(command, by)
	switch {
	case errors.Is(err, ErrInvalidTransition) && c.Ticket.repeated(command):
		return false, nil
	case err != nil:
		return false, c.refuse(err, by)
	}
	if next != c.Ticket.Status {
		c.Ticket.Status, c.Ticket.ReachedBy = next, command
	}
	return true, nil
}

// refuse tells a client that may act here what it could do instead.
func (c *Case) refuse(err error, by Actor) error {
	if errors.Is(err, ErrInvalidTransition) {
		return ErrInvalidTransition.WithExtra("allowed", c.Ticket.Allowed(by))
	}
	return err
}

// SendNow ends the countdown: the reporter does not want to wait.
func (c *Case) SendNow(by Actor, now time.Time) error {
	moved, err := c.step(SendNow, by)
	if moved {
		c.alarm(EventSent, by, now, map[string]any{"cause": "send_now"})
	}
	return err
}

// CountdownOver ends the countdown by itself; nothing happens where it has
// ended already. How late that was stands in the timeline.
func (c *Case) CountdownOver(now time.Time) error {
	ends := c.Ticket.CountdownEndsAt
	if c.Ticket.Status != Countdown || ends == nil || now.Before(*ends) {
		return nil
	}
	moved, err := c.step(SendNow, timer)
	if moved {
		c.alarm(EventSent, timer, now, map[string]any{"cause": "countdown", "lateByMs": now.Sub(*ends).Milliseconds()})
	}
	return err
}

// pressAgain: the same person presses in the same emergency. On a countdown
// that means now; otherwise everybody is told again, louder.
func (c *Case) pressAgain(p Press, now time.Time) error {
	by, counting, level := c.reporter(), c.Ticket.Status == Countdown, 0
	if _, err := c.step(PressAgain, by); err != nil {
		return err
	}
	priority := c.Ticket.Priority
	if counting {
		c.Ticket.ReachedBy = SendNow // so that a send-now that crosses this press is a repeat
	} else {
		priority, level = priority.Next(), c.Ticket.EscalationLevel+1
	}
	c.Ticket.Priority = louder(priority, p.Type.Priority())
	c.adopt(p, now)
	c.alarmFrom(level, EventPressedAgain, by, now, map[string]any{"emergencyType": string(p.Type), "description": p.Description, "priority": string(c.Ticket.Priority)})
	return nil
}

// adopt fills what the ticket does not know yet.
func (c *Case) adopt(p Press, now time.Time) {
	t := &c.Ticket
	t.adoptGuest(p.Guest)
	if t.Type == OtherType {
		t.Type = p.Type
	}
	if t.Description == "" {
		t.Description = p.Description
	}
	if t.Address == "" {
		t.Address = p.Address
	}
	if p.Location.Newer(t.Location) {
		c.moveTo(p.Location, now)
	}
}

// relocate keeps the newer place of a replay.
func (c *Case) relocate(l *Location, now time.Time) {
	c.moveTo(l, now)
	c.record(EventLocation, c.reporter(), now, nil)
}

// Acknowledge says that somebody has seen the alarm. Once per person.
func (c *Case) Acknowledge(by Actor, note string, now time.Time) error {
	if slices.Contains(c.Ticket.Acknowledgers, by.User) {
		return nil
	}
	moved, err := c.step(Acknowledge, by)
	if !moved {
		return err
	}
	c.Ticket.Acknowledgers = append(c.Ticket.Acknowledgers, by.User)
	if c.Ticket.AcknowledgedAt == nil {
		c.Ticket.AcknowledgedAt, c.Ticket.AcknowledgedBy = &now, &by
	}
	c.pause(now)
	c.tell(EventAcknowledged, by, now, noted(note, nil))
	return nil
}

// Raise makes the ticket louder: to priority, or one step where that is "".
func (c *Case) Raise(by Actor, priority Priority, note string, now time.Time) error {
	moved, err := c.step(Raise, by)
	if !moved {
		return err
	}
	if priority == "" {
		priority = c.Ticket.Priority.Next()
	}
	if !priority.Above(c.Ticket.Priority) {
		return nil
	}
	c.Ticket.Priority = priority
	c.record(EventRaised, by, now, noted(note, map[string]any{"priority": string(priority)}))
	return nil
}

// Comment adds words to the timeline.
func (c *Case) Comment(by Actor, note string, now time.Time) error {
	moved, err := c.step(Comment, by)
	if moved {
		c.record(EventComment, by, now, noted(note, nil))
	}
	return err
}

func noted(note string, data map[string]any) map[string]any {
	if note == "" {
		return data
	}
	if data == nil {
		data = make(map[string]any, 1)
	}
	data["note"] = note
	return data
}
