package app

import (
	"log/slog"
	"strconv"
	"testing"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

type noRooms struct{ ports.Rooms }

func TestWhatWaitsToBeShownIsBoundedAndOfPlacesTheNewest(t *testing.T) {
	t.Parallel()
	l, err := NewLive(noRooms{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		l.show(domain.LiveEvent{Ticket: "t", Kind: domain.LiveLocation, Key: strconv.Itoa(i)})
	}
	l.show(domain.LiveEvent{Ticket: "t", Kind: domain.LiveStatus, Status: domain.Resolved})
	id, events, ended, found := l.take()
	if id != "t" || len(events) != 2 || events[0].Key != "99" || !ended || !found {
		t.Errorf("%s: %d events, the first %q, ended %v", id, len(events), events[0].Key, ended)
	}
	for i := range 100 {
		l.show(domain.LiveEvent{Ticket: "t", Kind: domain.LiveComment, Key: strconv.Itoa(i)})
	}
	if _, _, _, found := l.take(); found {
		t.Error("a ticket is in two hands")
	}
	l.putBack("t")
	if _, events, _, _ := l.take(); len(events) != liveWaiting || events[liveWaiting-1].Key != "99" {
		t.Errorf("%d events wait", len(events))
	}
	l.putBack("t")
	for i := range liveTickets + 10 {
		l.show(domain.LiveEvent{Ticket: domain.TicketID(strconv.Itoa(i)), Kind: domain.LiveStatus})
	}
	if len(l.waiting) != liveTickets || l.dropped != 10 {
		t.Errorf("%d tickets wait, %d events were dropped", len(l.waiting), l.dropped)
	}
}
