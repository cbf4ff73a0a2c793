package main

import (
	"io"

	"github.com/loveapp/backend/test/world"
)

const (
	healthy      = 100
	healthyRoom  = "topic:healthy"
	hostileBytes = 3000 // of each message: what waits for those who do not read grows fast
)

// hostile compares what a few clients notice while a crowd is sent a lot, first
// a crowd that reads it and then one that does not, and says what that one costs.
func hostile(t world.T, o options, out io.Writer) {
	t.Helper()
	r := newRig(t)
	i, phones, readers, deaf := r.start(), startHelper(t, clientsCommand), startHelper(t, clientsCommand), startHelper(t, clientsCommand)
	phones.all(i.openOrder(healthy, healthyRoom), healthy)
	crowd := i.openOrder(o.sockets, fanoutRoom)
	crowd.First = healthy
	readers.all(crowd, o.sockets)
	beside := i.rounds(phones, o.rounds)
	readers.do(order{Do: "drop"})
	pause(t, settling)
	crowd.First, crowd.Deaf = healthy+o.sockets, true
	deaf.all(crowd, o.sockets)
	pause(t, settling)
	before := i.settled()
	i.forgetPeak()
	together := i.rounds(phones, o.rounds)
	after := i.memory()
	say(out, "%d clients are sent %d messages of %d bytes, beside %d others\n", o.sockets, o.rounds, hostileBytes, healthy)
	beside.print(out, "they read")
	together.print(out, "never read")
	say(out, "  memory has grown by %s MiB at most (goal: at most 32)\n", mib(after.peak-before.resident))
	say(out, "  p99 of the others is %.2f of what it is beside those who read (goal: at most 2)\n", float64(together.median(0.99))/float64(beside.median(0.99)))
}

// rounds tell the crowd and, while that is under way, the others.
func (i *instance) rounds(phones *helper, count int) (s series) {
	i.t.Helper()
	for range count {
		crowded := make(chan error, 1)
		go func() { crowded <- i.tell(fanoutRoom, hostileBytes) }()
		s.add(phones.round(healthy, func() error { return i.tell(healthyRoom, hostileBytes) }))
		if err := <-crowded; err != nil {
			i.t.Fatalf("send: %v", err)
		}
	}
	return s
}
