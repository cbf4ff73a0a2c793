package postgres_test

import (
	"testing"

	"github.com/loveapp/backend/shared/postgres"
)

func TestClosingAPoolThatWasUsedIsNoFailure(t *testing.T) {
	t.Parallel()
	for range 5 {
		db, _ := openDiary(t, func(*postgres.Config) {})
		if _, err := db.Primary().ExecContext(t.Context(), insertNote, "a note"); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
