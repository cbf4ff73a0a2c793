package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/internal/wiretest"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// ear is a running Listen.
type ear struct {
	connected chan struct{}
	heard     chan string
	ended     chan error
	stop      context.CancelFunc
}

func listen(t *testing.T, db *postgres.DB, channels ...string) *ear {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	e := &ear{connected: make(chan struct{}, 100), heard: make(chan string, 10000), ended: make(chan error, 1), stop: stop}
	go func() {
		e.ended <- db.Listen(ctx, channels,
			func(channel, payload string) { e.heard <- channel + ": " + payload },
			func() { e.connected <- struct{}{} })
	}()
	t.Cleanup(func() {
		stop()
		if err := receive(t, "Listen ends", e.ended); err != nil {
			t.Errorf("Listen: %v", err)
		}
	})
	return e
}

func receive[T any](t *testing.T, what string, from <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-from:
	case <-time.After(20 * time.Second):
		t.Errorf("never: %s", what)
	}
	return got
}

func notify(t *testing.T, db *postgres.DB, channel, payload string) {
	t.Helper()
	if err := db.Notify(t.Context(), channel, payload); err != nil {
		t.Fatal(err)
	}
}

func TestListenHearsItsChannelsAndNoOther(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	e := listen(t, db, "births", `De"aths`)
	receive(t, "it connects", e.connected)
	notify(t, db, "births", "ada")
	notify(t, db, "weddings", "eve")
	notify(t, db, `De"aths`, "bob")
	for _, want := range []string{"births: ada", `De"aths: bob`} {
		if got := receive(t, want, e.heard); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
}

func TestListenConnectsAgainAndSaysSo(t *testing.T) {
	t.Parallel()
	db, c := openDiary(t, func(*postgres.Config) {})
	e := listen(t, db, "births")
	admin := pgtest.Admin(t, c)
	for range 3 {
		receive(t, "it connects", e.connected)
		if n := terminate(t, admin, "query LIKE 'LISTEN%'"); n != 1 {
			t.Fatalf("%d sessions listen", n)
		}
	}
	receive(t, "it connects", e.connected)
	notify(t, db, "births", "ada")
	receive(t, "the birth", e.heard)
}

func TestListenSurvivesMoreThanItsBuffersHold(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	const n = 5000
	heard, done := 0, make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- db.Listen(ctx, []string{"flood"}, func(string, string) {
			if heard++; heard == n {
				close(done)
			}
		}, func() { close(ready) })
	}()
	receive(t, "it connects", ready)
	exec(t, db, `SELECT pg_notify('flood', i::text) FROM generate_series(1, $1) i`, n)
	receive(t, "all are heard", done)
	cancel()
	if err := receive(t, "Listen ends", ended); err != nil {
		t.Errorf("Listen: %v", err)
	}
}

func TestListenNoticesAConnectionThatHasGoneSilent(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "diary", diaryFiles())
	wire := wiretest.New(t, c.Hosts[0].Addr())
	c.Hosts[0] = wire.Addr
	db := open(t, c)
	postgres.PingListenersEvery(db, 50*time.Millisecond)
	e := listen(t, db, "births")
	receive(t, "it connects", e.connected)
	wire.Freeze() // nothing passes, nothing is closed
	receive(t, "it connects anew", e.connected)
}

func TestListenEndsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) { c.Hosts[0].Port = 1 })
	e := listen(t, db, "births")
	e.stop()
	if err := receive(t, "it ends", e.ended); err != nil {
		t.Errorf("Listen: %v", err)
	}
	e.ended <- nil // for the cleanup
}
