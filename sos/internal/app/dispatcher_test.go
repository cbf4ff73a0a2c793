package app_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/sos/internal/domain"
)

var errDown = errors.New("the notification service is down")

func TestAnAlarmIsHandedOverAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{}, &tally{}
		h.dispatch(p, c)
		h.trust("ann", "mum", "ben")
		h.press("ann", "k")
		synctest.Wait()
		delivered, _, _, longest := c.seen()
		if alerts, most, _ := p.counted(); alerts != 2 || most != 1 || delivered != 2 || longest != 0 {
			t.Errorf("%d alerts, at most %d copies, %d counted, the slowest after %v", alerts, most, delivered, longest)
		}
	})
}

func TestAlarmsWaitForAReceiverThatIsAwayAndGoOutWhenItReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{}, &tally{}
		p.Fail(errDown)
		h.dispatch(p, c)
		for i := range 30 {
			owner := fmt.Sprint("owner", i)
			h.trust(owner, "mum")
			h.press(owner, "k")
		}
		pass(time.Minute)
		if offered := p.Offered(); offered < 20 || offered > 400 {
			t.Errorf("tried %d times in a minute", offered)
		}
		p.Fail(nil)
		pass(2 * time.Second)
		synctest.Wait()
		if alerts, most, _ := p.counted(); alerts != 30 || most != 1 {
			t.Errorf("two seconds after its return %d of 30 alerts have arrived, at most %d times", alerts, most)
		}
		if _, _, retried, longest := c.seen(); retried == 0 || longest < time.Minute {
			t.Errorf("%d retries counted, the slowest alert after %v", retried, longest)
		}
	})
}

func TestAnAlertThatIsRefusedIsPutAsideAndTheOthersGoOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{}, &tally{}
		p.Refuse(func(a domain.Alert) bool { return a.Recipient == "mum" && a.Kind == domain.AlertTriggered })
		h.trust("ann", "mum", "ben", "eve", "joe", "pat")
		ticket := h.press("ann", "k")
		h.dispatch(p, c)
		synctest.Wait()
		_, parked, _, _ := c.seen()
		if alerts, most, _ := p.counted(); alerts != 4 || most != 1 || parked != 1 {
			t.Errorf("%d of 4 alerts have arrived, at most %d times, %d parked", alerts, most, parked)
		}
		if _, err := h.Resolve(t.Context(), domain.Caller{User: "ann"}, ticket.ID, domain.Safe, "", ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if alerts, _, _ := p.counted(); alerts != 9 {
			t.Errorf("%d alerts have arrived; the one after the refused one is missing", alerts)
		}
	})
}

func TestAlertsOfATicketReachEachPersonInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{}, &tally{}
		h.trust("ann", "mum", "ben")
		h.dispatch(p, c)
		p.Fail(errDown)
		for i := range 5 {
			ticket := h.press("ann", fmt.Sprint("k", i))
			pass(time.Duration(i) * 700 * time.Millisecond)
			p.Fail([]error{nil, errDown}[i%2])
			if _, err := h.Acknowledge(t.Context(), domain.Caller{User: "mum"}, ticket.ID, ""); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Cancel(t.Context(), domain.Caller{User: "ann"}, ticket.ID, "", ""); err != nil {
				t.Fatal(err)
			}
		}
		p.Fail(nil)
		pass(3 * time.Second)
		synctest.Wait()
		// Each of five tickets: two alarms, two that mum knows, two false alarms.
		if alerts, most, broken := p.counted(); alerts != 30 || most != 1 || len(broken) > 0 {
			t.Errorf("%d of 30 alerts, at most %d times, out of order: %v", alerts, most, broken)
		}
	})
}

func TestWhatADeadProcessHadInItsHandsIsSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{}, &tally{}
		h.trust("ann", "mum")
		h.press("ann", "k")
		// A process claims the alert and dies before it has sent it.
		if claim, err := h.store.Claim(t.Context(), 10, 5*time.Second); err != nil || len(claim.Deliveries) != 1 {
			t.Fatalf("%d claimed (%v)", len(claim.Deliveries), err)
		}
		h.dispatch(p, c)
		pass(4 * time.Second)
		if alerts, _, _ := p.counted(); alerts != 0 {
			t.Fatal("sent while the lease was running")
		}
		pass(1500 * time.Millisecond)
		if alerts, most, _ := p.counted(); alerts != 1 || most != 1 {
			t.Errorf("%d alerts, at most %d times, after the lease", alerts, most)
		}
	})
}

func TestManyDispatchersSendEachAlertOnce(t *testing.T) {
	t.Parallel()
	h, p, c := newHouse(t, nil), &postman{}, &tally{}
	for range 4 {
		h.dispatch(p, c)
	}
	for i := range 100 {
		owner := fmt.Sprint("owner", i)
		h.trust(owner, "mum", "ben", "eve")
		h.press(owner, "k")
	}
	eventually.True(t, "300 alerts are sent", func() bool {
		alerts, most, _ := p.counted()
		if most > 1 {
			t.Fatalf("an alert was sent %d times", most)
		}
		return alerts == 300
	})
}

func TestAReceiverThatDoesNotAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{slow: time.Hour}, &tally{}
		h.trust("ann", "mum")
		h.press("ann", "k")
		h.dispatch(p, c)
		pass(2100 * time.Millisecond)
		if _, _, retried, _ := c.seen(); retried == 0 {
			t.Error("still waiting after more than two seconds")
		}
	})
}

func TestStoppingFinishesWhatIsInHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{slow: time.Second}, &tally{}
		h.trust("ann", "mum")
		h.press("ann", "k")
		stop := h.dispatch(p, c)
		synctest.Wait()
		stop()
		delivered, _, _, _ := c.seen()
		if alerts, _, _ := p.counted(); alerts != 1 || delivered != 1 {
			t.Errorf("%d alerts sent, %d settled", alerts, delivered)
		}
		if claim, err := h.store.Claim(t.Context(), 10, time.Second); err != nil || len(claim.Deliveries) > 0 {
			t.Errorf("%d alerts are still open (%v)", len(claim.Deliveries), err)
		}
	})
}

func TestADatabaseThatIsAwayCostsADelayAndNoAlarm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{}, &tally{}
		h.trust("ann", "mum")
		h.press("ann", "k")
		h.store.SetAway(true)
		h.dispatch(p, c)
		pass(10 * time.Second)
		h.store.SetAway(false)
		pass(300 * time.Millisecond)
		synctest.Wait()
		if alerts, _, _ := p.counted(); alerts != 1 {
			t.Errorf("%d alerts", alerts)
		}
	})
}
