package notification_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/token"
)

// audit gives what the audit writes, and whether it found a loss.
func (c *cluster) audit(t *testing.T) (text string, loss bool) {
	t.Helper()
	var out bytes.Buffer
	err := notification.LossAudit(t.Context(), c.config(), &out)
	if err != nil && !errors.Is(err, notification.ErrLoss) {
		t.Fatal(err)
	}
	return out.String(), err != nil
}

// damage changes the database behind the service's back.
func (c *cluster) damage(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := pgtest.Admin(t, c.database).ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

func TestTheLossAuditFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]struct {
		statement string // about the user $1, who has seqs 1 to 4
		says      string // %s is the user
	}{
		"an entry in the middle": {`DELETE FROM notification.notifications WHERE user_id = $1 AND seq = 2`, "gap: user %s lacks 1 between seq 1 and 3"},
		"the first ones":         {`DELETE FROM notification.notifications WHERE user_id = $1 AND seq < 3`, "gap: user %s lacks 2 between seq 0 and 3"},
		"the last one":           {`DELETE FROM notification.notifications WHERE user_id = $1 AND seq = 4`, "gap: user %s lacks 1 at the end: seq 4 was given, 3 is there"},
		"all of them":            {`DELETE FROM notification.notifications WHERE user_id = $1`, "gap: user %s lacks 4 at the end: seq 4 was given, 0 is there"},
		"a reading":              {`UPDATE notification.notifications SET read_at = now() WHERE user_id = $1 AND seq = 1`, "counter: user %s has 3 unread, and 4 are counted"},
		"a count":                {`UPDATE notification.inboxes SET unread = 9 WHERE user_id = $1`, "counter: user %s has 4 unread, and 9 are counted"},
		"the inbox":              {`DELETE FROM notification.inboxes WHERE user_id = $1`, "stray: 4 entries of user %s, who has no inbox"},
		"an announced entry": {
			`UPDATE notification.notifications SET event_id = 'another' WHERE user_id = $1 AND seq = 4`, "was accepted for 2 inboxes and stands in 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			one := c.start()
			ana, ben := newID(), newID()
			for range 3 {
				one.notify(ana, "medium")
			}
			status, answer := one.do(http.MethodPost, "/v1/notifications", c.auth.admin(newID()), map[string]any{
				"userIds": []string{ana, ben}, "category": "general", "title": "to both",
			})
			if status != http.StatusAccepted {
				t.Fatalf("announce: %d %s", status, answer)
			}
			if text, loss := c.audit(t); loss || !strings.Contains(text, "inboxes without a gap") {
				t.Fatalf("before anything is missing:\n%s", text)
			}
			c.damage(t, d.statement, ana)
			text, loss := c.audit(t)
			says := d.says
			if strings.Contains(says, "%s") {
				says = fmt.Sprintf(says, ana)
			}
			if !loss || !strings.Contains(text, says) {
				t.Errorf("loss %t, want %q in:\n%s", loss, says, text)
			}
		})
	}
}

func TestTheLossAuditKnowsLeapsAndWhatIsPurged(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	one := c.start()
	ana, ben := newID(), newID()
	one.notify(ana, "medium")
	one.notify(ana, "medium")
	c.damage(t, `UPDATE notification.numberings SET timeline = 'earlier'`) // as after a promotion
	one.notify(ana, "medium")
	one.notify(ben, "medium")
	c.damage(t, `WITH gone AS (DELETE FROM notification.notifications WHERE user_id = $1 AND seq = 1)
		UPDATE notification.inboxes SET purged_through = 1, unread = unread - 1 WHERE user_id = $1`, ana)
	if text, loss := c.audit(t); loss {
		t.Errorf("it takes a leap for a loss:\n%s", text)
	}
	c.damage(t, `UPDATE notification.notifications SET seq = seq + 1 WHERE user_id = $1`, ben)
	if text, loss := c.audit(t); !loss || !strings.Contains(text, "gap: user "+ben+" lacks 1") {
		t.Errorf("it does not miss the first one after a leap:\n%s", text)
	}
}

func TestTheLossAuditMissesAcknowledgementsOfThoseWhoAreConnected(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	one := c.start()
	ana, away := newID(), newID()
	client, _ := one.connect(ana)
	one.notify(ana, "medium")
	one.notify(ana, "medium")
	one.notify(away, "medium")
	client.ExpectSeqs(1, 2)
	client.Send(`{"type":"ack","seq":1}`)
	const long = `UPDATE notification.notifications SET stored_at = stored_at - interval '11 minutes'`
	c.damage(t, long)
	if text, loss := c.audit(t); loss {
		t.Errorf("what came before the connection is missed:\n%s", text)
	}
	pool := c.pool()
	connectedEarlier(t, pool, ana)
	eventually.True(t, "the ack is noted", func() bool {
		text, _ := c.audit(t)
		return strings.Contains(text, "unacknowledged: user "+ana+" is connected, and 1 since seq 2")
	})
	c.loseRedis()
	if text, loss := c.audit(t); loss || !strings.Contains(text, "acknowledgements were not looked at") {
		t.Errorf("without Redis:\n%s", text)
	}
}

// connectedEarlier makes the user's only socket an hour older.
func connectedEarlier(t *testing.T, pool *redispool.Pool, user string) {
	t.Helper()
	key := "user_connections:" + user
	reply, err := pool.Do(t.Context(), "HGETALL", key)
	entry, ok := reply.([]any)
	if err != nil || !ok || len(entry) != 2 {
		t.Fatalf("%s holds %v, %v", key, reply, err)
	}
	var connection map[string]any
	if err := json.Unmarshal(entry[1].([]byte), &connection); err != nil {
		t.Fatal(err)
	}
	connection["connectedAt"] = time.Now().Add(-time.Hour).UTC()
	older, err := json.Marshal(connection)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Do(t.Context(), "HSET", key, entry[0], older); err != nil {
		t.Fatal(err)
	}
}

// admin is a token of an administrator.
func (a *auth) admin(user string) string {
	a.tb.Helper()
	now := time.Now()
	raw, err := a.signer.Sign(token.Claims{
		Subject: user, SessionID: newID(), ID: newID(), Role: token.RoleAdmin, IssuedAt: now.Add(-time.Second), ExpiresAt: now.Add(15 * time.Minute),
	})
	if err != nil {
		a.tb.Fatal(err)
	}
	return raw
}
