package sostest

import (
	"fmt"

	"github.com/loveapp/backend/shared/eventually"
)

// Shown is what those who follow a ticket were shown.
type Shown struct {
	TicketID  string
	Event     string // as in the room: location, status, acknowledged or comment
	Status    string // of the ticket then
	Kind      string // of the timeline's event; "" for a place on the way
	Longitude float64
	HasPlace  bool
}

// AwaitShown waits until ready is content with what was shown and which rooms
// were closed.
func (s *SOS) AwaitShown(ready func(shown []Shown, closed []string) bool) {
	s.tb.Helper()
	eventually.True(s.tb, "those who follow are shown it", func() bool { return ready(s.shown()) }, func() string {
		shown, closed := s.shown()
		return fmt.Sprintf("shown %+v, closed %v", shown, closed)
	})
}

func (s *SOS) shown() (shown []Shown, closed []string) {
	for _, e := range s.rooms.Shown() {
		one := Shown{TicketID: string(e.Ticket), Event: string(e.Kind), Status: string(e.Status), Kind: string(e.Event.Kind)}
		if e.Place != nil {
			one.Longitude, one.HasPlace = e.Place.Longitude, true
		}
		shown = append(shown, one)
	}
	for _, id := range s.rooms.Closed() {
		closed = append(closed, string(id))
	}
	return shown, closed
}

// FailRooms makes showing anything fail; nil ends that.
func (s *SOS) FailRooms(err error) { s.rooms.Fail(err) }

// PutOut is who was put out of a room that stayed open: ticket, a space, user.
func (s *SOS) PutOut() []string { return s.rooms.PutOut() }
