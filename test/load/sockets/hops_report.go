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

// reportAcks says what came by text although it was acknowledged by then.
func (l *ladder) reportAcks(out io.Writer, first, last int) {
	l.t.Helper()
	acked, late, mails := 0, []time.Duration{}, 0
	for n := first; n < last; n++ {
		if l.acked[n].IsZero() {
			continue
		}
		acked++
		for _, came := range l.providers.times(n, texted) {
			if d := came.Sub(l.acked[n]); d > 0 {
				late = append(late, d)
			}
		}
		mails += len(l.providers.times(n, mailed))
	}
	slices.Sort(late)
	beyond := 0
	for _, d := range late {
		if d > cancelGoal {
			beyond++
		}
	}
	say(out, "%d acknowledged on another instance, from %s before the text was due to the moment itself\n", acked, ackSpread-ackStep)
	say(out, "  texts that came after the ack had left the phone: %d, the latest %s after it (goal: at most 200 ms; %d beyond); mails: %d\n",
		len(late), ms(quantile(late, 1)), beyond, mails)
	if len(l.failed) > 0 {
		l.t.Errorf("acks that failed: %v", l.failed)
	}
	if mails > 0 && !l.options.hurry { // in a hurry the mail is due before a busy machine gets round to the ack
		l.t.Errorf("%d mails went out long after the ack", mails)
	}
}
