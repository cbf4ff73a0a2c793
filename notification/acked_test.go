package notification_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/notification/internal/providertest"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// equipped is an instance with a way to browsers and one to phones.
func (c *cluster) equipped(text *providertest.SMS) *instance {
	c.tb.Helper()
	public, private, err := notification.NewVAPIDKeys()
	if err != nil {
		c.tb.Fatal(err)
	}
	cfg := c.config()
	cfg.VAPIDPublicKey, cfg.VAPIDPrivateKey, cfg.VAPIDSubject, cfg.PrivatePush = public, private, "ops@example.org", true
	cfg.TwilioAccountSID, cfg.TwilioAuthToken, cfg.TwilioFrom, cfg.TwilioBaseURL = text.AccountSID, config.Secret(text.AuthToken), text.From, text.URL
	if cfg.Listener, err = httpserver.Listen(c.tb.Context(), "127.0.0.1", 0); err != nil {
		c.tb.Fatal(err)
	}
	return c.run(cfg)
}

// Whichever way somebody acknowledges an alarm, at whichever instance: no text
// follows, although each instance could send it.
func TestAnAckEndsTheStepsInWhicheverWayItComes(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.auth.people = func(w http.ResponseWriter, r *http.Request) {
		var question event.UserLookup
		_ = json.NewDecoder(r.Body).Decode(&question)
		answerLookup(w, question)
	}
	text := providertest.NewSMS(t)
	one, other := c.equipped(text), c.equipped(text)
	admin := pgtest.Admin(t, c.database)
	users, acks := []string{newID(), newID(), newID(), newID()}, []func(user, bearer, id string){
		func(_, bearer, id string) {
			if status, answer := other.do(http.MethodPost, "/v1/notifications/ack", bearer, map[string]any{"ids": []string{id}}); status != http.StatusNoContent {
				t.Errorf("ack: %d %s", status, answer)
			}
		},
		func(user, _, _ string) { client, _ := other.connect(user); client.Send(`{"type":"ack","seq":1}`) },
		func(user, _, id string) {
			client, _ := other.connect(user)
			client.Sendf(`{"type":"ack","ids":[%q]}`, id)
		},
	}
	var last string
	for _, user := range users {
		push := providertest.NewWebPush(t)
		one.subscribe(push, user)
		one.notify(user, "critical")
		eventually.True(t, "a push", func() bool { return len(push.Pushes()) == 1 })
	}
	for i, user := range users {
		bearer := c.auth.token(user, newID())
		var page struct{ Items []struct{ ID string } }
		if _, answer := one.do(http.MethodGet, "/v1/notifications", bearer, nil); json.Unmarshal(answer, &page) != nil || len(page.Items) != 1 {
			t.Fatalf("the inbox says %s", answer)
		}
		last = page.Items[0].ID
		if i < len(acks) {
			acks[i](user, bearer, last)
		}
	}
	eventually.True(t, "the acks are noted", func() bool {
		var noted int
		err := admin.QueryRowContext(t.Context(), `SELECT count(*) FROM notification.notifications WHERE acked_at IS NOT NULL`).Scan(&noted)
		return err == nil && noted == len(acks)
	})
	if _, err := admin.ExecContext(t.Context(), `UPDATE notification.hops SET due_at = now()`); err != nil { // the 20 seconds are over
		t.Fatal(err)
	}
	eventually.True(t, "nothing is left to be done", func() bool {
		var left int
		err := admin.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM notification.hops) + count(*) FILTER (WHERE state = 'waiting') FROM notification.deliveries`).Scan(&left)
		return err == nil && left == 0
	})
	var whose string
	if err := admin.QueryRowContext(t.Context(), `SELECT string_agg(notification_id::text, ' ') FROM notification.deliveries WHERE provider = 'sms'`).Scan(&whose); err != nil || whose != last || len(text.Seen()) != 1 {
		t.Errorf("%d texts, about %s, want one about %s: %v", len(text.Seen()), whose, last, err)
	}
}
