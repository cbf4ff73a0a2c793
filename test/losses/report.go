package losses

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Report is what was counted.
type Report struct {
	Took                        time.Duration
	Events, Accepted, Announced int // intakes, notifications, and those of administrators among the intakes
	Resent                      int // after a primary was lost
	Kinds                       map[kind]*Tally
	Windows                     []Window
	Broken                      []string // a sentence for each broken promise
	Audit                       string   // what loss-audit printed
}

// Tally is of all clients of one kind.
type Tally struct {
	Clients, Sessions                   int
	Shown                               int
	Lost, Twice, Disordered             int
	Unaccepted                          int // in an inbox, though nobody was told that it was taken
	NotInInbox                          int
	Dropped, GapsClosed, Resets, Behind int
}

func (w *world) report(ctx context.Context) *Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &Report{Took: time.Since(w.started), Accepted: w.ledger.count(), Resent: w.resent, Kinds: map[kind]*Tally{}}
	for _, a := range w.ledger.all() {
		r.Events++
		if a.admin {
			r.Announced++
		}
	}
	for _, c := range w.clients {
		if r.Kinds[c.kind] == nil {
			r.Kinds[c.kind] = &Tally{}
		}
		w.judge(ctx, c, r)
	}
	r.Windows = w.windows()
	return r
}

func (w *world) judge(ctx context.Context, c *client, r *Report) {
	t := r.Kinds[c.kind]
	promised := w.ledger.of(c.number)
	lost := c.missing(promised)
	inbox, err := c.inbox(ctx)
	if err != nil {
		r.breaks("the inbox of client %d cannot be read: %v", c.number, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t.Clients, t.Sessions, t.Shown = t.Clients+1, t.Sessions+c.sessions, t.Shown+len(c.shown)
	t.Lost, t.Twice, t.Disordered = t.Lost+len(lost), t.Twice+len(c.twice), t.Disordered+c.disordered
	t.Dropped, t.GapsClosed, t.Resets, t.Behind = t.Dropped+c.dropped, t.GapsClosed+c.gaps, t.Resets+c.resets, t.Behind+len(c.ahead)
	for _, title := range promised {
		if inbox[title] == 0 {
			t.NotInInbox++
			r.breaks("client %d: %q was accepted and is not in the inbox", c.number, title)
		}
		delete(inbox, title)
	}
	t.Unaccepted += len(inbox)
	for _, title := range slices.Sorted(maps.Keys(inbox)) {
		if _, ok := c.shown[title]; !ok {
			r.breaks("client %d: %q stands in the inbox and was never shown", c.number, title)
		}
	}
	for _, title := range lost {
		r.breaks("client %d, which %s: %q was never shown", c.number, c.kind, title)
	}
	for _, title := range c.twice {
		r.breaks("client %d, which %s: %q was shown twice", c.number, c.kind, title)
	}
	if c.disordered > 0 {
		r.breaks("client %d, which %s: %d were shown behind later ones", c.number, c.kind, c.disordered)
	}
	if len(c.ahead) > 0 {
		r.breaks("client %d waits behind seq %d for what never came", c.number, c.last)
	}
}

func (r *Report) breaks(format string, args ...any) {
	const most = 50 // one cause breaks a promise many times
	if len(r.Broken) < most {
		r.Broken = append(r.Broken, fmt.Sprintf(format, args...))
	}
}

// Sum adds up what all kinds of client have met.
func (r *Report) Sum() (sum Tally) {
	for _, t := range r.Kinds {
		sum.Lost, sum.Twice, sum.Shown = sum.Lost+t.Lost, sum.Twice+t.Twice, sum.Shown+t.Shown
	}
	return sum
}

// Markdown is the report for people.
func (r *Report) Markdown() string {
	var t strings.Builder
	sum := r.Sum()
	fmt.Fprintf(&t, "# Loss run\n\n%d notifications accepted in %s (%d requests, %d of them an administrator's), %d shown: **%d lost, %d seen twice**. %d requests were sent again because a primary was lost.\n",
		r.Accepted, r.Took.Round(time.Second), r.Events, r.Announced, sum.Shown, sum.Lost, sum.Twice, r.Resent)
	t.WriteString("\n| client | clients | connections | shown | lost | seen twice | out of order | in the inbox and not accepted | accepted and not in the inbox | dropped as repeats | gaps closed | resets |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, k := range slices.Sorted(maps.Keys(r.Kinds)) {
		v := r.Kinds[k]
		fmt.Fprintf(&t, "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |\n", k,
			v.Clients, v.Sessions, v.Shown, v.Lost, v.Twice, v.Disordered, v.Unaccepted, v.NotInInbox, v.Dropped, v.GapsClosed, v.Resets)
	}
	r.late(&t)
	r.dark(&t)
	fmt.Fprintf(&t, "\n## The service's own audit\n\n```\n%s```\n", r.Audit)
	fmt.Fprintf(&t, "\nBroken promises: %d\n", len(r.Broken))
	for _, sentence := range r.Broken {
		fmt.Fprintf(&t, "- %s\n", sentence)
	}
	return t.String()
}

func (r *Report) late(t *strings.Builder) {
	t.WriteString("\n## How late\n\nFrom the 202 to the screen of clients that stay on one instance, for what was accepted from the fault until the next one, in ms: p50 / p99 / longest (how many).\n\n| at | fault | process | all healthy after | same instance | cross instance | critical |\n|---|---|---|---|---|---|---|\n")
	for _, w := range r.Windows {
		fmt.Fprintf(t, "| %s | %s | %s | %s |", w.At.Round(100*time.Millisecond), w.Fault, w.Target, w.Healed.Round(10*time.Millisecond))
		for _, class := range []string{sameInstance, crossInstance, critical} {
			l := w.Late[class]
			fmt.Fprintf(t, " %.1f / %.0f / %.0f (%d) |", ms(l.P50), ms(l.P99), ms(l.Max), l.Count)
		}
		t.WriteString("\n")
	}
}

// dark is there only where a master of Redis was replaced.
func (r *Report) dark(t *strings.Builder) {
	if !slices.ContainsFunc(r.Windows, func(w Window) bool { return w.Dark.Promoted > 0 }) {
		return
	}
	fmt.Fprintf(t, "\n## A new master of Redis\n\nThe replicas are asked each %v whether one of them has become master. Of what was accepted on one instance and shown on another one, in ms after that moment: when the first one was shown that was accepted after it, and the last one that was overdue (shown over %v after its 202, whenever that was); then p50 / p99 / longest (how many) of what was accepted after it. Critical: p99 / longest of the whole window.\n\n| at | fault | promoted after | first shown | last overdue shown | overdue | accepted after it | critical |\n|---|---|---|---|---|---|---|---|\n", glance, overdue)
	for _, w := range r.Windows {
		d, c := w.Dark, w.Late[critical]
		if d.Promoted == 0 {
			continue
		}
		fmt.Fprintf(t, "| %s | %s (%s) | %.0f | %.0f | %.0f | %d | %.1f / %.0f / %.0f (%d) | %.0f / %.0f |\n", w.At.Round(100*time.Millisecond), w.Fault, w.Target,
			ms(d.Promoted), ms(d.First), ms(d.Last), d.Overdue, ms(d.After.P50), ms(d.After.P99), ms(d.After.Max), d.After.Count, ms(c.P99), ms(c.Max))
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
