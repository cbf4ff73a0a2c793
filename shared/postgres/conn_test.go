package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestIdleConnectionsThatTheServerClosedAreReplacedBeforeAnybodyFails(t *testing.T) {
	t.Parallel()
	const size = 5
	db, c := openDiary(t, func(c *postgres.Config) { c.MaxOpen, c.Warm = size+1, size })
	eventually.True(t, "the pool is warm", func() bool { return db.Primary().Stats().Idle == size })
	admin := pgtest.Admin(t, c)
	before := sessions(t, admin, "diary")
	if n := terminate(t, admin, "true"); n < size {
		t.Fatalf("%d sessions were ended, want %d", n, size)
	}
	eventually.True(t, "the sessions are gone", func() bool {
		for pid := range sessions(t, admin, "diary") {
			if before[pid] {
				return false
			}
		}
		return true
	})
	for i := range size {
		exec(t, db, insertNote, string(rune('a'+i)))
	}
}

func TestAWriteWhoseConnectionIsLostIsNotSentTwice(t *testing.T) {
	t.Parallel()
	db, c := openDiary(t, func(*postgres.Config) {})
	admin := pgtest.Admin(t, c)
	result := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // a second sending would wait in vain
		defer cancel()
		_, err := db.Primary().ExecContext(ctx, `BEGIN; INSERT INTO notes (author, note) VALUES ('ada', md5(random()::text)); COMMIT; SELECT pg_sleep(600)`)
		result <- err
	}()
	eventually.True(t, "the write is committed", func() bool { return countNotes(t, db) == 1 })
	eventually.True(t, "its session is ended", func() bool { return terminate(t, admin, "wait_event = 'PgSleep'") == 1 })
	wantUnavailable(t, postgres.Classify(<-result))
	if n := countNotes(t, db); n != 1 {
		t.Fatalf("there are %d notes", n)
	}
}

func TestAfterAReadOnlyAnswerNoOldConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) { c.MaxOpen = 1 })
	exec(t, db, `SET default_transaction_read_only = on`) // the pool's one session is as on a demoted primary
	_, err := db.Primary().ExecContext(t.Context(), insertNote, "lost")
	wantUnavailable(t, postgres.Classify(err))
	exec(t, db, insertNote, "kept")
}

func TestAStatementThatTakesTooLongIsUnavailable(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) { c.StatementTimeout = 50 * time.Millisecond })
	_, err := db.Primary().ExecContext(t.Context(), `SELECT pg_sleep(600)`)
	wantUnavailable(t, postgres.Classify(err))
}

func TestACallersDeadlineIsUnavailableAndACallerWhoLeftIsNot(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	for name, test := range map[string]struct {
		end    func(context.Context) (context.Context, context.CancelFunc)
		want   error
		passes bool
	}{
		"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 50*time.Millisecond)
		}, context.DeadlineExceeded, true},
		"left": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(50*time.Millisecond, cancel)
			return ctx, cancel
		}, context.Canceled, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := test.end(t.Context())
			defer cancel()
			_, err := db.Primary().ExecContext(ctx, `SELECT pg_sleep(600)`)
			err = postgres.Classify(err)
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v", err)
			}
			if _, passes := errors.AsType[*fault.Error](err); passes != test.passes {
				t.Fatalf("got %v", err)
			}
		})
	}
}
