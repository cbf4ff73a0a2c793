package main

import (
	"fmt"
	"time"

	"github.com/loveapp/backend/test/alone"
	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/world"
)

// The goals: Keycloak's sizing guide has 15 password logins and 120 refreshes a second on a vCPU.
const (
	loginsGoal    = 35
	refreshesGoal = 2000
	checkGoal     = time.Millisecond
)

// How many phones keep one processor busy without a queue that nobody would wait in.
const (
	loginPhones   = 4
	refreshPhones = 32
)

// cores measures one copy of auth on one processor. PostgreSQL, Redis and the
// phones have the others.
func cores(t world.T, o options) page {
	t.Helper()
	if err := alone.AvoidFirst(); err != nil {
		t.Fatalf("%v", err)
	}
	p := newPage("What one processor can do", coresHow)
	before, err := meter.CountLoad()
	if err != nil {
		t.Fatalf("%v", err)
	}
	checks(t, &p)
	auth := alone.Start(t, alone.Options{Processors: 1, Pinned: true})
	m := &measured{t: t, auth: auth, postgres: alone.Postgres()}

	logging := newPhones(t, auth, loginPhones)
	signIns, own, database := m.run(func() done { return logging.busy(t, o.lasting, logging.login) })
	p.add("password sign-ins a second", fmt.Sprintf("%.1f", signIns.rate()), fmt.Sprintf("≥ %d", loginsGoal), signIns.rate() >= loginsGoal)
	p.add("auth's processor time a sign-in", fmt.Sprintf("%s, so %.1f a second of it", short(own), 1/own.Seconds()), "", true)
	p.add("PostgreSQL's processor time a sign-in", short(database), "", true)

	refreshing := newPhones(t, auth, refreshPhones)
	refreshing.busy(t, o.lasting/10, refreshing.refresh) // plans are made, connections are open
	renewals, own, database := m.run(func() done { return refreshing.busy(t, o.lasting, refreshing.refresh) })
	possible := 1 / own.Seconds()
	p.add("refreshes a second of auth's processor time", fmt.Sprintf("%.0f, %s each", possible, short(own)), fmt.Sprintf("≥ %d", refreshesGoal), possible >= refreshesGoal)
	p.add("refreshes a second by the clock", fmt.Sprintf("%.0f, p50 %s, p99 %s", renewals.rate(), short(quantile(renewals.times, 0.5)), short(quantile(renewals.times, 0.99))), "", true)
	p.add("PostgreSQL's processor time a refresh", short(database), "", true)
	for status, count := range renewals.others {
		p.add(fmt.Sprintf("refreshes answered with %d", status), fmt.Sprint(count), "0", false)
	}
	after, err := meter.CountLoad()
	if err != nil {
		t.Fatalf("%v", err)
	}
	p.busy = after.Since(before).Busy()
	return p
}

const coresHow = `One copy of auth as a process, GOMAXPROCS=1 and pinned to the first processor; PostgreSQL, which flushes
each commit to the disk, Redis and the phones have the others. Sign-ins and refreshes are whole requests over HTTP: a sign-in
checks an argon2id hash (19 MiB, 2 passes), counts guesses in Redis and commits a session with its line in the record; a
refresh reads the session and its user, moves the session on in a commit of its own and signs two tokens. Phones ask again as
soon as they are answered. By the clock the phones and PostgreSQL may be what ends first; auth's own processor time
(/proc/PID/stat) says what its processor can do. Checks of tokens are those that every service makes of every request, in this
process on one processor.`

// measured takes what a part of the run costs.
type measured struct {
	t        world.T
	auth     *alone.Auth
	postgres int
}

// run gives what was done, and auth's and PostgreSQL's time for each answer, whatever it said.
func (m *measured) run(part func() done) (d done, own, database time.Duration) {
	m.t.Helper()
	roots := []int{m.auth.PID, m.postgres}
	before, err := meter.CPU(roots)
	if err != nil {
		m.t.Fatalf("%v", err)
	}
	d = part()
	after, err := meter.CPU(roots)
	if err != nil {
		m.t.Fatalf("%v", err)
	}
	answers := len(d.times)
	for _, count := range d.others {
		answers += count
	}
	each := func(pid int) time.Duration { return (after[pid] - before[pid]) / time.Duration(answers) }
	return d, each(m.auth.PID), each(m.postgres)
}
