package portstest

import (
	"testing"
	"time"

	"github.com/loveapp/backend/shared/tracing"
	"github.com/loveapp/backend/sos/internal/domain"
)

const (
	someTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
)

func traceKept(t *testing.T, b bench) {
	b.contact("ann", "mum")
	b.contact("bea", "mum")
	pressed := func(reporter, trace string, countdown time.Duration) {
		t.Helper()
		b.eventually(reporter+" presses", func() bool {
			_, _, err := b.tryPress(tracing.Carry(t.Context(), trace), address(reporter), domain.Press{Countdown: countdown})
			return err == nil
		})
	}
	want := func(what, trace string) {
		t.Helper()
		b.eventually(what, func() bool {
			claim := b.claim(1)
			if len(claim.Deliveries) == 1 && claim.Deliveries[0].Trace != trace {
				t.Errorf("%s: its trace is %q", what, claim.Deliveries[0].Trace)
			}
			return len(claim.Deliveries) == 1
		})
	}
	pressed("ann", someTrace, 0)
	want("an alarm", someTrace)
	pressed("bea", unsampled, 0)
	want("an alarm that nobody follows", "")
	b.contact("cid", "mum")
	pressed("cid", someTrace, time.Millisecond)
	b.eventually("the countdown ends", func() bool {
		ended, err := b.fire(over)
		return ended && err == nil
	})
	want("an alarm after a countdown", someTrace)
}
