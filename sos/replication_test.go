package sos_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
)

// newReplicatedWorld runs on a primary and a standby that has to confirm.
func newReplicatedWorld(tb testing.TB) (*world, *pgtest.ReplicaSet, *instance) {
	tb.Helper()
	set := pgtest.NewReplicaSet(tb, 1, "sos", postgres.Migrations())
	set.Servers[0].WaitFor("*")
	w := newWorldOn(tb, set.Config())
	i := w.ready()
	w.confirmed(w.person(i, "probe"), "probe")
	return w, set, i
}

// confirmed sends the key until the standby has it, as the app does, and gives the last answer.
func (w *world) confirmed(p person, key string) answer {
	w.tb.Helper()
	var a answer
	w.eventually("the standby has "+p.id+"'s "+key, func() bool {
		a = p.trigger(key, `{}`)
		return a.status == http.StatusCreated && a.str("durability") == "replicated"
	})
	return a
}

func TestAFrozenStandbyDelaysNoAlarm(t *testing.T) {
	t.Parallel()
	w, set, i := newReplicatedWorld(t)
	ann, mum := w.person(i, "Ann"), w.person(i, "Mum")
	ann.trusts(mum, "Mum")

	set.Servers[1].Freeze()
	first := ann.trigger("k", `{}`).is(http.StatusAccepted)
	if first.str("durability") != "unconfirmed" || first.header.Get("Retry-After") != "1" {
		t.Errorf("answered %v %s", first.header, first.text)
	}
	id := first.str("ticket", "id")
	if alarm := w.inbox.await(1)[0]; alarm.UserIDs[0] != "Mum" || alarm.Data["ticketId"] != id {
		t.Errorf("the alarm: %+v", alarm)
	}
	mum.command(id, "acknowledge").is(http.StatusOK) // nothing holds the ticket while the standby is asked
	if again := ann.trigger("k", `{}`).is(http.StatusAccepted); again.str("ticket", "id") != id {
		t.Errorf("the same key: %s", again.text)
	}

	set.Servers[1].Thaw()
	if last := w.confirmed(ann, "k"); last.str("ticket", "id") != id {
		t.Errorf("when it goes on: %s", last.text)
	}
}

func TestWhatIsReplicatedSurvivesItsMachine(t *testing.T) {
	t.Parallel()
	w, set, i := newReplicatedWorld(t)
	c := &crowd{world: w, at: i, stopped: make(chan struct{}), replicated: map[string]string{}}
	for worker := range 4 {
		c.group.Go(func() { c.call(worker) })
	}
	w.eventually("fifty are replicated", func() bool { return c.count() >= 50 })
	set.Servers[0].Kill()
	set.Servers[1].Promote()
	set.Servers[1].WaitFor("nobody_yet") // the new primary has no standby of its own
	close(c.stopped)
	c.group.Wait()
	admin := set.Servers[1].Admin()
	for who, id := range c.replicated {
		var there bool
		if err := admin.QueryRowContext(t.Context(), `SELECT EXISTS (SELECT FROM sos.tickets WHERE id = $1)`, id).Scan(&there); err != nil || !there {
			t.Errorf("the ticket of %s is gone (%v)", who, err)
		}
	}

	ann := w.person(i, "somebody else")
	w.eventually("it goes on, unconfirmed", func() bool { return ann.trigger("k", `{}`).status == http.StatusAccepted })
	set.Servers[1].WaitFor("")
	for who, id := range c.replicated {
		p := w.person(i, who)
		if a := p.trigger("k", `{}`); a.str("ticket", "id") != id {
			t.Errorf("%s had ticket %s, and has %s", who, id, a.text)
		}
		if n := len(p.get("/v1/sos/tickets").is(http.StatusOK).items("items")); n != 1 {
			t.Errorf("%s has %d tickets", who, n)
		}
	}
}

func TestWhatACommandSaidIsOverStaysOverWhenItsMachineDies(t *testing.T) {
	t.Parallel()
	w, set, i := newReplicatedWorld(t)
	ann := w.person(i, "Ann")
	id := w.confirmed(ann, "k").str("ticket", "id")
	var ended answer
	w.eventually("the standby has what was ended", func() bool {
		ended = ann.post("/v1/sos/tickets/"+id+"/resolve", `{"outcome":"safe"}`)
		return ended.status == http.StatusOK && ended.body["durability"] == nil
	})
	set.Servers[0].Kill()
	set.Servers[1].Promote()
	set.Servers[1].WaitFor("")
	ann.patient = false
	var after answer
	w.eventually("it can be read", func() bool { after = ann.get("/v1/sos/tickets/" + id); return after.status == http.StatusOK })
	if after.str("status") != "resolved" || after.num("version") != ended.num("version") {
		t.Errorf("after the failover: %s", after.text)
	}
}

// crowd are people who call for help, each once, one after another.
type crowd struct {
	*world

	at         *instance
	stopped    chan struct{}
	group      sync.WaitGroup
	mu         sync.Mutex
	replicated map[string]string // tickets by whose they are
}

func (c *crowd) call(worker int) {
	for n := 0; ; n++ {
		select {
		case <-c.stopped:
			return
		default:
		}
		p := c.person(c.at, fmt.Sprintf("user %d of %d", n, worker))
		p.patient = false
		if a := p.trigger("k", `{}`); a.str("durability") == "replicated" {
			c.mu.Lock()
			c.replicated[p.id] = a.is(http.StatusCreated).str("ticket", "id")
			c.mu.Unlock()
		}
	}
}

func (c *crowd) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.replicated)
}

func TestADatabaseThatHangsCostsThePhoneAMomentAndSaysWhatToDial(t *testing.T) {
	t.Parallel()
	set := pgtest.NewReplicaSet(t, 0, "sos", postgres.Migrations())
	w := newWorldOn(t, set.Config())
	i := w.ready()
	var ann person
	var a answer
	w.eventually("it hangs", func() bool {
		set.Servers[0].Freeze() // a session that is just being opened may slip through
		ann = w.person(i, idgen.NewV7())
		ann.patient = false
		a = ann.trigger("k", `{"location":{"latitude":40.7128,"longitude":-74.006}}`)
		return a.status != http.StatusCreated
	})
	a.refused(http.StatusServiceUnavailable, "unavailable")
	if a.str("fallback", "tel") != "911" || !strings.Contains(a.str("fallback", "smsText"), "40.71280,-74.00600") || a.header.Get("Retry-After") != "1" {
		t.Errorf("answered %v %s", a.header, a.text)
	}
	set.Servers[0].Thaw()
	w.eventually("it is taken", func() bool { return ann.trigger("k", `{}`).status == http.StatusCreated })
	if tickets := ann.get("/v1/sos/tickets").is(http.StatusOK).items("items"); len(tickets) != 1 {
		t.Errorf("%d tickets", len(tickets))
	}
}
