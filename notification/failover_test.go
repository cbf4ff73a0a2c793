package notification_test

import (
	"encoding/json"
	"testing"

	"github.com/loveapp/backend/notification/internal/adapters/postgres"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// app shows notifications as an honest client does: it counts seqs up without a
// gap, believes what it is told about where it stands, sends nothing but after,
// and shows what has the same id once.
type app struct {
	after int64
	ahead map[int64]bool
	shown map[string]int // by the notification's id
}

func newApp() *app { return &app{ahead: map[int64]bool{}, shown: map[string]int{}} }

func (a *app) take(t *testing.T, m wstest.Message) {
	t.Helper()
	switch m.Type {
	case "notification":
		var n struct{ ID, Title string }
		if err := json.Unmarshal(m.Notification, &n); err != nil {
			t.Fatal(err)
		}
		if m.Seq > a.after && !a.ahead[m.Seq] {
			a.ahead[m.Seq] = true
			a.shown[n.ID+" "+n.Title]++
		}
	case "resumed", "reset":
		a.after = m.Seq
		for seq := range a.ahead {
			if seq <= m.Seq {
				delete(a.ahead, seq)
			}
		}
	}
	for a.ahead[a.after+1] {
		a.after++
		delete(a.ahead, a.after)
	}
}

// until reads until the message comes that done waits for.
func (a *app) until(t *testing.T, client *wstest.Client, done func(wstest.Message) bool) {
	t.Helper()
	for {
		m, err := client.Next(wstest.Patience)
		if err != nil {
			t.Fatal(err)
		}
		a.take(t, m)
		if done(m) {
			return
		}
	}
}

func (a *app) untilShown(t *testing.T, client *wstest.Client, n int) {
	t.Helper()
	if len(a.shown) < n {
		a.until(t, client, func(wstest.Message) bool { return len(a.shown) >= n })
	}
}

// A primary dies with commits that no standby has, and that devices have shown.
func TestAfterAFailoverNothingIsMissedAndNothingIsShownTwice(t *testing.T) {
	t.Parallel()
	set := pgtest.NewReplicaSet(t, 1, postgres.Schema, postgres.Migrations)
	c := newClusterOn(t, set.Config())
	one, other := c.start(), c.start()
	standby, ana := set.Servers[1], newID()
	tell := func(at *instance, event, priority string) {
		t.Helper()
		eventually.True(t, "it is taken", func() bool { return at.accept(item(event, priority, ana)) == nil })
	}
	stays, goes := newApp(), newApp()
	live, _ := other.connect(ana)
	leaves, _ := one.connect(ana)
	tell(one, "first", "medium")
	streamed(t, standby, ana)
	cutOff(t, standby)
	tell(one, "lost", "critical")
	tell(one, "lost too", "medium")
	stays.untilShown(t, live, 3)
	goes.untilShown(t, leaves, 3)
	leaves.Cut()
	set.Servers[0].Kill()
	standby.Promote()

	tell(other, "new", "medium")    // were its seq 2 or 3, who has shown those would never see it
	tell(other, "lost", "critical") // by whom sent it, and does not know that it was taken
	tell(other, "newer", "critical")
	stays.untilShown(t, live, 5)
	back, _ := one.connect(ana)
	back.Sendf(`{"type":"resume","after":%d}`, goes.after)
	goes.until(t, back, func(m wstest.Message) bool { return m.Type == "resumed" })
	for name, a := range map[string]*app{"who stayed": stays, "who came back": goes} {
		if len(a.shown) != 5 {
			t.Errorf("%s was shown %v", name, a.shown)
		}
	}
	tell(other, "last", "medium")
	for name, s := range map[string]struct {
		*app
		*wstest.Client
	}{"who stayed": {stays, live}, "who came back": {goes, back}} {
		s.untilShown(t, s.Client, 6)
		if len(s.ahead) > 0 {
			t.Errorf("%s waits for something behind %d before it believes %v", name, s.after, s.ahead)
		}
	}
	if stays.after != goes.after {
		t.Errorf("one stands at %d, the other at %d", stays.after, goes.after)
	}
}

// streamed waits until the standby has what the user was told.
func streamed(t *testing.T, standby *pgtest.Server, user string) {
	t.Helper()
	admin := standby.Admin()
	eventually.True(t, "it is replicated", func() bool {
		var count int
		err := admin.QueryRowContext(t.Context(), `SELECT count(*) FROM notification.notifications WHERE user_id = $1`, user).Scan(&count)
		return err == nil && count == 1
	})
}

// cutOff ends the server's streaming: what is committed from now on it never gets.
func cutOff(t *testing.T, s *pgtest.Server) {
	t.Helper()
	admin := s.Admin()
	for _, statement := range []string{"ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()"} {
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	eventually.True(t, "it streams no more", func() bool {
		var streaming int
		err := admin.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_wal_receiver`).Scan(&streaming)
		return err == nil && streaming == 0
	})
}
