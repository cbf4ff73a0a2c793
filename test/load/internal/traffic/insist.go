package traffic

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/loveapp/backend/test/load/internal/client"
	"github.com/loveapp/backend/test/load/internal/people"
)

const (
	// tries are how often a phone sends a call for help before whoever holds it has dialled.
	tries = 5
	// firstPause between them doubles, and each is jittered by half.
	firstPause = 500 * time.Millisecond
)

// answered is what the server says to a call for help.
type answered struct {
	Ticket struct {
		ID string `json:"id"`
	} `json:"ticket"`
	Durability string `json:"durability"`
}

// insist does what a phone does: it sends the same key again until the call is
// taken, and where the server is not sure yet that it lasts, once more until it
// is. The first answer counts for itself, and so does the time until it is taken.
func (t *Traffic) insist(ctx context.Context, turn turn, reporter people.Person, key string) (ticket string, taken bool) {
	name, due := alarm, turn.due
	for try := range tries {
		if try > 0 {
			if !pause(ctx, firstPause<<(try-1)) {
				return ticket, taken
			}
			name, due = alarmAgain, time.Now()
		}
		a, status := t.trigger(ctx, name, due, reporter, key)
		if a.Ticket.ID == "" {
			if status != 0 && status != http.StatusTooManyRequests && status < http.StatusInternalServerError {
				break // a refusal, and sending it again changes nothing
			}
			continue
		}
		if !taken {
			ticket, taken = a.Ticket.ID, true
			t.cfg.Deliveries.Add(AlarmTaken, turn.due, time.Now(), "")
		}
		if status != http.StatusAccepted {
			t.calls.promised(a.Durability)
			return ticket, true
		}
	}
	switch {
	case taken:
		t.calls.promised("never confirmed")
	case ctx.Err() == nil:
		t.cfg.Deliveries.Add(AlarmTaken, turn.due, time.Now(), "never_taken")
	}
	return ticket, taken
}

// trigger sends it once; no ticket where it was not taken, status 0 where there was no answer.
func (t *Traffic) trigger(ctx context.Context, name string, due time.Time, reporter people.Person, key string) (a answered, status int) {
	answer, ok := t.ask(ctx, name, due, reporter.Phone, client.Request{
		Method: http.MethodPost, Path: "/v1/sos/tickets", Token: reporter.Token, Key: key, Keep: true,
		Body: []byte(`{"emergencyType":"medical","location":{"latitude":52.52,"longitude":13.4,"accuracy":8}}`),
	}, http.StatusCreated, http.StatusAccepted, http.StatusOK)
	if !ok || json.Unmarshal(answer.Body, &a) != nil {
		return answered{}, answer.Status
	}
	return a, answer.Status
}

// pause waits for d, more or less; false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d/2 + rand.N(d)) //nolint:gosec // jitter
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
