package notification_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/servicetoken"
)

// erase asks as auth does.
func (i *instance) erase(user string) {
	i.tb.Helper()
	bearer, err := i.services.Sign(servicetoken.Auth, servicetoken.Notification)
	if err != nil {
		i.tb.Fatal(err)
	}
	if status, answer := i.do(http.MethodPost, "/internal/users/"+user+"/erase", bearer, nil); status != http.StatusNoContent {
		i.tb.Fatalf("erase: %d %s", status, answer)
	}
}

func TestTheLossAuditFindsWhatIsLeftLyingAndWhatWentOutTwice(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	one := c.start()
	one.notify(newID(), "medium")
	one.stop() // it would take up what is overdue
	if text, loss := c.audit(t); loss || !strings.Contains(text, "nothing is left lying") || !strings.Contains(text, "nothing went out twice") {
		t.Fatalf("before anything is wrong:\n%s", text)
	}
	const delivery = `INSERT INTO notification.deliveries (id, event_id, notification_id, provider, shown_as, category, priority, urgent, state, due_at)
		SELECT gen_random_uuid(), 'e', $1, 'smtp', 'a…@example.org', 'sos', 'critical', true, $2, now() - interval '5 minutes' FROM generate_series(1, $3)`
	once, twice := newID(), newID()
	c.damage(t, `INSERT INTO notification.hops (notification_id, urgent, named, steps, due_at) VALUES
		(gen_random_uuid(), true, false, '{push}', now() - interval '2 minutes'), (gen_random_uuid(), true, false, '{push}', now() + interval '2 minutes')`)
	c.damage(t, `INSERT INTO notification.schedules (id, created_by, send_at, draft, cancelled_at) VALUES
		(gen_random_uuid(), gen_random_uuid(), now() - interval '1 hour', '{}', NULL), (gen_random_uuid(), gen_random_uuid(), now() - interval '1 hour', '{}', now())`)
	c.damage(t, delivery, once, "waiting", 1)
	c.damage(t, delivery, once, "sent", 1)
	c.damage(t, delivery, twice, "sent", 2)
	text, loss := c.audit(t)
	for _, want := range []string{"overdue: 1 × plan, ", "overdue: 1 × scheduled announcement, ", "overdue: 1 × delivery by smtp, ", "twice: notification " + twice + " went out 2 times to one place by smtp"} {
		if !loss || !strings.Contains(text, want) {
			t.Errorf("loss %t, want %q in:\n%s", loss, want, text)
		}
	}
	if strings.Contains(text, "notification "+once) {
		t.Errorf("what went out once is named:\n%s", text)
	}
}

func TestTheLossAuditMissesNothingOfWhatWaitsOrOfWhoWasErased(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	one := c.start()
	ana, ben := newID(), newID()
	announce := func(body map[string]any) {
		t.Helper()
		body["userIds"], body["title"] = []string{ana, ben}, "to both"
		if status, answer := one.do(http.MethodPost, "/v1/notifications", c.auth.admin(newID()), body); status != http.StatusAccepted {
			t.Fatalf("announce: %d %s", status, answer)
		}
	}
	announce(map[string]any{"sendAt": time.Now().Add(time.Hour).UTC().Format(time.RFC3339Nano)})
	announce(map[string]any{})
	one.erase(ana)
	announce(map[string]any{})
	soon := time.Now().Add(time.Second)
	announce(map[string]any{"sendAt": soon.UTC().Format(time.RFC3339Nano)})
	eventually.True(t, "all that is due is in the inbox", func() bool {
		_, answer := one.do(http.MethodGet, "/v1/notifications/unread-count", c.auth.token(ben, newID()), nil)
		return strings.Contains(string(answer), `"unreadCount":3`)
	})
	if text, loss := c.audit(t); loss {
		t.Errorf("it misses something:\n%s", text)
	}
}
