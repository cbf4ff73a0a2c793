package pgtest_test

import (
	"testing"
	"testing/fstest"

	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func migrations() fstest.MapFS {
	return fstest.MapFS{"0001_notes.sql": {Data: []byte("-- +goose Up\nCREATE TABLE notes (id text PRIMARY KEY);\n-- +goose Down\nDROP TABLE notes;\n")}}
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 2 {
		db := pgtest.New(t, "diary", migrations())
		if _, err := db.Primary().ExecContext(t.Context(), `INSERT INTO notes (id) VALUES ('the same')`); err != nil {
			t.Fatal(err)
		}
	}
}
