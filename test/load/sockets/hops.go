package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

// ladder is what the escalation of alarms is measured on: three instances and
// the providers.
type ladder struct {
	*rig
	options     options
	providers   *providers
	instances   []*instance
	directories []*directory
	persons     []people.Person
	db          *sql.DB
	skipped     [steps]time.Duration // by which each step was moved ahead

	mu     sync.Mutex
	begun  []time.Time // when each person's alarm was taken
	acked  []time.Time // when each has begun to acknowledge; zero: never
	failed map[string]int
}

const (
	// alarmRate: the alarms of a wave come one after the other.
	alarmRate = 40
	// grace is for what comes although it should not; in a hurry it is shorter.
	grace, shortGrace = 3 * time.Second, 300 * time.Millisecond
	// soon is when a step is due that was moved ahead: later than any ack.
	soon = time.Second
	// acks come up to ackSpread before the next step is due, in steps of ackStep.
	ackSpread, ackStep = 400 * time.Millisecond, 25 * time.Millisecond
	copies             = 3
	// killedWave is how many alarms there are while an instance is killed.
	killedWave = 100
)

// escalation measures how late each step is, whether an ack holds the next one
// back, and what is late when the instance is killed that holds the steps.
func escalation(t world.T, o options, out io.Writer) {
	t.Helper()
	l := newLadder(t, o)
	half := o.sockets / 2
	l.wave(0, o.sockets, half) // the first half never acknowledges
	l.report(out, "all is well", 0, half)
	l.reportAcks(out, half, o.sockets)
	l.killHolder(o.sockets, len(l.persons))
	l.report(out, "the instance is killed that holds the steps after the push", o.sockets, len(l.persons))
}

func newLadder(t world.T, o options) *ladder {
	t.Helper()
	l := &ladder{rig: newRig(t), options: o, providers: newProviders(t), failed: map[string]int{}}
	mint, err := people.NewMint(secret, l.run, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatalf("%v", err)
	}
	if l.persons, err = people.Several(mint.Person, 0, o.sockets+min(o.sockets, killedWave)); err != nil {
		t.Fatalf("%v", err)
	}
	l.program = func() *exec.Cmd { return program.Self(t, serveCommand) }
	numbers := map[string]int{}
	for n, p := range l.persons {
		numbers[p.ID] = n
	}
	for range copies {
		d := &directory{numbers: numbers}
		auth := publishKeys(t, d.lookup)
		host, port, _ := strings.Cut(auth.String(), ":")
		l.directories = append(l.directories, d)
		l.instances = append(l.instances, l.start(append(l.providers.settings(), "AUTH_SERVICE_HOST="+host, "AUTH_SERVICE_PORT="+port)...))
	}
	if l.db, err = postgres.OpenLogin(l.servers.Postgres); err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() { _ = l.db.Close() })
	l.begun, l.acked = make([]time.Time, len(l.persons)), make([]time.Time, len(l.persons))
	l.subscribe()
	return l
}

// subscribe gives everybody a browser that takes pushes.
func (l *ladder) subscribe() {
	l.t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		l.t.Fatalf("make a key: %v", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	for n, p := range l.persons {
		body := map[string]any{"installationId": "browser", "provider": "webpush", "subscription": map[string]any{
			"endpoint": fmt.Sprintf("http://%s/push/%d", l.providers.web, n),
			"keys":     map[string]string{"p256dh": encode(key.PublicKey().Bytes()), "auth": encode([]byte("sixteen bytes .."))},
		}}
		if _, err := l.instances[0].call(http.MethodPost, "/v1/notifications/devices", p.Token, body); err != nil {
			l.t.Fatalf("subscribe: %v", err)
		}
	}
}

// wave has those from first up to last alarmed, those from acking on acknowledge
// just before the text is due, and waits until all that is to come has come.
func (l *ladder) wave(first, last, acking int) {
	l.t.Helper()
	l.alarm(first, last)
	l.skip(texted)
	var group sync.WaitGroup
	for n := acking; n < last; n++ {
		group.Go(func() { l.acknowledge(n) })
	}
	l.finish(first, acking)
	group.Wait()
}

// finish waits until they have been told by text and by mail.
func (l *ladder) finish(first, last int) {
	l.t.Helper()
	l.await(texted, first, last)
	l.skip(mailed)
	l.await(mailed, first, last)
	if l.options.hurry {
		pause(l.t, shortGrace)
		return
	}
	pause(l.t, grace)
}

// skip moves a step ahead, to soon, where the run is in a hurry.
func (l *ladder) skip(to step) {
	l.t.Helper()
	if !l.options.hurry {
		return
	}
	by := after[to] - after[to-1] - soon
	l.exec(`UPDATE notification.hops SET due_at = due_at - make_interval(secs => $1)`, by.Seconds())
	for s := to; s < steps; s++ {
		l.skipped[s] += by
	}
}

func (l *ladder) exec(statement string, args ...any) {
	l.t.Helper()
	if _, err := l.db.ExecContext(l.t.Context(), statement, args...); err != nil {
		l.t.Fatalf("%s: %v", statement, err)
	}
}

// alarm tells each of them, in turn over the instances.
func (l *ladder) alarm(first, last int) {
	l.t.Helper()
	begun := time.Now()
	for n := first; n < last; n++ {
		pause(l.t, time.Until(begun.Add(time.Duration(n-first)*time.Second/alarmRate)))
		err := l.instances[n%copies].post("/internal/notifications", map[string]any{"items": []any{map[string]any{
			"eventId": idgen.NewV7(), "userIds": []string{l.persons[n].ID}, "category": "sos", "priority": "critical", "title": "Help",
			"createdAt": time.Now().UTC().Format(time.RFC3339Nano), "data": map[string]string{"kind": "sos.triggered"},
		}}})
		if err != nil {
			l.t.Fatalf("alarm: %v", err)
		}
		l.begun[n] = time.Now()
	}
	l.skipped = [steps]time.Duration{}
	l.await(pushed, first, last)
}

// due is when a step is, as the one that it happens to counts.
func (l *ladder) due(n int, s step) time.Time { return l.begun[n].Add(after[s] - l.skipped[s]) }

// await waits until a step has come to all of them, and gives up long after it was due.
func (l *ladder) await(s step, first, last int) {
	l.t.Helper()
	for n := first; n < last; n++ {
		for limit := l.due(n, s).Add(time.Minute); len(l.providers.times(n, s)) == 0 && time.Now().Before(limit); {
			pause(l.t, 10*time.Millisecond)
		}
	}
}

// killHolder has whoever takes the steps first hang with them in its hands, and kills it.
func (l *ladder) killHolder(first, last int) {
	l.t.Helper()
	l.alarm(first, last)
	holders := make(chan int, 1)
	for i, d := range l.directories {
		d.hang(func() {
			select {
			case holders <- i:
			default: // another one was first
			}
		})
	}
	l.skip(texted)
	holder := 0
	select {
	case holder = <-holders:
	case <-time.After(after[texted] + time.Minute):
		l.t.Errorf("no instance ever held a step")
	case <-l.t.Context().Done():
	}
	for i, d := range l.directories {
		if i != holder {
			d.release()
		}
	}
	_ = l.instances[holder].child.Stop(l.t.Context(), 0) // without a signal before: it is killed, which is the point
	l.directories[holder].release()
	l.finish(first, last)
}
