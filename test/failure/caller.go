package failure

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// keyLimit is how long an app sends the same key again before its owner has
// long since dialled.
const keyLimit = 60 * time.Second

// caller is somebody who calls for help again and again: trigger with a new
// key, repeated until it is acknowledged; then all is well, and resolved.
type caller struct {
	phone *phone
	ears  []*ear // of the contacts

	mu       sync.Mutex
	promises []Promise
	unheard  int // keys that were never acknowledged
}

// Promise is one acknowledged call for help.
type Promise struct {
	Key, Ticket string
	At          time.Time // of the acknowledgement
	Sent        time.Time // of the first attempt
	Durability  string
}

func (c *caller) call(ctx context.Context, every time.Duration) {
	for ctx.Err() == nil {
		c.once(ctx)
		select {
		case <-time.After(every):
		case <-ctx.Done():
		}
	}
}

func (c *caller) once(ctx context.Context) {
	key, sent := rand.Text(), time.Now()
	// What was begun is finished, though the run is to end: half a call tells nothing.
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyLimit)
	defer cancel()
	promise, err := c.trigger(limit, key)
	c.mu.Lock()
	if err != nil {
		c.unheard++
		c.mu.Unlock()
		return
	}
	promise.Sent = sent
	c.promises = append(c.promises, promise)
	c.mu.Unlock()
	_, _ = c.phone.until(limit, statusIs(http.StatusOK), func() reply { // at worst the next call merges, and says so
		return c.phone.call(limit, http.MethodPost, "/v1/sos/tickets/"+promise.Ticket+"/resolve", map[string]any{"outcome": "safe"})
	})
}

func (c *caller) trigger(ctx context.Context, key string) (Promise, error) {
	r, err := c.phone.until(ctx, promised, func() reply {
		return c.phone.call(ctx, http.MethodPost, "/v1/sos/tickets", map[string]any{
			"emergencyType": "medical", "location": map[string]any{"latitude": 48.85, "longitude": 2.35},
		}, "Idempotency-Key", key)
	})
	if err != nil {
		return Promise{}, err
	}
	var answer struct {
		Ticket     struct{ ID string }
		Durability string
	}
	if err := json.Unmarshal(r.body, &answer); err != nil {
		return Promise{}, err
	}
	return Promise{Key: key, Ticket: answer.Ticket.ID, At: time.Now(), Durability: answer.Durability}, nil
}

// promised: 202, and 200 that says so, ask for the same key again.
func promised(r reply) bool {
	var answer struct{ Durability string }
	_ = r.into(&answer) // a problem document promises nothing
	return statusIs(http.StatusCreated, http.StatusOK)(r) && answer.Durability != "unconfirmed"
}

func (c *caller) kept() ([]Promise, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Promise(nil), c.promises...), c.unheard
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
