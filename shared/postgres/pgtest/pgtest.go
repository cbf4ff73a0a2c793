// Package pgtest gives each test a PostgreSQL database of its own, migrated and
// empty, on one private server per test binary. The server is found and started
// by package embedded; without one the tests fail and say how to get it.
package pgtest

import (
	"context"
	"fmt"
	"io/fs"
	"testing"

	"github.com/loveapp/backend/shared/postgres"
)

// New gives a pool to a new database in which schema has been migrated. The
// database is dropped when the test ends.
func New(tb testing.TB, schema string, migrations fs.FS) *postgres.DB {
	tb.Helper()
	db, err := postgres.Open(tb.Context(), Config(tb, schema, migrations))
	if err != nil {
		tb.Fatalf("open the test's database: %v", err)
	}
	tb.Cleanup(func() { _ = db.Close() }) // runs before the database is dropped
	return db
}

// Config is New without the pool: for a service that opens its own. migrations
// may be nil: then the database is empty, without schema or role.
func Config(tb testing.TB, schema string, migrations fs.FS) postgres.Config {
	tb.Helper()
	c, err := server.clone(tb.Context(), schema, migrations)
	if err != nil {
		tb.Fatalf("make the test's database: %v", err)
	}
	tb.Cleanup(func() {
		if err := server.drop(context.Background(), c.Name); err != nil { // the test's context has ended
			tb.Errorf("drop the test's database: %v", err)
		}
	})
	return c
}

// Admin is a connection of the server's superuser to the database of c, for
// what a service may not do: look into pg_stat_activity, end sessions.
func Admin(tb testing.TB, c postgres.Config) *AdminConn {
	tb.Helper()
	c.Hosts, c.ApplicationName = c.Hosts[:1], "admin"
	db, err := postgres.OpenLogin(c)
	if err != nil {
		tb.Fatalf("open an administrator's connection: %v", err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return &AdminConn{db}
}

func databaseName(n int64) string { return fmt.Sprintf("test_%d", n) }
