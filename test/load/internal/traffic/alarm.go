package traffic

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"github.com/loveapp/backend/test/load/internal/client"
	"github.com/loveapp/backend/test/load/internal/people"
)

const (
	alarmKind = "sos.triggered"
	// hearing is how long the story waits for the alarm to be heard; what comes
	// later counts as missing.
	hearing = 10 * time.Second
)

// alarm is a call for help from beginning to end: pressed, heard on the
// contacts' sockets, acknowledged by one of them, resolved by who called.
func (t *Traffic) alarm(ctx context.Context, turn turn) {
	var c circle
	select {
	case c = <-t.circles:
	default: // our own fault, and counted: the profile has too few circles
		t.cfg.Requests.Add(alarm, turn.due, time.Now(), "no_free_circle")
		return
	}
	defer func() { t.circles <- c }()
	key, to := rand.Text(), make([]string, len(c.helpers))
	for i, helper := range c.helpers {
		to[i] = helper.person().ID
		t.ringing.Store(to[i], key)
	}
	t.posted.Send(key, turn.due, to...)
	ticket, fresh, ok := t.press(ctx, turn, key, c.reporter.person())
	if !ok {
		return
	}
	if fresh {
		t.posted.Confirm(key, to...)
		t.await(ctx, turn, key, to)
		t.command(ctx, helperAcknowledges, c.helpers[0], ticket, "acknowledge")
	}
	t.command(ctx, reporterResolves, c.reporter, ticket, "resolve")
}

// press triggers. It is fresh unless it merged into a ticket that an earlier
// story could not close: then nobody is alarmed anew.
func (t *Traffic) press(ctx context.Context, turn turn, key string, reporter people.Person) (ticket string, fresh, ok bool) {
	answer, ok := t.ask(ctx, alarm, turn.due, reporter.Phone, client.Request{
		Method: http.MethodPost, Path: "/v1/sos/tickets", Token: reporter.Token, Key: key, Keep: true,
		Body: []byte(`{"emergencyType":"medical","location":{"latitude":52.52,"longitude":13.4,"accuracy":8}}`),
	}, http.StatusCreated, http.StatusAccepted, http.StatusOK)
	var triggered struct {
		Ticket struct {
			ID string `json:"id"`
		} `json:"ticket"`
	}
	if !ok || json.Unmarshal(answer.Body, &triggered) != nil || triggered.Ticket.ID == "" {
		return "", false, false
	}
	return triggered.Ticket.ID, answer.Status != http.StatusOK, true
}

// alarmOf is the alarm that rings at that person's: a circle has one at a time.
func (t *Traffic) alarmOf(helper string) string {
	ref, _ := t.ringing.Load(helper)
	text, _ := ref.(string)
	return text
}

// await waits until all have heard, and counts who has not.
func (t *Traffic) await(ctx context.Context, turn turn, ref string, helpers []string) {
	late := time.NewTimer(hearing)
	defer late.Stop()
	over := false
	for _, helper := range helpers {
		if over {
			t.unheard(turn, ref, helper)
			continue
		}
		select {
		case <-t.posted.Arrival(ref, helper):
		case <-late.C:
			over = true
			t.unheard(turn, ref, helper)
		case <-ctx.Done():
			return
		}
	}
}

// unheard counts an alarm that has not come by the end of hearing.
func (t *Traffic) unheard(turn turn, ref, helper string) {
	select {
	case <-t.posted.Arrival(ref, helper):
	default:
		t.cfg.Deliveries.Add(AlarmHeard, turn.due, turn.due.Add(hearing), "not_heard")
	}
}

func (t *Traffic) command(ctx context.Context, name string, by *account, ticket, word string) {
	p := by.person()
	t.ask(ctx, name, time.Now(), p.Phone, client.Request{
		Method: http.MethodPost, Path: "/v1/sos/tickets/" + ticket + "/" + word, Token: p.Token,
	}, http.StatusOK)
}
