package domain

import "time"

// Way is where a press has moved the ticket from and to, for its trail; nil
// where it did not.
func (c *Case) Way() *Tracked { return c.way }

// moveTo keeps a newer place that came with a press.
func (c *Case) moveTo(l *Location, now time.Time) {
	way := &Tracked{Newest: effective(*l, now)}
	if held := c.Ticket.Location; held != nil {
		known := c.fixOf(*held)
		way.Known = &known
	}
	way.keep(Fix{Location: *l, At: secondOf(*l, now), ReceivedAt: now})
	c.Ticket.Location, c.way = l, way
}
