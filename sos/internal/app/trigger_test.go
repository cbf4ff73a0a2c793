package app_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func TestACallForHelpOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the phone's network has gone
	result, err := h.Trigger(ctx, "k", domain.Press{Reporter: "ann"})
	if err != nil || result.Ticket.Status != domain.Pending {
		t.Errorf("%+v (%v)", result.Ticket, err)
	}
}

// stuck is a database that accepts a press and never answers.
type stuck struct{ ports.Tickets }

func (stuck) Press(ctx context.Context, _ ports.PressAddress, _ func(domain.Desk) (*domain.Case, bool, error)) (domain.Case, error) {
	<-ctx.Done()
	return domain.Case{}, ctx.Err()
}

func TestAPressBehindOneThatHangsSaysWhatToDial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, stuck{})
		begun := time.Now()
		answers := make(chan error)
		for range 3 {
			go func() {
				_, err := h.Trigger(t.Context(), "k", domain.Press{Reporter: "ann"})
				answers <- err
			}()
		}
		for range 3 {
			err := <-answers
			e := fault.From(err)
			fallback, _ := e.Extra["fallback"].(map[string]string)
			if e.Kind != fault.Unavailable || fallback["tel"] != "112" || fallback["smsText"] == "" || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("answered %v with %v", err, e.Extra)
			}
		}
		if took := time.Since(begun); took > 4500*time.Millisecond {
			t.Errorf("the answers took %v, and a phone waits for five seconds", took)
		}
	})
}

func TestAKeyThatIsMissingMakesANewTicketEachTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	first := h.press("ann", "")
	if _, err := h.Cancel(t.Context(), domain.Caller{User: "ann"}, first.ID, "", ""); err != nil {
		t.Fatal(err)
	}
	if second := h.press("ann", ""); second.ID == first.ID {
		t.Error("two presses without a key are one")
	}
}

func TestTheTicketsIdFollowsFromWhoPressedAndTheKey(t *testing.T) {
	t.Parallel()
	one, other := newHouse(t, nil), newHouse(t, nil) // a failover lost everything
	if a, b := one.press("ann", "k"), other.press("ann", "k"); a.ID != b.ID {
		t.Errorf("%s and %s", a.ID, b.ID)
	}
	if a, b := one.press("ann", "k"), one.press("ben", "k"); a.ID == b.ID {
		t.Error("two people have one ticket")
	}
}
