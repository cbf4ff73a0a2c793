package portstest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

func timerTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a countdown ends once, whoever looks":           countdownEndsOnce,
		"a countdown does not end early":                 notEarly,
		"a countdown that was taken back never ends":     takenBack,
		"a countdown whose end failed ends another time": failedEnd,
	}
}

func over(c *domain.Case, now time.Time) error { return c.CountdownOver(now) }

// fire ends one timer that is due.
func (b bench) fire(end func(*domain.Case, time.Time) error) (bool, error) {
	id, err := b.Fire(b.t.Context(), nil, end)
	return id != "", err
}

func (b bench) countdown(d time.Duration) domain.Case {
	b.contact("ann", "mum")
	c, _ := b.press(address("ann"), domain.Press{Countdown: d})
	return c
}

func countdownEndsOnce(t *testing.T, b bench) {
	c := b.countdown(30 * time.Millisecond)
	var fired atomic.Int32
	b.eventually("the countdown ends", func() bool {
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				ended, err := b.fire(over)
				if err != nil {
					t.Error(err)
				}
				if ended {
					fired.Add(1)
				}
			})
		}
		group.Wait()
		return fired.Load() > 0
	})
	if ended, err := b.fire(over); ended || err != nil || fired.Load() != 1 {
		t.Errorf("ended %d times, and again: %v (%v)", fired.Load(), ended, err)
	}
	got, _ := b.Ticket(t.Context(), c.Ticket.ID)
	claim := b.claim(10)
	if got.Ticket.Status != domain.Pending || got.Ticket.CountdownEndsAt != nil || len(claim.Deliveries) != 1 {
		t.Errorf("%s, %d alerts", got.Ticket.Status, len(claim.Deliveries))
	}
}

func notEarly(t *testing.T, b bench) {
	b.countdown(30 * time.Second)
	if ended, err := b.fire(over); ended || err != nil {
		t.Errorf("ended: %v (%v)", ended, err)
	}
}

func takenBack(t *testing.T, b bench) {
	c := b.countdown(20 * time.Millisecond)
	b.update(c.Ticket.ID, cancel)
	ended := func() bool {
		fired, err := b.fire(over)
		return fired || err != nil
	}
	other, _ := b.press(address("eve"), domain.Press{Countdown: 40 * time.Millisecond})
	b.eventually("a later countdown ends", ended)
	if ended() {
		t.Error("a second countdown ended")
	}
	if got, _ := b.Ticket(t.Context(), other.Ticket.ID); got.Ticket.Status != domain.Pending {
		t.Error("it was the cancelled one")
	}
}

func failedEnd(t *testing.T, b bench) {
	c := b.countdown(time.Millisecond)
	refusal := errors.New("no")
	b.eventually("the end is tried", func() bool {
		_, err := b.fire(func(c *domain.Case, now time.Time) error { return errors.Join(over(c, now), refusal) })
		return errors.Is(err, refusal)
	})
	if got, _ := b.Ticket(t.Context(), c.Ticket.ID); got.Ticket.Status != domain.Countdown {
		t.Fatalf("stored: %s", got.Ticket.Status)
	}
	if ended, err := b.fire(over); !ended || err != nil {
		t.Errorf("the second try: %v (%v)", ended, err)
	}
}
