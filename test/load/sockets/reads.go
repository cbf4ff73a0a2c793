package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/world"
)

var errUnheard = errors.New("the other device never heard of it")

// devices is somebody with two: one is a socket, the other one says by request
// what was read.
type devices struct {
	*client
	read chan time.Time // when the socket heard of it
}

// reads measures from a device that marks a notification as read, at one
// instance, to the frame at the user's other device, at another instance.
func reads(t world.T, o options, out io.Writer) {
	t.Helper()
	r := newRig(t)
	asked, holder := r.start(), r.start()
	users := r.pairs(holder, o.sockets)
	var mu sync.Mutex
	var lags []time.Duration
	failed := map[string]int{}
	next := make(chan *devices)
	var group sync.WaitGroup
	const atOnce = 8
	for range atOnce {
		group.Go(func() {
			for d := range next {
				lag, err := d.mark(asked)
				mu.Lock()
				if err != nil {
					failed[err.Error()]++
				} else {
					lags = append(lags, lag)
				}
				mu.Unlock()
			}
		})
	}
	for range o.rounds {
		for _, d := range users {
			next <- d
		}
	}
	close(next)
	group.Wait()
	slices.Sort(lags)
	say(out, "%d marks as read by one device, %d at once, told to the user's other device on another instance\n", len(lags), atOnce)
	say(out, "  from the request to the frame: p50 %s, p99 %s, max %s (goal: at most 100)\n", ms(quantile(lags, 0.5)), ms(quantile(lags, 0.99)), ms(quantile(lags, 1)))
	if len(failed) > 0 {
		t.Errorf("failed: %v", failed)
	}
}

// pairs connects a socket for each of count people.
func (r *rig) pairs(holder *instance, count int) []*devices {
	r.t.Helper()
	mint, err := people.NewMint(secret, r.run, time.Now().Add(time.Hour))
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	persons, err := people.Several(mint.Person, 0, count)
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	crowd := &clients{ctx: r.t.Context()}
	r.t.Cleanup(func() { crowd.drop() })
	var users []*devices
	for _, p := range persons {
		d := &devices{&client{crowd: crowd, person: p, server: holder.addr}, make(chan time.Time, 1)}
		if err := d.connect(); err != nil {
			r.t.Fatalf("connect: %v", err)
		}
		crowd.all = append(crowd.all, d.client)
		crowd.running.Go(d.hear)
		users = append(users, d)
	}
	return users
}

// hear notes when the socket is told that something was read.
func (d *devices) hear() {
	for {
		text, err := d.client.read()
		if err != nil {
			return
		}
		if bytes.Contains(text, []byte(`"type":"read"`)) {
			d.read <- time.Now()
		}
	}
}

// mark notifies the user, reads it on one device, and waits for the other.
func (d *devices) mark(asked *instance) (time.Duration, error) {
	if err := asked.notify(d.person.ID); err != nil {
		return 0, err
	}
	id, err := asked.newest(d.person.Token)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if _, err := asked.call(http.MethodPost, "/v1/notifications/items/"+id+"/read", d.person.Token, nil); err != nil {
		return 0, err
	}
	select {
	case heard := <-d.read:
		return heard.Sub(began), nil
	case <-time.After(fanoutLimit):
		return 0, errUnheard
	}
}
