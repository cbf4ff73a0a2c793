package postgres_test

import (
	"testing"
	"testing/fstest"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestCreateDatabaseMakesTheNamedOneOnceAndItIsEmptyUntilMigrated(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "app", nil)
	c.Name += "_created"
	for range 2 {
		if err := postgres.CreateDatabase(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	checkEmpty(t, c, true)
	if err := postgres.Migrate(t.Context(), c, fstest.MapFS{
		"0001_things.sql": {Data: []byte("-- +goose Up\nCREATE TABLE app.things (id int);\n")},
	}); err != nil {
		t.Fatal(err)
	}
	checkEmpty(t, c, false)
}

func TestEmptySaysThatAServerIsAway(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "app", nil)
	c.Hosts[0].Port = 1
	_, err := postgres.Empty(t.Context(), c)
	if err == nil || fault.From(err).Kind != fault.Unavailable {
		t.Fatalf("Empty() = %v", err)
	}
}

func checkEmpty(t *testing.T, c postgres.Config, want bool) {
	t.Helper()
	empty, err := postgres.Empty(t.Context(), c)
	if err != nil || empty != want {
		t.Fatalf("Empty() = %v, %v, want %v", empty, err, want)
	}
}
