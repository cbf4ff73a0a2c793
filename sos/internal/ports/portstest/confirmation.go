package portstest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
)

// How a standby confirms is tested where there is one.
func confirmationTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a confirmation tells which presses are stored":         confirmStored,
		"a press that joined a ticket is confirmed by itself":   confirmMerged,
		"without a standby nothing is said to be replicated":    confirmLocal,
		"a confirmation that nobody waits for any more is none": confirmTooLate,
		"confirmations at once take turns":                      confirmAtOnce,
		"a change is confirmed where the ticket came as far":    confirmChanges,
	}
}

func (b bench) confirm(presses ...domain.PressID) []domain.PressID {
	b.t.Helper()
	got, err := b.Confirm(b.t.Context(), presses)
	if err != nil {
		b.t.Fatalf("confirm: %v", err)
	}
	slices.Sort(got.Stored)
	return got.Stored
}

func confirmStored(t *testing.T, b bench) {
	one, lost, other := address("ann"), address("ben"), address("eve")
	b.press(one, domain.Press{})
	b.press(other, domain.Press{})
	want := []domain.PressID{one.ID, other.ID}
	slices.Sort(want)
	if diff := cmp.Diff(want, b.confirm(one.ID, lost.ID, other.ID)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]domain.PressID{one.ID}, b.confirm(one.ID)); diff != "" {
		t.Errorf("again:\n%s", diff)
	}
	if found := b.confirm(lost.ID); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

func confirmMerged(t *testing.T, b bench) {
	first, second, lost := address("ann"), address("ann"), address("ann")
	b.press(first, domain.Press{})
	b.press(second, domain.Press{})
	if diff := cmp.Diff([]domain.PressID{second.ID}, b.confirm(second.ID, lost.ID)); diff != "" {
		t.Error(diff)
	}
}

func confirmChanges(t *testing.T, b bench) {
	at := address("ann")
	opened, _ := b.press(at, domain.Press{})
	ended := b.update(opened.Ticket.ID, cancel)
	mark := func(c domain.Case) domain.Change {
		return domain.Change{Ticket: c.Ticket.ID, Version: c.Ticket.Version}
	}
	gone := domain.Change{Ticket: domain.TicketID(address("eve").ID), Version: 1}
	ahead := domain.Change{Ticket: ended.Ticket.ID, Version: ended.Ticket.Version + 1}
	for _, asked := range [][]domain.Change{{mark(opened), mark(ended)}, {ahead, mark(ended), gone, mark(opened)}, {gone}, {}} {
		for _, presses := range [][]domain.PressID{nil, {at.ID}} {
			got, err := b.Confirm(t.Context(), presses, asked...)
			if err != nil || len(got.Stored) != len(presses) {
				t.Fatalf("confirmed %+v (%v)", got, err)
			}
			for _, change := range asked {
				if want := change != gone && change != ahead; slices.Contains(got.Kept, change) != want {
					t.Errorf("of %v kept are %v", asked, got.Kept)
				}
			}
		}
	}
}

func confirmLocal(t *testing.T, b bench) {
	at := address("ann")
	b.press(at, domain.Press{})
	got, err := b.Confirm(t.Context(), []domain.PressID{at.ID})
	has, errHas := b.HasStandbys(t.Context())
	if got.Replicated || has || err != nil || errHas != nil {
		t.Errorf("replicated %v (%v), standbys %v (%v)", got.Replicated, err, has, errHas)
	}
}

func confirmTooLate(t *testing.T, b bench) {
	at := address("ann")
	b.press(at, domain.Press{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	mustFail(t, func() error { _, err := b.Confirm(ctx, []domain.PressID{at.ID}); return err }(), context.Canceled)
}

func confirmAtOnce(t *testing.T, b bench) {
	at := address("ann")
	b.press(at, domain.Press{})
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			if got, err := b.Confirm(t.Context(), []domain.PressID{at.ID}); err != nil || len(got.Stored) != 1 {
				t.Errorf("stored %v (%v)", got.Stored, err)
			}
		})
	}
	group.Wait()
}
