package portstest

import (
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Theatre is rooms and what their service has seen.
type Theatre struct {
	ports.Rooms
	// Fail makes the service unable to take anything, or able again.
	Fail func(failing bool)
	// Shown is how many different events it has shown, Closed how many rooms it has closed.
	Shown, Closed func() int
}

// RunRooms holds an adapter to the contract of rooms.
func RunRooms(t *testing.T, open func(t *testing.T) Theatre) {
	t.Helper()
	show := func(key string) domain.LiveEvent {
		return domain.LiveEvent{Ticket: "01900000-0000-7000-8000-000000000001", Kind: domain.LiveStatus, Key: key, At: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), Status: domain.Pending}
	}
	for name, test := range map[string]func(*testing.T, Theatre){
		"an event is shown once": func(t *testing.T, r Theatre) {
			for _, key := range []string{"1", "2", "1"} {
				if err := r.Tell(t.Context(), show(key)); err != nil {
					t.Fatal(err)
				}
			}
			if n := r.Shown(); n != 2 {
				t.Errorf("%d were shown", n)
			}
		},
		"a failure is told, and passes": func(t *testing.T, r Theatre) {
			r.Fail(true)
			if r.Tell(t.Context(), show("1")) == nil || r.CloseRoom(t.Context(), show("1").Ticket) == nil {
				t.Error("nobody has said that it failed")
			}
			r.Fail(false)
			if err := r.Tell(t.Context(), show("1")); err != nil || r.Shown() != 1 {
				t.Errorf("afterwards: %v", err)
			}
		},
		"a room is closed": func(t *testing.T, r Theatre) {
			if err := r.CloseRoom(t.Context(), show("1").Ticket); err != nil || r.Closed() != 1 {
				t.Errorf("%d closed (%v)", r.Closed(), err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}
