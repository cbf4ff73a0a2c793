package failure

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// ladder: whoever waits for help is told about again and wider, each step once,
// and none is forgotten, whatever dies meanwhile.
type ladder struct{}

func (ladder) Name() string { return "escalation" }

// The steps of the built-in policy: when the first must have fired, and how late
// it may be after a failover.
const (
	firstStep   = 60 * time.Second
	latestAlarm = 30 * time.Second
)

func (o ladder) Judge(ctx context.Context, r *Run) Verdict {
	v := Verdict{Oracle: o.Name(), Counts: map[string]int{}}
	for _, c := range r.callers {
		if !c.waits {
			continue
		}
		for _, p := range c.record().promises {
			steps, err := c.steps(ctx, p.Ticket)
			if err != nil {
				v.breaks("the timeline of ticket %s cannot be read: %v", p.Ticket, err)
				continue
			}
			o.judge(p, steps, &v)
		}
	}
	return v
}

func (ladder) judge(p Promise, steps []step, v *Verdict) {
	v.Counts["people who waited for help"]++
	fired := map[step]bool{}
	for _, s := range steps {
		v.Counts["steps fired"]++
		v.Counts["latest step, ms"] = max(v.Counts["latest step, ms"], s.LateByMs)
		s.LateByMs = 0
		if fired[s] {
			v.Counts["steps fired twice"]++
			v.breaks("level %d, round %d of ticket %s fired twice", s.Level, s.Round, p.Ticket)
		}
		fired[s] = true
	}
	if len(steps) == 0 && time.Since(p.At) > firstStep+latestAlarm {
		v.breaks("ticket %s waits since %s and nobody was told again", p.Ticket, p.At.Format(time.RFC3339))
	}
}

// step is one that the timeline shows.
type step struct{ Run, Level, Round, LateByMs int }

func (c *caller) steps(ctx context.Context, ticket string) (steps []step, err error) {
	base := "/v1/sos/tickets/" + ticket + "/timeline?limit=100"
	for path := base; path != ""; {
		r, err := c.phone.until(ctx, statusIs(http.StatusOK), func() reply { return c.phone.call(ctx, http.MethodGet, path, nil) })
		if err != nil {
			return nil, err
		}
		var page struct {
			Items []struct {
				Kind string
				Data step
			}
			NextCursor *string
		}
		if err := r.into(&page); err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			if item.Kind == "escalated" {
				steps = append(steps, item.Data)
			}
		}
		path = ""
		if page.NextCursor != nil {
			path = base + "&cursor=" + url.QueryEscape(*page.NextCursor)
		}
	}
	return steps, nil
}
