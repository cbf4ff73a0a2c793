package traffic

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"github.com/loveapp/backend/test/load/internal/client"
)

func actions() map[string]action {
	return map[string]action{
		list:         reading(list, "/v1/notifications"),
		unreadCount:  reading(unreadCount, "/v1/notifications/unread-count"),
		tickets:      reading(tickets, "/v1/sos/tickets"),
		contacts:     reading(contacts, "/v1/sos/contacts"),
		profile:      readingOwn(profile, "/v1/auth/profile"),
		sessions:     readingOwn(sessions, "/v1/auth/sessions"),
		keys:         (*Traffic).fetchKeys,
		socketTicket: (*Traffic).takeTicket,
		readAll:      (*Traffic).markAllRead,
		acknowledge:  (*Traffic).acknowledge,
		announce:     (*Traffic).announce,
		refresh:      (*Traffic).refresh,
		login:        (*Traffic).login,
		alarm:        (*Traffic).alarm,
		press:        (*Traffic).press,
		visit:        (*Traffic).visit,
	}
}

// reading is a GET by anybody.
func reading(name, path string) action {
	return func(t *Traffic, ctx context.Context, turn turn) {
		t.get(ctx, name, turn.due, among(t.cfg.Persons, turn.pick), path)
	}
}

// readingOwn is a GET by somebody with an account.
func readingOwn(name, path string) action {
	return func(t *Traffic, ctx context.Context, turn turn) {
		t.get(ctx, name, turn.due, among(t.accounts, turn.pick).person(), path)
	}
}

func (t *Traffic) fetchKeys(ctx context.Context, turn turn) {
	phone := among(t.cfg.Persons, turn.pick).Phone
	t.ask(ctx, keys, turn.due, phone, client.Request{Method: http.MethodGet, Path: "/.well-known/jwks.json"}, http.StatusOK)
}

func (t *Traffic) takeTicket(ctx context.Context, turn turn) {
	p := among(t.cfg.Persons, turn.pick)
	t.ask(ctx, socketTicket, turn.due, p.Phone, client.Request{Method: http.MethodPost, Path: "/v1/notifications/ws-tickets", Token: p.Token}, http.StatusCreated)
}

func (t *Traffic) markAllRead(ctx context.Context, turn turn) {
	p := among(t.cfg.Persons, turn.pick)
	t.ask(ctx, readAll, turn.due, p.Phone, client.Request{Method: http.MethodPost, Path: "/v1/notifications/read-all", Token: p.Token}, http.StatusOK)
}

// acknowledge is what a phone sends that a push has woken.
func (t *Traffic) acknowledge(ctx context.Context, turn turn) {
	one, ok := t.shown.pick(turn.pick)
	if !ok {
		t.cfg.Requests.Add(acknowledge, turn.due, time.Now(), "nothing_to_acknowledge")
		return
	}
	body, _ := json.Marshal(map[string][]string{"ids": {one.id}}) // strings always encode
	t.ask(ctx, acknowledge, turn.due, one.by.Phone,
		client.Request{Method: http.MethodPost, Path: "/v1/notifications/ack", Token: one.by.Token, Body: body}, http.StatusNoContent)
}

// audience of one announcement.
const audience = 10

func (t *Traffic) announce(ctx context.Context, turn turn) { t.tell(ctx, turn) }

// tell tells a few people something, and the ledger whom.
func (t *Traffic) tell(ctx context.Context, turn turn) (ref string, to []string) {
	admin, ref := among(t.cfg.Admins, turn.pick), rand.Text()
	to = make([]string, 0, audience)
	for i := range min(audience, len(t.cfg.Listeners)) { // neighbours, so that nobody is told twice
		to = append(to, among(t.cfg.Listeners, turn.pick+uint64(i)).ID)
	}
	body, _ := json.Marshal(map[string]any{ // of strings, which always encode
		"userIds": to, "category": "general", "title": "News", "body": "Something has happened near you.", "data": map[string]string{"kind": "general", "ref": ref},
	})
	t.posted.Send(ref, turn.due, to...)
	_, ok := t.ask(ctx, announce, turn.due, admin.Phone, client.Request{Method: http.MethodPost, Path: "/v1/notifications", Token: admin.Token, Body: body}, http.StatusAccepted)
	if ok {
		t.posted.Confirm(ref, to...)
	}
	return ref, to
}

// visit is a session: somebody opens the app and looks around. Each request
// leaves when the one before is answered; the first counts from the arrival.
func (t *Traffic) visit(ctx context.Context, turn turn) {
	p, due := among(t.cfg.Persons, turn.pick), turn.due
	for _, step := range []struct{ name, path string }{
		{list, "/v1/notifications"},
		{unreadCount, "/v1/notifications/unread-count"},
		{contacts, "/v1/sos/contacts"},
		{tickets, "/v1/sos/tickets"},
	} {
		t.get(ctx, step.name, due, p, step.path)
		due = time.Now()
	}
}
