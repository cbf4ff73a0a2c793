package traffic

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"github.com/loveapp/backend/test/load/internal/client"
)

const (
	alarmKind = "sos.triggered"
	// hearing is how long the story waits for the alarm to be heard; what comes
	// later counts as missing.
	hearing = 10 * time.Second
)

// alarm is a call for help from beginning to end: pressed, heard on the
// contact's socket, acknowledged by the contact, resolved by who called.
func (t *Traffic) alarm(ctx context.Context, turn turn) {
	var p pair
	select {
	case p = <-t.pairs:
	default: // our own fault, and counted: the profile has too few pairs
		t.cfg.Requests.Add(alarm, turn.due, time.Now(), "no_free_pair")
		return
	}
	defer func() { t.pairs <- p }()
	reporter, helper := p.reporter.person(), p.helper.person()
	key := rand.Text()
	t.ringing.Store(helper.ID, key)
	t.posted.Send(key, turn.due, helper.ID)
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
		return
	}
	// 200 merged into a ticket that an earlier story could not close: nobody is alarmed anew.
	if answer.Status != http.StatusOK {
		t.posted.Confirm(key, helper.ID)
		if !t.heard(ctx, key, helper.ID) {
			t.cfg.Deliveries.Add(AlarmHeard, turn.due, turn.due.Add(hearing), "not_heard")
		}
		t.command(ctx, helperAcknowledges, p.helper, triggered.Ticket.ID, "acknowledge")
	}
	t.command(ctx, reporterResolves, p.reporter, triggered.Ticket.ID, "resolve")
}

// alarmOf is the alarm that rings at that person's: a pair has one at a time.
func (t *Traffic) alarmOf(helper string) string {
	ref, _ := t.ringing.Load(helper)
	text, _ := ref.(string)
	return text
}

func (t *Traffic) heard(ctx context.Context, ref, helper string) bool {
	late := time.NewTimer(hearing)
	defer late.Stop()
	select {
	case <-t.posted.Arrival(ref, helper):
		return true
	case <-late.C:
	case <-ctx.Done():
	}
	return false
}

func (t *Traffic) command(ctx context.Context, name string, by *account, ticket, word string) {
	p := by.person()
	t.ask(ctx, name, time.Now(), p.Phone, client.Request{
		Method: http.MethodPost, Path: "/v1/sos/tickets/" + ticket + "/" + word, Token: p.Token,
	}, http.StatusOK)
}
