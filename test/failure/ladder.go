package failure

import (
	"context"
	"time"
)

// ladder: whoever waits for help is told about again and wider, each step once,
// and none is forgotten, whatever dies meanwhile.
type ladder struct{}

func (ladder) Name() string { return "escalation" }

// latestStep is how late a step may be after a failover.
const latestStep = 30 * time.Second

func (o ladder) Judge(ctx context.Context, r *Run) Verdict {
	v := Verdict{Oracle: o.Name(), Counts: map[string]int{}}
	for _, c := range r.callers {
		if !c.waits {
			continue
		}
		for _, p := range c.record().promises {
			told := c.told(p.Ticket) // first: what they were told about must be in the timeline then
			steps, err := c.steps(ctx, p.Ticket)
			if err != nil {
				v.breaks("the timeline of ticket %s cannot be read: %v", p.Ticket, err)
				continue
			}
			o.judge(p, steps, &v)
			o.heard(r, c, p, told, len(steps), &v)
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
	for level, after := range []time.Duration{1: firstStep, 2: secondStep} {
		if level > 0 && time.Since(p.At) > after+latestStep && !fired[step{Run: 1, Level: level}] {
			v.breaks("ticket %s waits since %s and level %d has not fired", p.Ticket, p.At.Format(time.RFC3339), level)
		}
	}
}

// told is how often each of the contacts was told again.
func (c *caller) told(ticket string) []int {
	var counts []int
	for _, e := range c.ears {
		counts = append(counts, e.againFor(ticket))
	}
	return counts
}

// heard: every contact is told about each step, once. The last may be on its way,
// and each primary may have taken one with it.
func (ladder) heard(r *Run, c *caller, p Promise, told []int, fired int, v *Verdict) {
	lost := r.primariesLost()
	for i, e := range c.ears {
		v.Counts["told again"] += told[i]
		if told[i] > fired+lost || told[i] < fired-1-lost {
			v.breaks("%s was told again %d times about ticket %s, and %d steps fired", e.phone.name, told[i], p.Ticket, fired)
		}
	}
}

// step is one that the timeline shows.
type step struct{ Run, Level, Round, LateByMs int }

func (c *caller) steps(ctx context.Context, ticket string) (steps []step, err error) {
	lines, err := c.timeline(ctx, ticket)
	for _, l := range lines {
		if l.Kind == "escalated" {
			steps = append(steps, l.Data)
		}
	}
	return steps, err
}
