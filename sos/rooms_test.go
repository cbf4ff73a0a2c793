package sos_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/sos/sostest"
)

// doorkeeper asks sos who may listen, as the notification service does.
type doorkeeper struct {
	person
	s *sostest.SOS
}

func newDoorkeeper(t *testing.T, s *sostest.SOS, service string) doorkeeper {
	t.Helper()
	keys, err := servicetoken.New(servicetoken.Config{Secret: s.InternalSecret, Now: s.Now})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := keys.Sign(service, servicetoken.SOS)
	if err != nil {
		t.Fatal(err)
	}
	return doorkeeper{person{tb: t, url: s.URL, proof: "Bearer " + raw}, s}
}

func (d doorkeeper) ask(room string, who person, role string) answer {
	d.tb.Helper()
	return d.post("/internal/rooms/authorize", `{"room":"`+room+`","userId":"`+who.id+`","role":"`+role+`"}`)
}

func (d doorkeeper) admits(ticket string, who person, role string) {
	d.tb.Helper()
	d.ask(event.SOSRoom+ticket, who, role).is(http.StatusNoContent)
}

func (d doorkeeper) refuses(ticket string, who person, role string) {
	d.tb.Helper()
	d.ask(event.SOSRoom+ticket, who, role).refused(http.StatusNotFound, event.RoomNotFound)
}

func TestTheRoomOfATicketIsOpenToThoseWhoSeeIt(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum, eve, staff := newPerson(t, s, "Ann"), newPerson(t, s, ""), newPerson(t, s, ""), newStaff(t, s)
	ann.trusts(mum, "Mum")
	door := newDoorkeeper(t, s, servicetoken.Notification)
	ticket := ann.opened(`{}`)
	door.admits(ticket, ann, "USER")
	door.admits(ticket, mum, "USER")
	door.admits(ticket, staff, "ADMIN")
	door.refuses(ticket, eve, "USER")
	door.refuses(ticket, staff, "VOLUNTEER")
	door.refuses(ticket, person{}, "USER")
	door.refuses(idgen.NewV7(), ann, "USER")
}

func TestContactsListenFromTheAlarmOn(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	door := newDoorkeeper(t, s, servicetoken.Notification)
	ticket := ann.opened(`{"countdownSeconds":10}`)
	door.admits(ticket, ann, "USER")
	door.refuses(ticket, mum, "USER")
	ann.command(ticket, "send-now").is(http.StatusOK)
	door.admits(ticket, mum, "USER")
}

func TestAClosedTicketHasNoRoom(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"cancel", "resolve"} {
		s := sostest.Start(t, sostest.Options{})
		ann, staff := newPerson(t, s, "Ann"), newStaff(t, s)
		door := newDoorkeeper(t, s, servicetoken.Notification)
		ticket := ann.opened(`{}`)
		ann.post("/v1/sos/tickets/"+ticket+"/"+end, `{"outcome":"safe"}`).is(http.StatusOK)
		door.refuses(ticket, ann, "USER")
		door.refuses(ticket, staff, "ADMIN")
		ann.command(ticket, "reopen").is(http.StatusOK)
		door.admits(ticket, ann, "USER")
	}
}

func TestOnlyNotificationAsksAboutRooms(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	ticket := ann.opened(`{}`)
	newDoorkeeper(t, s, servicetoken.Auth).ask(event.SOSRoom+ticket, ann, "USER").refused(http.StatusForbidden, "forbidden")
	ann.post("/internal/rooms/authorize", `{}`).refused(http.StatusUnauthorized, "unauthenticated")
	ann.with("").post("/internal/rooms/authorize", `{}`).refused(http.StatusUnauthorized, "unauthenticated")
}

func TestRoomsThatAreNoneAreNotFound(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	door := newDoorkeeper(t, s, servicetoken.Notification)
	ticket := ann.opened(`{}`)
	for _, room := range []string{"", "sos:", ticket, "topic:" + ticket, event.SOSRoom + strings.ToUpper(ticket), event.SOSRoom + "{" + ticket + "}", event.SOSRoom + "x", strings.Repeat("s", 1000)} {
		door.ask(room, ann, "USER").refused(http.StatusNotFound, event.RoomNotFound)
	}
	door.post("/internal/rooms/authorize", `{"room":1}`).refused(http.StatusUnprocessableEntity, "validation_failed")
	door.post("/internal/rooms/authorize", `{"room"`).refused(http.StatusBadRequest, "malformed_json")
}

func TestWhereTheDataIsAwayNobodyIsRefusedForGood(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	door := newDoorkeeper(t, s, servicetoken.Notification)
	ticket := ann.opened(`{}`)
	s.SetDatabaseAway(true)
	door.ask(event.SOSRoom+ticket, ann, "USER").refused(http.StatusServiceUnavailable, "unavailable")
	s.SetDatabaseAway(false)
	door.admits(ticket, ann, "USER")
}
