package sos_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos"
)

func TestACallForHelpSurvivesARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.ready()
	ann, mum := w.person(first, "Ann"), w.person(first, "Mum")
	ann.trusts(mum, "Mother")
	taken := ann.trigger("k", `{"emergencyType":"medical","location":{"latitude":52.52,"longitude":13.405}}`).is(http.StatusCreated)
	alarm := w.inbox.await(1)[0]
	if alarm.UserIDs[0] != "Mum" || alarm.Data["kind"] != "sos.triggered" || alarm.Data["ticketId"] != taken.str("ticket", "id") || alarm.Data["reporterName"] != "Ann" || alarm.Priority != "critical" {
		t.Errorf("the alarm: %+v", alarm)
	}
	first.stop()

	second := w.ready()
	ann, mum = w.person(second, "Ann"), w.person(second, "Mum")
	if again := ann.trigger("k", `{}`).is(http.StatusCreated); again.str("ticket", "id") != taken.str("ticket", "id") {
		t.Errorf("after the restart: %s", again.text)
	}
	mum.command(taken.str("ticket", "id"), "acknowledge").is(http.StatusOK)
	if told := w.inbox.await(2)[1]; told.UserIDs[0] != "Ann" || told.Data["kind"] != "sos.acknowledged" {
		t.Errorf("the acknowledgement: %+v", told)
	}
	if list := ann.get("/v1/sos/contacts").is(http.StatusOK).items("items"); len(list) != 1 || list[0]["status"] != "active" {
		t.Errorf("contacts: %v", list)
	}
}

func TestACountdownEndsByItselfOnTheDatabasesClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.ready()
	ann, mum := w.person(i, "Ann"), w.person(i, "Mum")
	ann.trusts(mum, "Mum")
	id := ann.opened(`{"countdownSeconds":1}`)
	w.inbox.await(1)
	if a := mum.get("/v1/sos/tickets/" + id).is(http.StatusOK); a.str("status") != "pending" {
		t.Errorf("the ticket: %s", a.text)
	}
}

func TestNoAlarmIsLostWhileTheReceiverIsAwayAndAnInstanceStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, other := w.ready(), w.ready()
	const people = 20
	for n := range people {
		at := []*instance{one, other}[n%2]
		w.person(at, fmt.Sprint("user", n)).trusts(w.person(at, "Mum"), "Mum")
	}
	w.inbox.peer.goAway()
	var group sync.WaitGroup
	for n := range people {
		p := w.person([]*instance{one, other}[n%2], fmt.Sprint("user", n))
		group.Go(func() { p.trigger("k", `{}`).is(http.StatusCreated) })
	}
	group.Wait()
	one.stop()
	w.inbox.peer.comeBack()
	if items := w.inbox.await(people); len(items) != people {
		t.Errorf("%d alarms", len(items))
	}
}

// The connection that LISTENs may break without anybody's noticing at once.
func TestAnAlarmGoesOutThoughNobodyWasWoken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.ready()
	ann := w.person(i, "Ann")
	ann.trusts(w.person(i, "Mum"), "Mum")
	listening := func() (n int) {
		w.scan(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'`, nil, &n)
		return n
	}
	w.eventually("the copy listens", func() bool { return listening() > 0 })
	for n := range 3 {
		w.mustExec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'`)
		id := ann.opened(`{}`)
		w.inbox.await(2*n + 1)
		ann.command(id, "resolve").is(http.StatusOK)
		w.inbox.await(2*n + 2)
		w.eventually("it listens again", func() bool { return listening() > 0 })
	}
	for key, n := range w.inbox.copies {
		if n != 1 {
			t.Errorf("%s was sent %d times", key, n)
		}
	}
}

func TestManyInstancesSendEachAlarmOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	instances := []*instance{w.ready(), w.ready(), w.ready()}
	for n := range 15 {
		at := instances[n%3]
		p := w.person(at, fmt.Sprint("user", n))
		p.trusts(w.person(at, "Mum"), "Mum")
		p.trusts(w.person(at, "Ben"), "Ben")
		p.opened(`{}`)
	}
	w.inbox.await(30)
	w.inbox.mu.Lock()
	defer w.inbox.mu.Unlock()
	for key, n := range w.inbox.copies {
		if n != 1 {
			t.Errorf("%s was sent %d times", key, n)
		}
	}
}

func TestFiftyTriggersOfOneKeyOverTwoInstancesAreOneTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	instances := []*instance{w.ready(), w.ready()}
	tickets := atOnce(50, func(i int) answer { return w.person(instances[i%2], "Ann").trigger("k", `{}`) })
	if len(tickets) != 1 {
		t.Errorf("%d tickets", len(tickets))
	}
	tickets = atOnce(40, func(i int) answer { return w.person(instances[i%2], "Ben").trigger(fmt.Sprint("k", i), `{}`) })
	if len(tickets) != 1 {
		t.Errorf("%d open tickets", len(tickets))
	}
}

func TestWithoutADatabaseTheServiceStartsAndSaysWhatToDial(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	name := w.config.DatabaseName
	w.config.DatabaseName = name + "_later"
	i := w.start()
	nobody := person{tb: t, url: i.url}
	nobody.get("/health/ready").refused(http.StatusServiceUnavailable, "unavailable")
	nobody.get("/health/live").is(http.StatusOK)
	ann := w.person(i, "Ann")
	ann.patient = false
	if a := ann.trigger("k", `{"location":{"latitude":1,"longitude":2}}`).refused(http.StatusServiceUnavailable, "unavailable"); a.str("fallback", "tel") != "112" || !strings.Contains(a.str("fallback", "smsText"), "1.00000,2.00000") {
		t.Errorf("answered %s", a.text)
	}
	ann.get("/v1/sos/contacts").refused(http.StatusServiceUnavailable, "unavailable")

	err := postgres.CreateDatabase(t.Context(), postgres.Config{
		Hosts: []config.HostPort{{Host: "127.0.0.1", Port: w.config.DatabasePort}}, Username: w.config.DatabaseUsername, Password: w.config.DatabasePassword,
		Name: w.config.DatabaseName, SSLMode: "disable",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.eventually("the service is ready", func() bool { return nobody.get("/health/ready").status == http.StatusOK })
	ann.trigger("k", `{}`).is(http.StatusCreated)
}

func TestACallForHelpIsRecognisedWithoutAuth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.ready()
	w.person(first, "Ann").opened(`{}`)
	w.signOut("Eve")
	w.eventually("Eve is signed out, for good", func() bool {
		var kept int
		return w.admin.QueryRow(`SELECT revision FROM sos.revocations_reached`).Scan(&kept) == nil && kept == 1
	})
	w.person(first, "Eve").get("/v1/sos/contacts").refused(http.StatusUnauthorized, "session_ended")
	first.stop()
	w.auth.goAway()

	second := w.ready()
	w.person(second, "Ann").trigger(idgen.NewV7(), `{}`).is(http.StatusOK)
	w.person(second, "Ann").with(w.credential("Ann")).trigger(idgen.NewV7(), `{}`).is(http.StatusOK)
	// Who was signed out is remembered here for as long as the credential lives.
	w.eventually("Eve is still signed out", func() bool {
		return w.person(second, "Eve").with(w.credential("Eve")).trigger("k", `{}`).status == http.StatusUnauthorized
	})
}

func TestEveryMistakeInTheConfigurationIsNamed(t *testing.T) {
	t.Parallel()
	err := sos.Config{MetricsPort: 70000}.Validate()
	if err == nil {
		t.Fatal("an empty configuration was taken")
	}
	for _, name := range []string{"INTERNAL_SECRET", "PUBLIC_URL", "METRICS_PORT", "AUTH_SERVICE_HOST", "DATABASE_POOL_MAX"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
	if _, err := sos.New(t.Context(), sos.Config{}); err == nil {
		t.Error("made of nothing")
	}
	if err := sos.Migrate(t.Context(), sos.Config{}); err == nil {
		t.Error("migrated nothing")
	}
}
