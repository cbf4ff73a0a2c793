package postgres_test

import (
	"fmt"
	"testing"

	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// onOneConnection has every statement meet what earlier ones left prepared.
func onOneConnection(c *postgres.Config) { c.MaxOpen, c.Warm, c.Prepare = 2, -1, true }

const countPrepared = `SELECT count(*) FROM pg_prepared_statements`

func TestAStatementIsPreparedOnceAConnection(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, onOneConnection)
	for i := range 10 {
		exec(t, db, insertNote, fmt.Sprint("note ", i))
	}
	if n := get[int](t, db, countPrepared); n != 1 {
		t.Errorf("%d statements are prepared", n)
	}
	if n := countNotes(t, db); n != 10 {
		t.Errorf("there are %d notes", n)
	}
}

func TestOnlySoManyStatementsAreKeptPrepared(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, onOneConnection)
	for i := range 250 {
		var got int
		if err := db.Primary().GetContext(t.Context(), &got, fmt.Sprintf(`SELECT %d + $1::int`, i), 1); err != nil || got != i+1 {
			t.Fatalf("%d, %v", got, err)
		}
	}
	if n := get[int](t, db, countPrepared); n != 200 {
		t.Errorf("%d statements are prepared", n)
	}
}

func TestAMigrationUnderAPreparedStatementCostsOneErrorAtTheMost(t *testing.T) {
	t.Parallel()
	db, c := openDiary(t, onOneConnection)
	exec(t, db, insertNote, "one")
	read := func() (string, error) {
		var note string
		err := db.Primary().GetContext(t.Context(), &note, `SELECT n.note FROM diary.notes n WHERE n.note = $1`, "one")
		return note, err
	}
	if _, err := read(); err != nil {
		t.Fatal(err)
	}
	if _, err := pgtest.Admin(t, c).ExecContext(t.Context(), `ALTER TABLE diary.notes ALTER COLUMN note TYPE varchar(100)`); err != nil {
		t.Fatal(err)
	}
	_, _ = read() // the result has another type than was prepared for
	if note, err := read(); err != nil || note != "one" {
		t.Errorf("%q, %v", note, err)
	}
}

func TestBehindAPoolerNothingIsPrepared(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) { onOneConnection(c); c.Prepare = false })
	exec(t, db, insertNote, "one")
	if n := get[int](t, db, countPrepared); n != 0 {
		t.Errorf("%d statements are prepared", n)
	}
}
