package portstest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Receiver is a notifier and the service behind it, whose behaviour the suite sets.
type Receiver struct {
	ports.Notifier
	// Fail makes the service unable to take anything, or able again.
	Fail func(failing bool)
	// Refuse makes the service refuse what is for the recipient; "" ends that.
	Refuse func(recipient domain.UserID)
	// Taken is how many different alerts the service has.
	Taken func() int
}

// RunNotifier holds a notifier to its contract.
func RunNotifier(t *testing.T, open func(t *testing.T) Receiver) {
	t.Helper()
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	alert := func(seq int, to domain.UserID) domain.Alert {
		return domain.Alert{TicketID: domain.TicketID("01900000-0000-7000-8000-000000000001"), Seq: seq, Recipient: to, Kind: domain.AlertTriggered, At: at}
	}
	for name, test := range map[string]func(*testing.T, Receiver){
		"alerts are taken, a repeat once": func(t *testing.T, r Receiver) {
			for range 2 {
				if err := r.Notify(t.Context(), []domain.Alert{alert(2, "mum"), alert(2, "ben"), alert(3, "mum")}); err != nil {
					t.Fatal(err)
				}
			}
			if n := r.Taken(); n != 3 {
				t.Errorf("%d alerts were taken", n)
			}
		},
		"one that is refused is refused with its batch": func(t *testing.T, r Receiver) {
			r.Refuse("ben")
			mustFail(t, r.Notify(t.Context(), []domain.Alert{alert(2, "mum"), alert(2, "ben")}), ports.ErrRefused)
			if n := r.Taken(); n != 0 {
				t.Errorf("%d alerts were taken", n)
			}
			if err := r.Notify(t.Context(), []domain.Alert{alert(2, "mum")}); err != nil || r.Taken() != 1 {
				t.Errorf("without it: %v", err)
			}
		},
		"a failure is no refusal, and passes": func(t *testing.T, r Receiver) {
			r.Fail(true)
			if err := r.Notify(t.Context(), []domain.Alert{alert(2, "mum")}); err == nil || errors.Is(err, ports.ErrRefused) {
				t.Errorf("got %v", err)
			}
			r.Fail(false)
			if err := r.Notify(t.Context(), []domain.Alert{alert(2, "mum")}); err != nil || r.Taken() != 1 {
				t.Errorf("afterwards: %v", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// RunDirectory holds a directory to its contract. In the one that open gives,
// "ann" is called Ann Archer, "ben" has no name, and there is nobody else; Ann has
// verified a@example.com and not her number, Ben nothing.
func RunDirectory(t *testing.T, open func(t *testing.T) ports.Directory) {
	t.Helper()
	d := open(t)
	for id, want := range map[domain.UserID]string{"ann": "Ann Archer", "ben": ""} {
		if name, err := d.Name(t.Context(), id); name != want || err != nil {
			t.Errorf("%s is called %q (%v)", id, name, err)
		}
	}
	_, err := d.Name(t.Context(), "somebody/else?")
	mustFail(t, err, ports.ErrUnknownPerson)
	for id, want := range map[domain.UserID]domain.Addresses{"ann": {Email: "a@example.com"}, "ben": {}} {
		if at, err := d.Addresses(t.Context(), id); at != want || err != nil {
			t.Errorf("%s has verified %+v (%v)", id, at, err)
		}
	}
	_, err = d.Addresses(t.Context(), "somebody/else?")
	mustFail(t, err, ports.ErrUnknownPerson)
	for at, want := range map[domain.Addresses][]domain.UserID{
		{Email: "A@Example.com"}: {"ann"}, {Email: "a@example.com", Phone: "+33612345678"}: {"ann"},
		{Phone: "+4915112345678"}: nil, {Email: "b@example.com"}: nil, {}: nil,
	} {
		if holders, err := d.Holders(t.Context(), at); !slices.Equal(holders, want) || err != nil {
			t.Errorf("%+v is verified by %v (%v)", at, holders, err)
		}
	}
}

// RunRoster holds a roster to its contract. In the one that open gives, the
// staff are "desk" and "night".
func RunRoster(t *testing.T, open func(t *testing.T) ports.Roster) {
	t.Helper()
	r := open(t)
	for limit, want := range map[int][]domain.UserID{10: {"desk", "night"}, 1: {"desk"}} {
		if staff, err := r.Staff(t.Context(), limit); err != nil || !slices.Equal(staff, want) {
			t.Errorf("up to %d: %v (%v)", limit, staff, err)
		}
	}
}
