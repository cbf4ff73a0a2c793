package main

import (
	"io"
	"slices"
	"time"
)

// report says how late each step came to those from first up to last.
func (l *ladder) report(out io.Writer, what string, first, last int) {
	l.t.Helper()
	say(out, "%s: %d alarms that nobody acknowledges, %d a second, on %d instances\n", what, last-first, alarmRate, copies)
	for s := range steps {
		var late []time.Duration
		missing, twice, beyond := 0, 0, 0
		for n := first; n < last; n++ {
			came := l.providers.times(n, s)
			if len(came) == 0 {
				missing++
				continue
			}
			if len(came) > 1 {
				twice++
			}
			d := came[0].Sub(l.due(n, s))
			if d > time.Second {
				beyond++
			}
			late = append(late, d)
		}
		slices.Sort(late)
		say(out, "  %-6s p50 %s, p99 %s, max %s late (goal: at most 1 s; %d beyond), %d missing, %d twice\n",
			s, ms(quantile(late, 0.5)), ms(quantile(late, 0.99)), ms(quantile(late, 1)), beyond, missing, twice)
		if missing > 0 {
			l.t.Errorf("%s: %d alarms never came by %s", what, missing, s)
		}
	}
}

// cancelGoal is for an ack, everywhere.
const cancelGoal = 200 * time.Millisecond

// ackFigures are of those who have acknowledged in one way.
type ackFigures struct {
	acked, mails int
	late         []time.Duration // of texts, after the ack
}

func (f *ackFigures) add(l *ladder, n int) {
	f.acked++
	for _, came := range l.providers.times(n, texted) {
		if d := came.Sub(l.acked[n]); d > 0 {
			f.late = append(f.late, d)
		}
	}
	f.mails += len(l.providers.times(n, mailed))
}

// reportAcks says what came by text although it was acknowledged by then.
func (l *ladder) reportAcks(out io.Writer, first, last int) {
	l.t.Helper()
	var by [ways]ackFigures
	all, mails := 0, 0
	for n := first; n < last; n++ {
		if !l.acked[n].IsZero() {
			by[wayOf(n)].add(l, n)
			all++
		}
	}
	say(out, "%d acknowledged on another instance, from %s before the text was due to the moment itself\n", all, ackSpread-ackStep)
	for w, f := range by {
		slices.Sort(f.late)
		beyond := 0
		for _, d := range f.late {
			if d > cancelGoal {
				beyond++
			}
		}
		say(out, "  %s: %d; texts that came after the ack had left the phone: %d, the latest %s after it (goal: at most 200 ms; %d beyond); mails: %d\n",
			way(w), f.acked, len(f.late), ms(quantile(f.late, 1)), beyond, f.mails)
		mails += f.mails
	}
	if len(l.failed) > 0 {
		l.t.Errorf("acks that failed: %v", l.failed)
	}
	if mails > 0 && !l.options.hurry { // in a hurry the mail is due before a busy machine gets round to the ack
		l.t.Errorf("%d mails went out long after the ack", mails)
	}
}
