package postgres_test

import (
	"testing"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/internal/wiretest"
	"github.com/loveapp/backend/shared/postgres"
)

func TestReaderIsThePrimaryWhereThereIsNoReplica(t *testing.T) {
	t.Parallel()
	if db := newDiary(t); db.Reader(t.Context()) != db.Primary() {
		t.Fatal("it is something else")
	}
}

func TestReaderIsTheFirstReplicaThatAnswersAndThePrimaryWhenNoneDoes(t *testing.T) {
	t.Parallel()
	nobody := config.HostPort{Host: "127.0.0.1", Port: 1}
	db, c := openDiary(t, func(c *postgres.Config) { c.ReadHosts = []config.HostPort{nobody, c.Hosts[0]} })
	eventually(t, "the second replica is read", func() bool { return db.Reader(t.Context()) != db.Primary() })
	var n int
	if err := db.Reader(t.Context()).GetContext(t.Context(), &n, `SELECT count(*) FROM notes`); err != nil {
		t.Fatal(err)
	}

	c.ReadHosts = []config.HostPort{nobody}
	alone := open(t, c)
	checks := alone.Checks()
	if len(checks) != 2 || checks[1].Critical {
		t.Fatalf("got %+v", checks)
	}
	wantUnavailable(t, checks[1].Probe(t.Context()))
	if alone.Reader(t.Context()) != alone.Primary() {
		t.Fatal("a replica that does not answer is read")
	}
}

func TestReaderLeavesAReplicaThatStopsAnswering(t *testing.T) {
	t.Parallel()
	var replica *wiretest.Wire
	db, _ := openDiary(t, func(c *postgres.Config) {
		replica = wiretest.New(t, c.Hosts[0].Addr())
		c.ReadHosts = []config.HostPort{replica.Addr}
	})
	eventually(t, "the replica is read", func() bool { return db.Reader(t.Context()) != db.Primary() })
	replica.Cut()
	eventually(t, "the primary is read", func() bool { return db.Reader(t.Context()) == db.Primary() })
}
