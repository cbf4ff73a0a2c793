package main

import (
	"io"
	"slices"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/world"
)

// storm cuts everybody off, gives each something to miss, and has all come back
// as fast as they can.
func storm(t world.T, o options, out io.Writer) {
	t.Helper()
	r := newRig(t)
	i, phones := r.start(), startHelper(t, clientsCommand)
	phones.all(i.openOrder(o.sockets, ""), o.sockets)
	phones.do(order{Do: "drop"})
	r.miss(i, o)
	pause(t, settling)
	i.settled()
	i.forgetPeak()
	cpu := i.cpu()
	back := phones.all(order{Do: "resume"}, o.sockets)
	used, m := i.cpu()-cpu, i.memory()
	say(out, "%d clients come back at once, each has missed %d\n", o.sockets, o.missed)
	say(out, "  all authenticated, resumed, caught up after %.1f s (goal: at most 10); half of them after %.1f s\n", back.Took.Seconds(), quantile(back.Each, 0.5).Seconds())
	say(out, "  peak RSS %s MiB (goal: at most 256); %.1f s of CPU\n", mib(m.peak), used.Seconds())
}

// miss puts notifications into every inbox.
func (r *rig) miss(i *instance, o options) {
	r.t.Helper()
	users := r.users(o.sockets)
	const together = 500
	for range o.missed {
		for part := range slices.Chunk(users, together) {
			item := map[string]any{"eventId": idgen.NewV7(), "userIds": part, "title": "missed", "createdAt": time.Now().UTC().Format(time.RFC3339Nano)}
			if err := i.post("/internal/notifications", map[string]any{"items": []any{item}}); err != nil {
				r.t.Fatalf("notify: %v", err)
			}
		}
	}
}

// users are the clients' people.
func (r *rig) users(count int) []string {
	r.t.Helper()
	mint, err := people.NewMint(secret, r.run, time.Now().Add(time.Hour))
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	ids := make([]string, count)
	for n := range ids {
		p, err := mint.Person(n)
		if err != nil {
			r.t.Fatalf("%v", err)
		}
		ids[n] = p.ID
	}
	return ids
}
