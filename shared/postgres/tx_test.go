package postgres_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/loveapp/backend/shared/postgres"
)

func TestTxCommitsWhatChangeDid(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	err := db.Tx(t.Context(), func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(t.Context(), insertNote, "first")
		return err
	})
	if err != nil || countNotes(t, db) != 1 {
		t.Fatalf("got %v and %d notes", err, countNotes(t, db))
	}
}

func TestTxRollsBackAndReturnsTheErrorOfChangeAsItIs(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	refused := errors.New("refused")
	err := db.Tx(t.Context(), func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(t.Context(), insertNote, "first"); err != nil {
			return err
		}
		return refused
	})
	if err != refused || countNotes(t, db) != 0 { //nolint:errorlint // as it is
		t.Fatalf("got %v and %d notes", err, countNotes(t, db))
	}
}

func TestTxRollsBackWhenChangePanicsAndGivesItsConnectionBack(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) { c.MaxOpen = 1 })
	func() {
		defer func() {
			if recover() != "mistake" {
				t.Error("the panic did not come through")
			}
		}()
		_ = db.Tx(t.Context(), func(tx *sqlx.Tx) error {
			if _, err := tx.ExecContext(t.Context(), insertNote, "first"); err != nil {
				return err
			}
			panic("mistake")
		})
	}()
	if n := countNotes(t, db); n != 0 {
		t.Fatalf("%d notes were kept", n)
	}
}

func TestTxRetriesASerializationFailureThreeTimesThenSaysUnavailable(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	for name, test := range map[string]struct{ failures, attempts int }{
		"until it succeeds": {failures: 3, attempts: 4},
		"and no longer":     {failures: 9, attempts: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempts := 0
			err := db.Tx(t.Context(), func(tx *sqlx.Tx) error {
				attempts++
				if attempts > test.failures {
					return nil
				}
				_, err := tx.ExecContext(t.Context(), `DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = 'serialization_failure'; END $$`)
				return err
			})
			if attempts != test.attempts {
				t.Errorf("%d attempts, want %d", attempts, test.attempts)
			}
			if test.failures < test.attempts {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantUnavailable(t, err)
		})
	}
}

func TestTwoTransactionsInADeadlockBothSucceed(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	exec(t, db, `INSERT INTO authors (name) VALUES ('bob'), ('eve')`)
	var bothHold sync.WaitGroup
	bothHold.Add(2)
	lock := func(first, second string) error {
		hold := sync.OnceFunc(func() { bothHold.Done(); bothHold.Wait() }) // in the first attempt only
		return db.Tx(t.Context(), func(tx *sqlx.Tx) error {
			const touch = `UPDATE authors SET name = name WHERE name = $1`
			if _, err := tx.ExecContext(t.Context(), touch, first); err != nil {
				return err
			}
			hold()
			_, err := tx.ExecContext(t.Context(), touch, second)
			return err
		})
	}
	results := make(chan error, 2)
	go func() { results <- lock("bob", "eve") }()
	go func() { results <- lock("eve", "bob") }()
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}

func TestTxSaysThatTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) { c.Hosts[0].Port = 1 })
	wantUnavailable(t, db.Tx(t.Context(), func(*sqlx.Tx) error {
		t.Error("change ran")
		return nil
	}))
}
