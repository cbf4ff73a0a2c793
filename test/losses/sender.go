package losses

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
)

const (
	// patience is what the contract tells clients to wait for an answer.
	patience = 5 * time.Second
	// retryPause before a request is sent again, the same key with it.
	retryPause = 100 * time.Millisecond
	// senders at once: more than a rate of some hundred keeps busy while all is well.
	senders = 64
	// spread is to how many users an event goes, at most.
	spread = 3
	// everyCritical and everyAdmin: one in so many.
	everyCritical, everyAdmin = 8, 40
	// riskWindow before a primary's death: what was committed on it alone then may not have reached a replica.
	riskWindow = 2 * time.Second
)

// send posts at a steady rate until sending ends; what was begun is finished.
func (w *world) send(sending, ctx context.Context) {
	slots := make(chan struct{}, senders)
	var posting sync.WaitGroup
	defer posting.Wait()
	const mean = (1 + spread) / 2
	tick := time.NewTicker(time.Second * mean / time.Duration(w.options.Rate))
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-tick.C:
		case <-sending.Done():
			return
		}
		select {
		case slots <- struct{}{}:
		case <-sending.Done():
			return
		}
		posting.Go(func() {
			defer func() { <-slots }()
			w.post(ctx, w.draft(n))
		})
	}
}

func (w *world) draft(n int) *accepted {
	a := &accepted{
		title: fmt.Sprintf("%d %s", n, idgen.NewV7()), critical: n%everyCritical == 0, admin: n%everyAdmin == 1,
		users: rand.Perm(len(w.users))[:1+rand.IntN(min(spread, len(w.users)))], //nolint:gosec // no secret
	}
	priority := "medium"
	if a.critical {
		priority = "critical"
	}
	ids := make([]string, len(a.users))
	for i, user := range a.users {
		ids[i] = w.users[user]
	}
	item := map[string]any{"userIds": ids, "category": "general", "priority": priority, "title": a.title, "body": "b"}
	if !a.admin {
		item["eventId"], item["createdAt"] = a.title, time.Now()
		item = map[string]any{"items": []any{item}}
	}
	a.body, _ = json.Marshal(item) // strings and times
	return a
}

// post repeats until the service says 202.
func (w *world) post(ctx context.Context, a *accepted) {
	for {
		instance := rand.IntN(len(w.instances)) //nolint:gosec // no secret
		if w.try(ctx, a, instance) {
			a.at, a.instance = time.Now(), instance
			if a.admin {
				a.instance = -1
			}
			w.ledger.add(a)
			return
		}
		if !pause(ctx, retryPause) {
			return
		}
	}
}

func (w *world) try(ctx context.Context, a *accepted, instance int) bool {
	url := w.instances[instance] + "/internal/notifications"
	bearer, err := w.services.Sign(servicetoken.SOS, servicetoken.Notification)
	if err != nil {
		return false
	}
	if a.admin {
		url, bearer = w.stack.Gateways[instance%len(w.stack.Gateways)]+"/v1/notifications", w.admin
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(a.body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+bearer)
	if a.admin {
		r.Header.Set("Idempotency-Key", a.title[len(a.title)-36:])
	}
	res, err := w.http.Do(r)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	return err == nil && res.StatusCode == http.StatusAccepted
}

// again sends what was accepted just before a primary died. A sender whose own
// note of the 202 lies in the same database loses the two together, and sends
// again by itself; one that keeps its notes elsewhere has to do this.
func (w *world) again(ctx context.Context, died time.Time) {
	for _, a := range w.ledger.since(died.Add(-riskWindow)) {
		for !w.try(ctx, a, rand.IntN(len(w.instances))) { //nolint:gosec // no secret
			if !pause(ctx, retryPause) {
				return
			}
		}
		w.mu.Lock()
		w.resent++
		w.mu.Unlock()
	}
}
