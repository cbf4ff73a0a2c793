package failure

import (
	"context"
	"net/http"
	"net/url"
)

// line is one of a ticket's timeline.
type line struct {
	Kind string
	Data step // of an escalation
}

// alarms tells whether the line is one that alarms every contact, once.
func (l line) alarms() bool {
	switch l.Kind {
	case "sent", "pressed_again", "reopened", "released":
		return true
	}
	return false
}

// timeline is what the backend says has happened to the ticket.
func (c *caller) timeline(ctx context.Context, ticket string) (lines []line, err error) {
	base := "/v1/sos/tickets/" + ticket + "/timeline?limit=100"
	for path := base; path != ""; {
		r, err := c.phone.until(ctx, statusIs(http.StatusOK), func() reply { return c.phone.call(ctx, http.MethodGet, path, nil) })
		if err != nil {
			return nil, err
		}
		var page struct {
			Items      []line
			NextCursor *string
		}
		if err := r.into(&page); err != nil {
			return nil, err
		}
		lines = append(lines, page.Items...)
		path = ""
		if page.NextCursor != nil {
			path = base + "&cursor=" + url.QueryEscape(*page.NextCursor)
		}
	}
	return lines, nil
}

// alarmsOf is how often the contacts are to have been alarmed about the ticket.
func (c *caller) alarmsOf(ctx context.Context, ticket string) (n int, err error) {
	lines, err := c.timeline(ctx, ticket)
	for _, l := range lines {
		if l.alarms() {
			n++
		}
	}
	return n, err
}
