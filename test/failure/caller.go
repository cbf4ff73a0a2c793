package failure

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// keyLimit is how long an app sends the same key again before its owner has
// long since dialled.
const keyLimit = 60 * time.Second

// everyNth call has a countdown, so that timers fire, too.
const everyNth = 3

// caller is somebody who calls for help again and again: trigger with a new
// key, repeated until it is acknowledged; then all is well, and resolved.
type caller struct {
	phone *phone
	ears  []*ear // of the contacts
	waits bool   // for help that never comes: one call, never resolved
	calls int

	mu       sync.Mutex
	promises []Promise
	unheard  int // keys that were never acknowledged
	repeated int // answers "unconfirmed", after which the same key was sent again
}

// Promise is one acknowledged call for help.
type Promise struct {
	Key, Ticket string
	At          time.Time // of the acknowledgement
	Sent        time.Time // of the first attempt
	Countdown   time.Duration
	Durability  string
}

func (c *caller) call(ctx context.Context, every time.Duration) {
	for ctx.Err() == nil {
		c.once(ctx)
		if c.waits && len(c.record().promises) > 0 {
			return
		}
		select {
		case <-time.After(every):
		case <-ctx.Done():
		}
	}
}

func (c *caller) once(ctx context.Context) {
	key, sent := rand.Text(), time.Now()
	c.calls++
	countdown := time.Duration(0)
	if c.calls%everyNth == 0 {
		countdown = time.Second
	}
	// What was begun is finished, though the run is to end: half a call tells nothing.
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyLimit)
	defer cancel()
	promise, err := c.trigger(limit, key, countdown)
	c.mu.Lock()
	if err != nil {
		c.unheard++
		c.mu.Unlock()
		return
	}
	promise.Sent = sent
	c.promises = append(c.promises, promise)
	c.mu.Unlock()
	if c.waits {
		return
	}
	select {
	case <-time.After(countdown): // until then it could only be cancelled
	case <-limit.Done():
	}
	_, _ = c.phone.until(limit, statusIs(http.StatusOK), func() reply { // at worst the next call merges, and says so
		return c.phone.call(limit, http.MethodPost, "/v1/sos/tickets/"+promise.Ticket+"/resolve", map[string]any{"outcome": "safe"})
	})
}

// The durabilities of an answer.
const (
	replicated  = "replicated"  // no loss of one machine loses the call
	local       = "local"       // it may be lost with its machine
	unconfirmed = "unconfirmed" // the same key is to be sent again
)

type triggered struct {
	Ticket     struct{ ID string }
	Durability string
}

func (c *caller) trigger(ctx context.Context, key string, countdown time.Duration) (Promise, error) {
	var answer triggered
	kept := func(r reply) bool {
		if !statusIs(http.StatusCreated, http.StatusOK, http.StatusAccepted)(r) || r.into(&answer) != nil {
			return false
		}
		if answer.Durability == unconfirmed {
			c.mu.Lock()
			c.repeated++
			c.mu.Unlock()
			return false
		}
		return true
	}
	_, err := c.phone.until(ctx, kept, func() reply {
		answer = triggered{}
		return c.phone.call(ctx, http.MethodPost, "/v1/sos/tickets", map[string]any{
			"emergencyType": "medical", "countdownSeconds": countdown.Seconds(), "location": map[string]any{"latitude": 48.85, "longitude": 2.35},
		}, "Idempotency-Key", key)
	})
	if err != nil {
		return Promise{}, err
	}
	return Promise{Key: key, Ticket: answer.Ticket.ID, At: time.Now(), Countdown: countdown, Durability: answer.Durability}, nil
}

// record is what became of all the calls so far.
type record struct {
	promises          []Promise
	unheard, repeated int
}

// pressed is how many acknowledged presses have led to a ticket: one that finds
// an open ticket joins it.
func (r record) pressed(ticket string) (n int) {
	for _, p := range r.promises {
		if p.Ticket == ticket {
			n++
		}
	}
	return n
}

func (c *caller) record() record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return record{slices.Clone(c.promises), c.unheard, c.repeated}
}

// tickets counts the caller's tickets by id, as the backend lists them now.
func (c *caller) tickets(ctx context.Context) (map[string]int, error) {
	counted := map[string]int{}
	for path := "/v1/sos/tickets?scope=mine&limit=100"; path != ""; {
		r, err := c.phone.until(ctx, statusIs(http.StatusOK), func() reply { return c.phone.call(ctx, http.MethodGet, path, nil) })
		if err != nil {
			return nil, err
		}
		var page struct {
			Items      []struct{ ID string }
			NextCursor *string
		}
		if err := r.into(&page); err != nil {
			return nil, err
		}
		for _, t := range page.Items {
			counted[t.ID]++
		}
		path = ""
		if page.NextCursor != nil {
			path = "/v1/sos/tickets?scope=mine&limit=100&cursor=" + url.QueryEscape(*page.NextCursor)
		}
	}
	return counted, nil
}
