package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/test/world"
)

const (
	fanoutRoom  = "topic:bench"
	fanoutLimit = 30 * time.Second
)

// fanout brings one message to all sockets, in turn from the service and from
// a bare loop of write(2) over as many connections, to the same clients.
func fanout(t world.T, o options, out io.Writer) {
	t.Helper()
	if o.sockets > mostSockets/2 {
		t.Fatalf("each of %d sockets has one of the floor beside it: at most %d", o.sockets, mostSockets/2)
	}
	r := newRig(t)
	i, floor, phones := r.start(), startHelper(t, floorCommand), startHelper(t, clientsCommand)
	var floorAddr string
	if err := floor.out.Decode(&floorAddr); err != nil {
		t.Fatalf("start the floor: %v", err)
	}
	phones.all(i.openOrder(o.sockets, fanoutRoom), o.sockets)
	phones.all(order{Do: "raw", Server: floorAddr, Count: o.sockets}, o.sockets)
	pause(t, settling)
	var service, bare series
	for round := range o.rounds + 1 { // the first one warms up
		s := phones.round(o.sockets, func() error { return i.tell(fanoutRoom, 0) })
		b := phones.round(o.sockets, floor.tell)
		if round > 0 {
			service.add(s)
			bare.add(b)
		}
	}
	say(out, "one message to %d sockets, medians of %d rounds in turn\n", o.sockets, o.rounds)
	service.print(out, "service")
	bare.print(out, "write(2)")
	say(out, "  p99 is %.2f of the floor's\n", float64(service.median(0.99))/float64(bare.median(0.99)))
}

// round sends one message and waits until it is everywhere.
func (h *helper) round(count int, send func() error) report {
	h.t.Helper()
	h.do(order{Do: "arm", Count: count})
	if err := send(); err != nil {
		h.t.Fatalf("send: %v", err)
	}
	r := h.do(order{Do: "await", Limit: fanoutLimit})
	if r.Count != count {
		h.t.Fatalf("%d of %d messages came in %s", r.Count, count, fanoutLimit)
	}
	return r
}

// happening is an event of a room, as sos tells it, with so many bytes beside the time.
func happening(room string, padding int) map[string]any {
	return map[string]any{
		"id": idgen.NewV7(), "room": room, "event": "status", "at": time.Now().UTC().Format(time.RFC3339Nano),
		"data": map[string]string{"sentNs": strconv.FormatInt(time.Now().UnixNano(), 10), "pad": strings.Repeat("*", padding)},
	}
}

func (i *instance) tell(room string, padding int) error {
	return i.post("/internal/rooms/events", happening(room, padding))
}

// tell has the floor write what the service would.
func (h *helper) tell() error {
	e := happening(fanoutRoom, 0)
	e["type"] = "event"
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	sent := e["data"].(map[string]string)["sentNs"] //nolint:forcetypeassert // made above
	_, err = fmt.Fprintln(h.in, strings.Replace(string(text), sent, stamp, 1))
	return err
}

// series are rounds of one kind.
type series struct{ rounds []report }

func (s *series) add(r report) { s.rounds = append(s.rounds, r) }

// median is that of the rounds' quantiles.
func (s *series) median(q float64) time.Duration {
	var all []time.Duration
	for _, r := range s.rounds {
		all = append(all, quantile(r.Each, q))
	}
	slices.Sort(all)
	return quantile(all, 0.5)
}

func (s *series) print(out io.Writer, name string) {
	say(out, "  %-10s p50 %s, p99 %s, max %s\n", name, ms(s.median(0.5)), ms(s.median(0.99)), ms(s.median(1)))
}
