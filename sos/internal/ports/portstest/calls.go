package portstest

import (
	"errors"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func callTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a call is kept with its ticket, and claimed once":          callClaimed,
		"a call whose lease ends is due again":                      callDueAgain,
		"a call that is postponed waits":                            callPostponed,
		"what is heard of a call changes it and its ticket, or not": callChanged,
	}
}

const callLease = time.Minute

func (b bench) startCall(ticket domain.TicketID) (id domain.CallID) {
	b.t.Helper()
	id = domain.CallID(newID())
	if err := b.StartCall(b.t.Context(), ticket, func(c *domain.Case, known []domain.PlacedCall, now time.Time) (*domain.PlacedCall, error) {
		return c.StartCall(id, domain.Actor{User: "ann", Roles: domain.Reporter}, known, now), nil
	}); err != nil {
		b.t.Fatalf("start a call: %v", err)
	}
	return id
}

func (b bench) claimCalls(lease time.Duration) []ports.ClaimedCall {
	b.t.Helper()
	claimed, err := b.ClaimCalls(b.t.Context(), 10, lease)
	if err != nil {
		b.t.Fatalf("claim calls: %v", err)
	}
	return claimed
}

func callClaimed(t *testing.T, b bench) {
	made, _ := b.press(address("ann"), domain.Press{})
	ticket := made.Ticket.ID
	id := b.startCall(ticket)
	b.startCall(ticket) // none: the first is under way
	claimed := b.claimCalls(callLease)
	if len(claimed) != 1 || claimed[0].ID != id || claimed[0].Ticket != ticket || claimed[0].By != "ann" || claimed[0].State != domain.CallQueued ||
		claimed[0].Attempt != 1 || claimed[0].Age < 0 || claimed[0].Age > time.Minute {
		t.Fatalf("claimed %+v", claimed)
	}
	if again := b.claimCalls(callLease); len(again) != 0 {
		t.Errorf("claimed twice: %+v", again)
	}
	events := b.timeline(ticket)
	if last := events[len(events)-1]; last.Kind != domain.EventCalling || last.Data["callId"] != string(id) {
		t.Errorf("the timeline ends with %+v", last)
	}
	err := b.StartCall(t.Context(), domain.TicketID(newID()), func(*domain.Case, []domain.PlacedCall, time.Time) (*domain.PlacedCall, error) { return nil, nil }) //nolint:nilnil // no call
	mustFail(t, err, domain.ErrTicketNotFound)
}

func callDueAgain(t *testing.T, b bench) {
	made, _ := b.press(address("ann"), domain.Press{})
	id := b.startCall(made.Ticket.ID)
	b.claimCalls(time.Millisecond)
	var again []ports.ClaimedCall
	b.eventually("the lease ends", func() bool { again = b.claimCalls(callLease); return len(again) == 1 })
	if again[0].ID != id || again[0].Attempt != 2 {
		t.Errorf("claimed %+v", again)
	}
}

func callPostponed(t *testing.T, b bench) {
	made, _ := b.press(address("ann"), domain.Press{})
	id := b.startCall(made.Ticket.ID)
	for _, after := range []time.Duration{time.Hour, 0} {
		if err := b.PostponeCall(t.Context(), id, after); err != nil {
			t.Fatal(err)
		}
		if n := len(b.claimCalls(callLease)); (n == 1) != (after == 0) {
			t.Errorf("after %v there are %d", after, n)
		}
	}
}

func callChanged(t *testing.T, b bench) {
	made, _ := b.press(address("ann"), domain.Press{})
	id := b.startCall(made.Ticket.ID)
	hear := func(state domain.CallState) error {
		return b.ChangeCall(t.Context(), id, func(c *domain.Case, call *domain.PlacedCall, now time.Time) error {
			return c.CallHeard(call, domain.CallEvent{Call: id, Provider: "theirs", State: state}, now)
		})
	}
	broken := errors.New("broken")
	mustFail(t, b.ChangeCall(t.Context(), id, func(_ *domain.Case, call *domain.PlacedCall, _ time.Time) error {
		call.State = domain.CallFailed
		return broken
	}), broken)
	for _, state := range []domain.CallState{domain.CallRinging, domain.CallAnswered, domain.CallRinging, domain.CallAnswered} {
		if err := hear(state); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(b.claimCalls(callLease)); n != 0 {
		t.Errorf("%d are still to be placed", n)
	}
	got, err := b.Ticket(t.Context(), made.Ticket.ID)
	if err != nil || got.Ticket.Status != domain.EmergencyCalled {
		t.Errorf("the ticket is %s (%v)", got.Ticket.Status, err)
	}
	dialled := 0
	for _, e := range b.timeline(made.Ticket.ID) {
		if e.Kind == domain.EventDialled {
			dialled++
		}
	}
	if dialled != 1 {
		t.Errorf("it was answered %d times", dialled)
	}
	for _, unknown := range []domain.CallID{domain.CallID(newID()), "no id", ""} {
		mustFail(t, b.ChangeCall(t.Context(), unknown, func(*domain.Case, *domain.PlacedCall, time.Time) error { return nil }), domain.ErrCallNotFound)
	}
}

// Line is a caller and the provider behind it, whose behaviour the suite sets.
type Line struct {
	ports.Caller
	// Fail makes the provider unable to take anything, or able again.
	Fail func(failing bool)
	// Refuse makes the provider refuse whatever it is asked for.
	Refuse func()
	// Placed is how many calls the provider was asked for and took.
	Placed func() int
	// Say is how the provider tells what became of a call, signed by it.
	Say func(call domain.CallID, provider string, state domain.CallState) ports.SignedEvent
}

// RunCaller holds a caller to its contract.
func RunCaller(t *testing.T, open func(t *testing.T) Line) {
	t.Helper()
	order := domain.CallOrder{ID: "01900000-0000-7000-8000-000000000001", Words: "Ann <needs> help & more.", Join: "+4915112345678"}
	for name, test := range map[string]func(*testing.T, Line){
		"a call has the provider's name": func(t *testing.T, l Line) {
			if provider, err := l.Place(t.Context(), order); provider == "" || err != nil || l.Placed() != 1 {
				t.Errorf("%q (%v)", provider, err)
			}
		},
		"a failure is no refusal, and passes": func(t *testing.T, l Line) {
			l.Fail(true)
			if _, err := l.Place(t.Context(), order); err == nil || errors.Is(err, ports.ErrRefused) {
				t.Errorf("got %v", err)
			}
			l.Fail(false)
			if _, err := l.Place(t.Context(), order); err != nil {
				t.Error(err)
			}
		},
		"what is refused is refused for good": func(t *testing.T, l Line) {
			l.Refuse()
			_, err := l.Place(t.Context(), order)
			mustFail(t, err, ports.ErrRefused)
		},
		"what the provider says is read": func(t *testing.T, l Line) {
			for _, state := range []domain.CallState{domain.CallRinging, domain.CallAnswered, domain.CallEnded, domain.CallFailed} {
				want := domain.CallEvent{Call: order.ID, Provider: "CA0123", State: state}
				if got, err := l.Heard(l.Say(order.ID, "CA0123", state)); got != want || err != nil {
					t.Errorf("heard %+v (%v)", got, err)
				}
			}
		},
		"what somebody else says is not": func(t *testing.T, l Line) {
			said := l.Say(order.ID, "CA0123", domain.CallAnswered)
			for _, signature := range []string{"", "no base64", "AAAA", said.Signature + "A"} {
				forged := said
				forged.Signature = signature
				_, err := l.Heard(forged)
				mustFail(t, err, ports.ErrForged)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}
