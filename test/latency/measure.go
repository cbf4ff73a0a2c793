package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/loveapp/backend/test/world"
)

// arrival is a notification on the contact's socket.
type arrival struct {
	kind, ticketID string
	at             time.Time
	err            error
}

// listen reads the socket on a goroutine of its own, so that an alarm that is
// there before the 201 is seen when it comes. It ends with the socket.
func listen(t world.T, socket *world.Socket) <-chan arrival {
	arrivals := make(chan arrival, 2) // an alarm and its end: a full channel would delay the stamp of the next
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(arrivals)
		for {
			frame, err := socket.Next(world.Patience)
			a := arrival{at: time.Now(), err: err}
			if frame.Notification != nil {
				a.kind, a.ticketID = frame.Notification.Kind(), frame.Notification.TicketID()
			}
			select {
			case arrivals <- a:
			case <-t.Context().Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		socket.Close()
		<-ended
	})
	return arrivals
}

// sample is one alarm's way.
type sample struct{ answered, heard time.Duration }

func measure(t world.T, ada *world.Person, arrivals <-chan arrival) sample {
	pressed := time.Now()
	var triggered world.Triggered
	ada.Trigger(world.NewKey(), world.Alarm{EmergencyType: "medical", Location: &world.Fix{Latitude: 52.52, Longitude: 13.4}}).
		Want(http.StatusCreated).Into(&triggered)
	answered := time.Since(pressed)
	heard := await(t, arrivals, "sos.triggered", triggered.Ticket.ID).Sub(pressed)
	ada.Command(triggered.Ticket.ID, "cancel", nil).Want(http.StatusOK)
	await(t, arrivals, "sos.cancelled", triggered.Ticket.ID)
	return sample{answered: answered, heard: heard}
}

func await(t world.T, arrivals <-chan arrival, kind, ticketID string) time.Time {
	a := <-arrivals
	if a.err != nil || a.kind != kind || a.ticketID != ticketID {
		t.Fatalf("on the socket comes %+v, want %s about %s", a, kind, ticketID)
	}
	return a.at
}

// table is what all samples say together.
type table struct{ answered, heard []time.Duration }

func (t *table) add(s sample) {
	t.answered = append(t.answered, s.answered)
	t.heard = append(t.heard, s.heard)
}

func (t *table) print(out io.Writer) {
	_, _ = fmt.Fprintf(out, "%-28s %9s %9s %9s\n", fmt.Sprintf("%d alarms, one at a time", len(t.heard)), "p50", "p99", "max")
	for _, row := range []struct {
		name    string
		samples []time.Duration
	}{{"press → 201", t.answered}, {"press → contact's socket", t.heard}} {
		slices.Sort(row.samples)
		_, _ = fmt.Fprintf(out, "%-28s %9s %9s %9s\n", row.name, at(row.samples, .5), at(row.samples, .99), at(row.samples, 1))
	}
}

// at is the quantile of sorted samples by nearest rank.
func at(sorted []time.Duration, quantile float64) string {
	rank := int(quantile*float64(len(sorted))+.5) - 1
	return fmt.Sprintf("%.1f ms", float64(sorted[max(0, rank)].Microseconds())/1000)
}
