package traffic

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/test/load/internal/client"
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
	c, free := t.circle(turn)
	if !free {
		return
	}
	defer func() { t.circles <- c }()
	called, ok := t.call(ctx, turn, c)
	if !ok {
		return
	}
	if called.fresh {
		t.await(ctx, turn, called)
		t.command(ctx, helperAcknowledges, c.helpers[0], called.ticket, "acknowledge")
	}
	t.command(ctx, reporterResolves, c.reporter, called.ticket, "resolve")
}

// press is a call for help by somebody who does not call again: a second one
// would join the first.
func (t *Traffic) press(ctx context.Context, turn turn) {
	c, free := t.circle(turn)
	if !free {
		return
	}
	if called, ok := t.call(ctx, turn, c); ok {
		t.calls.leaveOpen(openCall{c.reporter, called.ticket})
	}
}

func (t *Traffic) circle(turn turn) (c circle, free bool) {
	select {
	case c = <-t.circles:
		return c, true
	default: // our own fault, and counted: the profile has too few circles
		t.cfg.Requests.Add(alarm, turn.due, time.Now(), "no_free_circle")
		return c, false
	}
}

// called is a call for help that was taken.
type called struct {
	ticket string
	// fresh unless it merged into a ticket that an earlier story could not close:
	// then nobody is alarmed anew.
	fresh   bool
	helpers []string
}

// call triggers, as often as a phone would. The server makes the ticket's id of
// who calls and of the key, so it is known before any answer: what comes to a
// socket is told apart by it, however late.
func (t *Traffic) call(ctx context.Context, turn turn, c circle) (called, bool) {
	reporter, key := c.reporter.person(), rand.Text()
	own := called{ticket: idgen.V5(reporter.ID, key), fresh: true}
	for _, helper := range c.helpers {
		own.helpers = append(own.helpers, helper.person().ID)
	}
	t.posted.Send(own.ticket, turn.due, own.helpers...)
	ticket, ok := t.insist(ctx, turn, reporter, key)
	if !ok {
		return called{}, false
	}
	if ticket != own.ticket {
		return called{ticket: ticket}, true
	}
	t.posted.Confirm(own.ticket, own.helpers...)
	return own, true
}

// await waits until all have heard, and counts who has not.
func (t *Traffic) await(ctx context.Context, turn turn, c called) {
	late := time.NewTimer(hearing)
	defer late.Stop()
	over := false
	for _, helper := range c.helpers {
		if over {
			t.unheard(turn, c.ticket, helper)
			continue
		}
		select {
		case <-t.posted.Arrival(c.ticket, helper):
		case <-late.C:
			over = true
			t.unheard(turn, c.ticket, helper)
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
