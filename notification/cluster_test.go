package notification_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestANotificationReachesASocketOnAnotherInstance(t *testing.T) {
	t.Parallel()
	_, one, other := two(t)
	ana := newID()
	here, _ := one.connect(ana)
	there, _ := other.connect(ana)
	for seq, priority := range []string{"medium", "critical", "low", "critical"} {
		one.notify(ana, priority)
		here.ExpectSeqs(int64(seq + 1))
		there.ExpectSeqs(int64(seq + 1))
	}
	there.ExpectSilence(50 * time.Millisecond) // the alert for the critical ones brings nothing twice
	if status, _ := other.do(http.MethodPost, "/v1/notifications/read-all", one.auth.token(ana, newID()), nil); status != http.StatusOK {
		t.Fatalf("read-all: %d", status)
	}
	here.Expect("read")
	there.Expect("read")
}

func TestTheRegistryStandsInRedisWhileASocketIsOpen(t *testing.T) {
	t.Parallel()
	c, one, _ := two(t)
	ana := newID()
	client, connected := one.connect(ana)
	pool := c.pool()
	for _, key := range []string{"ws_connections", "user_connections:" + ana} {
		reply, err := pool.Do(t.Context(), "HGET", key, connected.ConnectionID)
		value, _ := reply.([]byte)
		var entry map[string]string
		if err != nil || json.Unmarshal(value, &entry) != nil || entry["userId"] != ana || entry["instance"] == "" {
			t.Errorf("%s: %s, %v", key, value, err)
		}
	}
	var out bytes.Buffer
	if err := notification.ListConnections(t.Context(), c.config(), &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != 2 ||
		!strings.HasPrefix(lines[0], "ws_connections "+connected.ConnectionID) || !strings.HasPrefix(lines[1], "user_connections:"+ana) {
		t.Errorf("listed:\n%s", out.String())
	}
	client.Cut()
	eventually.True(t, "it is taken out", func() bool {
		left, err := pool.Do(t.Context(), "EXISTS", "ws_connections", "user_connections:"+ana)
		return err == nil && left == int64(0)
	})
}

func TestAfterFlushallSocketsAreRegisteredAgain(t *testing.T) {
	t.Parallel()
	c, one, other := two(t)
	ana := newID()
	there, connected := other.connect(ana)
	pool := c.pool()
	if _, err := pool.Do(t.Context(), "FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	one.notify(ana, "critical") // nobody knows where she is, and she hears it
	there.ExpectSeqs(1)
	eventually.True(t, "it is registered again", func() bool {
		there, err := pool.Do(t.Context(), "HEXISTS", "user_connections:"+ana, connected.ConnectionID)
		return err == nil && there == int64(1)
	})
	one.notify(ana, "medium")
	there.ExpectSeqs(2)
}

func TestWithoutRedisEverythingArrives(t *testing.T) {
	t.Parallel()
	c, one, other := two(t)
	ana := newID()
	here, _ := one.connect(ana)
	there, _ := other.connect(ana)
	c.loseRedis()
	for seq := int64(1); seq <= 3; seq++ {
		one.notify(ana, "critical")
		here.ExpectSeqs(seq)
		there.ExpectSeqs(seq)
	}
	late, connected := other.connect(ana) // Redis never fails a connect
	if connected.Seq != 3 {
		t.Errorf("connected: %s", connected.Raw)
	}
	one.notify(ana, "medium")
	for _, client := range []*wstest.Client{here, there, late} {
		client.ExpectSeqs(4)
	}
	if status, body := one.do(http.MethodGet, "/health/redis", "", nil); status != http.StatusServiceUnavailable {
		t.Errorf("/health/redis: %d %s", status, body)
	}
	if status, body := one.do(http.MethodGet, "/health", "", nil); status != http.StatusOK || !bytes.Contains(body, []byte("degraded")) {
		t.Errorf("/health: %d %s", status, body)
	}
}

func TestARevocationClosesSocketsOnEveryInstance(t *testing.T) {
	t.Parallel()
	c, one, other := two(t)
	ana, session := newID(), newID()
	bearer := c.auth.token(ana, session)
	here, _ := wstest.Connect(t, one.URL, bearer)
	there, _ := wstest.Connect(t, other.URL, bearer)
	c.auth.revoke(session)
	here.ExpectClose(4401)
	there.ExpectClose(4401)
	if client, answer := wstest.Dial(t, one.URL, wstest.Bearer(bearer)); client != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Error("the session connects again")
	}
}

func TestTheSameEventSentToBothInstancesAtOnceIsStoredOnce(t *testing.T) {
	t.Parallel()
	_, one, other := two(t)
	users := []string{newID(), newID(), newID()}
	client, _ := one.connect(users[0])
	const events = 20
	var group sync.WaitGroup
	for _, at := range []*instance{one, other} {
		for range 4 {
			group.Go(func() {
				for _, e := range rand.Perm(events) {
					if err := at.accept(item(fmt.Sprint("event ", e), "medium", users...)); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	group.Wait()
	for seq := int64(1); seq <= events; seq++ {
		client.ExpectSeqs(seq) // each once, in order, without a gap
	}
	client.ExpectSilence(50 * time.Millisecond)
	for _, user := range users {
		if _, answer := other.do(http.MethodGet, "/v1/notifications/unread-count", one.auth.token(user, newID()), nil); string(answer) != fmt.Sprintf("{\"unreadCount\":%d}\n", events) {
			t.Errorf("unread: %s", answer)
		}
	}
}

// hopper is a client that comes and goes between instances, as phones do, and
// remembers the highest contiguous seq that it has shown.
type hopper struct {
	shown int64
	twice int
	ahead map[int64]bool
}

func (h *hopper) show(seq int64) {
	if seq <= h.shown || h.ahead[seq] {
		h.twice++
		return
	}
	h.ahead[seq] = true
	for h.ahead[h.shown+1] {
		h.shown++
		delete(h.ahead, h.shown)
	}
}

// visit connects, resumes and listens for a while, or until it has resumed.
func (h *hopper) visit(tb testing.TB, at *instance, user string, stay time.Duration, untilResumed bool) {
	client, _, err := wstest.Try(tb, at.URL, wstest.Bearer(at.auth.token(user, newID())))
	if err != nil || client == nil {
		return
	}
	defer client.Cut()
	for until := time.Now().Add(stay); time.Now().Before(until); {
		m, err := client.Next(time.Until(until))
		if err != nil {
			return
		}
		switch m.Type {
		case "connected":
			client.Sendf(`{"type":"resume","after":%d}`, h.shown)
		case "notification":
			h.show(m.Seq)
		case "resumed":
			client.Sendf(`{"type":"ack","seq":%d}`, h.shown)
			if untilResumed {
				return
			}
		}
	}
}

func TestClientsThatHopBetweenInstancesMissNothing(t *testing.T) {
	t.Parallel()
	c, one, other := two(t)
	instances := []*instance{one, other}
	const clients, total = 6, 300
	users := make([]string, clients)
	hoppers := make([]*hopper, clients)
	for i := range users {
		users[i], hoppers[i] = newID(), &hopper{ahead: map[int64]bool{}}
	}
	done := make(chan struct{})
	var moving, sending sync.WaitGroup
	for i, h := range hoppers {
		moving.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					h.visit(t, instances[rand.IntN(2)], users[i], time.Duration(rand.IntN(60))*time.Millisecond, false)
				}
			}
		})
	}
	pool := c.pool()
	for w := range 3 {
		sending.Go(func() {
			for n := range total / 3 {
				if w == 0 && n%25 == 0 { // while Redis forgets everything, again and again
					if _, err := pool.Do(t.Context(), "FLUSHALL"); err != nil {
						t.Error(err)
					}
				}
				priority := []string{"medium", "critical"}[n%2]
				if err := instances[(w+n)%2].accept(item(fmt.Sprint(w, " ", n), priority, users...)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
	close(done)
	moving.Wait()
	for i, h := range hoppers {
		h.visit(t, one, users[i], wstest.Patience, true)
		if h.shown != total {
			t.Errorf("client %d has shown %d of %d, and %d beyond a gap", i, h.shown, total, len(h.ahead))
		}
	}
}

func TestSocketsOutliveTheDatabasesConnections(t *testing.T) {
	t.Parallel()
	c, one, other := two(t)
	ana := newID()
	there, _ := other.connect(ana)
	admin := pgtest.Admin(t, c.database)
	if _, err := admin.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
		t.Fatal(err)
	}
	event := newID()
	eventually.True(t, "the database is used again", func() bool { return one.accept(item(event, "critical", ana)) == nil })
	there.ExpectSeqs(1)
	there.Send(`{"type":"resume","after":0}`)
	there.ExpectSeqs(1)
	there.Expect("resumed")
}

func TestWhatIsNoIDNeverReachesTheDatabase(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	one := c.start()
	ana := newID()
	bearer := c.auth.token(ana, newID())
	for _, path := range []string{"/v1/notifications/items/x/read", "/v1/notifications/items/'/unread", "/v1/notifications/items/" + ana[:35] + "/read"} {
		if status, answer := one.do(http.MethodPost, path, bearer, nil); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
	client, _ := one.connect(ana)
	client.Send(`{"type":"ack","ids":["x","'; --"]}`)
	client.Send(`{"type":"ping"}`)
	client.Expect("pong")
}

func TestADrainedInstanceSendsItsClientsToAnother(t *testing.T) {
	t.Parallel()
	c, one, other := two(t)
	ana := newID()
	client, _ := one.connect(ana)
	other.notify(ana, "medium")
	client.ExpectSeqs(1)
	told := make(chan struct{})
	go func() {
		defer close(told)
		client.Expect("reconnect")
		client.ExpectClose(1012)
	}()
	one.stop()
	<-told
	other.notify(ana, "medium")
	back, connected := other.connect(ana)
	if connected.Seq != 2 {
		t.Errorf("connected: %s", connected.Raw)
	}
	back.Send(`{"type":"resume","after":1}`)
	back.ExpectSeqs(2)
	back.Expect("resumed")
	left, err := c.pool().Do(t.Context(), "HLEN", "ws_connections")
	if err != nil || left != int64(1) {
		t.Errorf("%v connections are registered, %v", left, err)
	}
}
