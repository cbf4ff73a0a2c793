package portstest

import (
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/idgen"
)

func newRoom() domain.Room { return domain.Room("sos:" + idgen.NewV7()) }

func occupy(t *testing.T, r ports.Registry, room domain.Room, by domain.InstanceID, ttl time.Duration) {
	t.Helper()
	if err := r.Occupy(t.Context(), room, by, ttl); err != nil {
		t.Fatalf("occupy: %v", err)
	}
}

func occupants(t *testing.T, r ports.Registry, rooms ...domain.Room) map[domain.Room][]domain.InstanceID {
	t.Helper()
	found, err := r.Occupants(t.Context(), rooms)
	if err != nil {
		t.Fatalf("occupants: %v", err)
	}
	for _, instances := range found {
		slices.Sort(instances)
	}
	return found
}

func roomsAreOccupied(t *testing.T, r ports.Registry) {
	one, other := newInstance(), newInstance() // in order of their ids
	both, single, empty := newRoom(), newRoom(), newRoom()
	occupy(t, r, both, one, long)
	occupy(t, r, both, other, long)
	occupy(t, r, both, one, long) // again is nothing new
	occupy(t, r, single, other, long)
	found := occupants(t, r, both, empty, single)
	if len(found) != 2 || !slices.Equal(found[both], []domain.InstanceID{one, other}) || !slices.Equal(found[single], []domain.InstanceID{other}) {
		t.Errorf("found %v", found)
	}
	if found := occupants(t, r); len(found) != 0 {
		t.Errorf("asking for none: %v", found)
	}
}

func occupationEnds(t *testing.T, r ports.Registry) {
	room, dead, living := newRoom(), newInstance(), newInstance()
	occupy(t, r, room, dead, 50*time.Millisecond)
	eventually.True(t, "its time is over", func() bool { return len(occupants(t, r, room)) == 0 })
	occupy(t, r, room, dead, 50*time.Millisecond)
	occupy(t, r, room, living, long)
	eventually.True(t, "the dead one is gone once the living one has said again that it is there", func() bool {
		occupy(t, r, room, living, long)
		return slices.Equal(occupants(t, r, room)[room], []domain.InstanceID{living})
	})
}

// Doorkeeper is an owner under test and what it is told by its own service.
type Doorkeeper struct {
	ports.Owner

	Let func(room domain.Room, user domain.UserID)
	// Away makes the owner's service unreachable, and back again.
	Away func(away bool)
}

// Owner tests an adapter of ports.Owner.
func Owner(t *testing.T, open func(*testing.T) Doorkeeper) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, Doorkeeper){
		"who may listen is admitted, and nobody else": admission,
		"an owner who is away has said nothing":       ownerAway,
	})
}

func admits(t *testing.T, d Doorkeeper, room domain.Room, user domain.UserID) bool {
	t.Helper()
	admitted, err := d.Admits(t.Context(), room, domain.Principal{User: user, Role: "USER"})
	if err != nil {
		t.Fatalf("admits: %v", err)
	}
	return admitted
}

func admission(t *testing.T, d Doorkeeper) {
	room, ana, eve := newRoom(), newUser(), newUser()
	d.Let(room, ana)
	if !admits(t, d, room, ana) {
		t.Error("ana is not admitted")
	}
	if admits(t, d, room, eve) || admits(t, d, newRoom(), ana) {
		t.Error("somebody is admitted who may not listen")
	}
}

func ownerAway(t *testing.T, d Doorkeeper) {
	room, ana := newRoom(), newUser()
	d.Let(room, ana)
	d.Away(true)
	for range 20 {
		began := time.Now()
		admitted, err := d.Admits(t.Context(), room, domain.Principal{User: ana})
		if f := fault.From(err); admitted || f == nil || f.Kind != fault.Unavailable || f.Code != domain.ErrRoomUnknown.Code {
			t.Fatalf("while it is away: %t, %v", admitted, err)
		}
		if took := time.Since(began); took > patience/2 {
			t.Fatalf("the answer took %s", took)
		}
	}
	d.Away(false)
	eventually.True(t, "it is asked again", func() bool {
		admitted, err := d.Admits(t.Context(), room, domain.Principal{User: ana})
		return admitted && err == nil
	})
}
