package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/idgen"
)

func newRoom() string { return "sos:" + idgen.NewV7() }

func (w *world) let(room string, user domain.UserID, in bool) {
	w.owner.Let(domain.Room(room), user, in)
}

func happening(room, name, id string) domain.Event {
	return domain.Event{ID: id, Room: domain.Room(room), Name: name, At: time.Now(), Data: json.RawMessage(`{}`)}
}

func (i *instance) happen(room, id string) {
	i.tb.Helper()
	if err := i.Happen(happening(room, "comment", id)); err != nil {
		i.tb.Fatalf("happen: %v", err)
	}
}

func (i *instance) closeRoom(room string, users ...string) {
	i.tb.Helper()
	if err := i.CloseRoom(room, users); err != nil {
		i.tb.Fatalf("close: %v", err)
	}
}

func (d *device) join(t *testing.T, room string) {
	t.Helper()
	if err := d.session.Join(t.Context(), room); err != nil {
		t.Fatalf("join: %v", err)
	}
}

func (d *device) refused(t *testing.T, room string, want error) {
	t.Helper()
	if err := d.session.Join(t.Context(), room); !errors.Is(err, want) {
		t.Errorf("joining %.60s: %v, want %v", room, err, want)
	}
}

func TestEventsReachTheMembersOfARoomOnEveryInstance(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, other := w.start(t, quick()), w.start(t, quick())
	room, elsewhere, ana, ben, eve := newRoom(), newRoom(), newUser(), newUser(), newUser()
	w.let(room, ana, true)
	w.let(room, ben, true)
	w.let(elsewhere, eve, true)
	here, there, stranger := one.connect(ana), other.connect(ben), other.connect(eve)
	here.join(t, room)
	there.join(t, room)
	stranger.refused(t, room, domain.ErrRoomNotFound)
	stranger.join(t, elsewhere)
	for n, at := range []*instance{one, other, one} {
		at.happen(room, fmt.Sprint(n))
		for _, d := range []*device{here, there} {
			d.expect(t, "connected:0 joined"+strings.Join([]string{" comment:0", " comment:1", " comment:2"}[:n+1], ""))
		}
	}
	if got := stranger.told(); got != "connected:0 joined" {
		t.Errorf("the stranger was told %s", got)
	}
}

func TestAnEventThatIsSentAgainIsPassedOnOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, other := w.start(t, quick()), w.start(t, quick())
	room, ana := newRoom(), newUser()
	w.let(room, ana, true)
	here, there := one.connect(ana), other.connect(ana)
	here.join(t, room)
	there.join(t, room)
	for _, at := range []*instance{one, one, other, other} {
		at.happen(room, "first")
	}
	one.happen(room, "last")
	here.expect(t, "connected:0 joined comment:first comment:last")
	eventually.True(t, "both have come", func() bool { return strings.HasSuffix(there.told(), "comment:last") })
	if got := there.told(); got != "connected:0 joined comment:first comment:last" {
		t.Errorf("told %s", got)
	}
}

func TestClosingARoomPutsEverybodyOutAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, other := w.start(t, quick()), w.start(t, quick())
	room, ana, ben := newRoom(), newUser(), newUser()
	w.let(room, ana, true)
	w.let(room, ben, true)
	here, there := one.connect(ana), other.connect(ben)
	here.join(t, room)
	there.join(t, room)
	there.join(t, "topic:x")
	one.closeRoom(room)
	if got := here.told(); got != "connected:0 joined closed" {
		t.Errorf("told %s", got)
	}
	there.expect(t, "connected:0 joined joined closed")
	one.happen(room, "late")
	one.happen("topic:x", "marker")
	there.expect(t, "connected:0 joined joined closed comment:marker")
	w.let(room, ana, false)
	here.refused(t, room, domain.ErrRoomNotFound)
	there.join(t, room) // whom the owner still admits may come back
	one.happen(room, "later")
	there.expect(t, "connected:0 joined joined closed comment:marker joined comment:later")
}

func TestAClosingMayConcernSomeOnly(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	room, ana, ben := newRoom(), newUser(), newUser()
	w.let(room, ana, true)
	w.let(room, ben, true)
	stays, goes := one.connect(ana), one.connect(ben)
	stays.join(t, room)
	goes.join(t, room)
	one.closeRoom(room, string(ben))
	one.happen(room, "after")
	stays.expect(t, "connected:0 joined comment:after")
	if got := goes.told(); got != "connected:0 joined closed" {
		t.Errorf("told %s", got)
	}
}

func TestARoomThatIsClosedWhileItsOwnerIsAskedIsNotJoined(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	room, ana := newRoom(), newUser()
	w.let(room, ana, true)
	d := one.connect(ana)
	w.owner.While(func() { one.closeRoom(room) }) // the answer was given before, and is yes
	d.refused(t, room, domain.ErrRoomNotFound)
	w.owner.While(nil)
	one.happen(room, "x")
	if got := d.told(); got != "connected:0" {
		t.Errorf("told %s", got)
	}
	d.join(t, room)
}

func TestWithoutRedisRoomsStillWorkAcrossInstances(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, other := w.start(t, quick()), w.start(t, quick())
	w.registry.Outage.Begin()
	w.bus.Begin()
	room, ana := newRoom(), newUser()
	w.let(room, ana, true)
	there := other.connect(ana)
	there.join(t, room)
	one.happen(room, "1")
	there.expect(t, "connected:0 joined comment:1")
	one.closeRoom(room)
	there.expect(t, "connected:0 joined comment:1 closed")
}

func TestWhileTheOwnerIsAwayNobodyJoinsAndNobodyIsPutOut(t *testing.T) {
	t.Parallel()
	w := newWorld()
	pace := quick()
	pace.Recheck = 5 * time.Millisecond
	one := w.start(t, pace)
	room, ana := newRoom(), newUser()
	w.let(room, ana, true)
	in, out := one.connect(ana), one.connect(ana)
	in.join(t, room)
	w.owner.Begin()
	out.refused(t, room, domain.ErrRoomUnknown)
	asked := w.owner.Asked()
	eventually.True(t, "members are checked", func() bool { return w.owner.Asked() > asked+3 })
	one.happen(room, "x")
	in.expect(t, "connected:0 joined comment:x")
	w.owner.End()
	out.join(t, room)
}

func TestWhomTheOwnerNoLongerAdmitsIsPutOut(t *testing.T) {
	t.Parallel()
	w := newWorld()
	pace := quick()
	pace.Recheck = 5 * time.Millisecond
	one := w.start(t, pace)
	room, ana, ben := newRoom(), newUser(), newUser()
	w.let(room, ana, true)
	w.let(room, ben, true)
	goes, stays := one.connect(ana), one.connect(ben)
	goes.join(t, room)
	stays.join(t, room)
	w.let(room, ana, false)
	goes.expect(t, "connected:0 joined closed")
	one.happen(room, "x")
	stays.expect(t, "connected:0 joined comment:x")
}

func TestAnotherRoleIsCheckedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	room, ana := newRoom(), newUser()
	w.let(room, ana, true)
	d := one.connect(ana)
	d.join(t, room)
	w.let(room, ana, false)
	p := d.principal
	p.Role = "ADMIN"
	if !d.session.Refresh(p) {
		t.Fatal("the token is refused")
	}
	d.expect(t, "connected:0 joined closed")
}

func TestWhoLeavesHearsNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	room, ana := newRoom(), newUser()
	w.let(room, ana, true)
	d := one.connect(ana)
	d.join(t, room)
	d.join(t, room) // again is nothing new
	for range 2 {
		if err := d.session.Leave(room); err != nil {
			t.Fatal(err)
		}
	}
	one.happen(room, "x")
	d.expect(t, "connected:0 joined joined left left")
	if err := d.session.Leave("nothing"); !errors.Is(err, domain.ErrRoomNotFound) {
		t.Errorf("leaving what is no room: %v", err)
	}
}

func TestTopicsAreOpenToEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	d := one.connect(newUser())
	w.owner.Begin() // nobody is asked
	d.join(t, "topic:news.de")
	one.happen("topic:news.de", "x")
	d.expect(t, "connected:0 joined comment:x")
}

func TestJoiningIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	d := one.connect(newUser())
	for n := range domain.MaxRooms {
		d.join(t, fmt.Sprint("topic:", n))
	}
	d.refused(t, "topic:one-too-many", domain.ErrRoomLimit)
	if err := d.session.Leave("topic:0"); err != nil {
		t.Fatal(err)
	}
	d.join(t, "topic:another")
	for range 10 * domain.MaxRooms {
		if err := d.session.Join(t.Context(), newRoom()); errors.Is(err, domain.ErrJoinsTooOften) {
			return
		}
	}
	t.Error("it may join as often as it likes")
}

func TestADeviceThatHasGoneIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	room, ana := newRoom(), newUser()
	w.let(room, ana, true)
	d, stays := one.connect(ana), one.connect(ana)
	d.join(t, room)
	stays.join(t, room)
	d.session.Disconnect()
	one.happen(room, "x")
	stays.expect(t, "connected:0 joined comment:x")
	if got := d.told(); got != "connected:0 joined" {
		t.Errorf("told %s", got)
	}
}

func TestRoomsAreOccupiedAgainAfterTheRegistryHasForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, other := w.start(t, quick()), w.start(t, quick())
	room, ana := newRoom(), newUser()
	w.let(room, ana, true)
	there := other.connect(ana)
	there.join(t, room)
	w.registry.Flush()
	eventually.True(t, "the room is occupied", func() bool {
		found, err := w.registry.Occupants(t.Context(), []domain.Room{domain.Room(room)})
		return err == nil && len(found) == 1
	})
	one.happen(room, "x")
	there.expect(t, "connected:0 joined comment:x")
}

func TestWhatHappensIsChecked(t *testing.T) {
	t.Parallel()
	one := newWorld().start(t, quick())
	good := happening(newRoom(), "status", "id")
	for name, spoil := range map[string]func(*domain.Event){
		"room":  func(e *domain.Event) { e.Room = "sos:1" },
		"event": func(e *domain.Event) { e.Name = "Status" },
		"id":    func(e *domain.Event) { e.ID = "a b" },
		"at":    func(e *domain.Event) { e.At = time.Time{} },
		"data":  func(e *domain.Event) { e.Data = json.RawMessage(`[]`) },
	} {
		bad := good
		spoil(&bad)
		if err := one.Happen(bad); err == nil {
			t.Errorf("a wrong %s is taken", name)
		}
	}
	if one.CloseRoom("x", nil) == nil || one.CloseRoom(newRoom(), []string{"x"}) == nil {
		t.Error("a wrong closing is taken")
	}
}

// Whoever comes and goes while rooms are closed: who was told last that they
// are in hears what happens, who was told that they are out hears nothing.
func TestComingAndGoingWhileRoomsAreClosed(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, other := w.start(t, quick()), w.start(t, quick())
	room, ana := newRoom(), newUser()
	w.let(room, ana, true)
	var devices []*device
	for _, at := range []*instance{one, other, one, other} {
		devices = append(devices, at.connect(ana))
	}
	var group sync.WaitGroup
	for _, d := range devices {
		group.Go(func() {
			for n := range 30 {
				err := d.session.Join(t.Context(), room)
				if err != nil && !errors.Is(err, domain.ErrRoomNotFound) {
					t.Error(err)
				}
				if n%3 == 0 {
					_ = d.session.Leave(room)
				}
			}
		})
	}
	group.Go(func() {
		for n := range 30 {
			one.happen(room, fmt.Sprint(n))
			one.closeRoom(room)
		}
	})
	group.Wait()
	one.closeRoom(room)
	for _, d := range devices {
		eventually.True(t, "everybody is out", func() bool {
			told := d.told()
			return !strings.Contains(told, "joined") || strings.LastIndex(told, "joined") < max(strings.LastIndex(told, "closed"), strings.LastIndex(told, "left"))
		})
		in := false
		for word := range strings.FieldsSeq(d.told()) {
			switch {
			case word == "joined":
				in = true
			case word == "left" || word == "closed":
				in = false
			case strings.HasPrefix(word, "comment") && !in:
				t.Fatalf("an event came to who was out: %s", d.told())
			}
		}
	}
}
