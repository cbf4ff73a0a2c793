package main

import (
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/test/world"
)

// inFlight bounds the requests that are under way at once.
const inFlight = 64

// latency measures from another service's request to one instance, over the
// commit, to the frame at a client of another instance.
func latency(t world.T, o options, out io.Writer) {
	t.Helper()
	r := newRig(t)
	asked, holder := r.start(), r.start()
	phones := startHelper(t, clientsCommand)
	phones.all(holder.openOrder(o.sockets, ""), o.sockets)
	users := r.users(o.sockets)
	pause(t, settling)
	asked.send(users, o.rate, settling) // connections are made
	pause(t, settling)
	count := int(o.lasting.Seconds() * float64(o.rate))
	phones.do(order{Do: "arm", Count: count})
	failed, late := asked.send(users, o.rate, o.lasting)
	got := phones.do(order{Do: "await", Limit: fanoutLimit})
	say(out, "%d notifications at %d a second to %d sockets of another instance\n", count, o.rate, o.sockets)
	say(out, "  p50 %s (goal: at most 5), p90 %s, p99 %s (goal: at most 20), max %s\n",
		ms(quantile(got.Each, 0.5)), ms(quantile(got.Each, 0.9)), ms(quantile(got.Each, 0.99)), ms(quantile(got.Each, 1)))
	say(out, "  %d came, %d requests failed, %d left late because %d were under way\n", got.Count, failed, late, inFlight)
}

// send puts rate notifications a second into inboxes in turn, each by a request of its own.
func (i *instance) send(users []string, rate int, lasting time.Duration) (failed, late int) {
	i.t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	slots := make(chan struct{}, inFlight)
	begun := time.Now()
	for n := range int(lasting.Seconds() * float64(rate)) {
		pause(i.t, time.Until(begun.Add(time.Duration(n)*time.Second/time.Duration(rate))))
		select {
		case slots <- struct{}{}:
		default:
			late++
			slots <- struct{}{}
		}
		user := users[n%len(users)]
		group.Go(func() {
			defer func() { <-slots }()
			if err := i.notify(user); err != nil {
				mu.Lock()
				failed++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return failed, late
}

func (i *instance) notify(user string) error {
	now := time.Now()
	return i.post("/internal/notifications", map[string]any{"items": []any{map[string]any{
		"eventId": idgen.NewV7(), "userIds": []string{user}, "title": "measured", "createdAt": now.UTC().Format(time.RFC3339Nano),
		"data": map[string]string{"kind": "bench", "sentNs": strconv.FormatInt(now.UnixNano(), 10)},
	}}})
}
