package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// durable is a diary on a primary with a standby that confirms.
func durable(t *testing.T) (*pgtest.ReplicaSet, *postgres.DB, *postgres.Durable) {
	t.Helper()
	set := pgtest.NewReplicaSet(t, 1, "diary", diaryFiles())
	set.Servers[0].WaitFor("*")
	db := open(t, set.Config())
	d := db.Durable()
	t.Cleanup(func() { _ = d.Close() })
	eventually.True(t, "the standby is known", func() bool {
		has, err := db.HasStandbys(t.Context())
		return err == nil && has
	})
	return set, db, d
}

// keep writes a note durably, in so much time.
func keep(t *testing.T, d *postgres.Durable, note string, limit time.Duration) (bool, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	result, replicated, err := d.ExecContext(ctx, insertNote, note)
	if err == nil {
		if n, err := result.RowsAffected(); n != 1 || err != nil {
			t.Errorf("%d rows (%v)", n, err)
		}
	}
	return replicated, err
}

func TestWhatIsCommittedDurablyIsOnTheStandby(t *testing.T) {
	t.Parallel()
	set, db, d := durable(t)
	exec(t, db, insertNote, "by others, before")
	if replicated, err := keep(t, d, "durable", 20*time.Second); !replicated || err != nil {
		t.Fatalf("replicated %v (%v)", replicated, err)
	}
	set.Servers[0].Kill()
	set.Servers[1].Promote()
	eventually.True(t, "the standby has both", func() bool {
		var n int
		return db.Primary().GetContext(t.Context(), &n, `SELECT count(*) FROM notes`) == nil && n == 2
	})
	eventually.True(t, "notes are kept there, which has no standby", func() bool {
		replicated, err := keep(t, d, "after "+time.Now().String(), time.Second)
		return err == nil && !replicated
	})
}

func TestAStandbyThatHasFrozenConfirmsNothing(t *testing.T) {
	t.Parallel()
	set, db, d := durable(t)
	set.Servers[1].Freeze()
	ctx, loseHeart := context.WithCancel(t.Context())
	defer loseHeart()
	type outcome struct {
		replicated bool
		err        error
	}
	kept := make(chan outcome, 1)
	go func() {
		_, replicated, err := d.ExecContext(ctx, insertNote, "during")
		kept <- outcome{replicated, err}
	}()
	eventually.True(t, "it waits", waitsFor(t, set.Servers[0]))
	loseHeart()
	if o := receive(t, "it goes on", kept); o.replicated || !errors.Is(o.err, postgres.ErrUnconfirmed) && !errors.Is(o.err, context.Canceled) {
		t.Errorf("replicated %v (%v)", o.replicated, o.err)
	}
	exec(t, db, insertNote, "by others") // who wait for nobody
	set.Servers[1].Thaw()
	eventually.True(t, "it confirms again", func() bool {
		replicated, err := keep(t, d, "after "+time.Now().String(), 5*time.Second)
		return replicated && err == nil
	})
	if n := get[int](t, db, `SELECT count(*) FROM notes WHERE note = 'during'`); n != 1 {
		t.Errorf("%d notes: what is not confirmed is committed nevertheless", n)
	}
}

func TestWhoeverIsLetGoBeforeTheStandbyAnswersHasNoConfirmation(t *testing.T) {
	t.Parallel()
	for name, letGo := range map[string]func(*testing.T, *pgtest.Server){
		"no standby is left":     func(_ *testing.T, s *pgtest.Server) { s.WaitFor("") },
		"an operator cancels it": cancelWaits,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, _, d := durable(t)
			set.Servers[1].Freeze()
			waiting := make(chan bool, 1)
			go func() {
				replicated, _ := keep(t, d, "during", 20*time.Second)
				waiting <- replicated
			}()
			eventually.True(t, "it waits", waitsFor(t, set.Servers[0]))
			letGo(t, set.Servers[0])
			if receive(t, "it goes on", waiting) {
				t.Error("replicated, though the standby is frozen")
			}
		})
	}
}

// waitsFor tells whether a commit waits for its standby.
func waitsFor(t *testing.T, primary *pgtest.Server) func() bool {
	t.Helper()
	admin := primary.Admin()
	return func() bool {
		var n int
		err := admin.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`).Scan(&n)
		return err == nil && n == 1
	}
}

// cancelWaits: PostgreSQL answers such a commit with success, and a warning.
func cancelWaits(t *testing.T, s *pgtest.Server) {
	t.Helper()
	const cancel = `SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`
	if _, err := s.Admin().ExecContext(t.Context(), cancel); err != nil {
		t.Error(err)
	}
}

func TestWithoutAStandbyTheDisksWordIsTaken(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	d := db.Durable()
	defer func() { _ = d.Close() }()
	if has, err := db.HasStandbys(t.Context()); has || err != nil {
		t.Errorf("it has standbys: %v (%v)", has, err)
	}
	for _, note := range []string{"one", "two"} {
		if replicated, err := keep(t, d, note, 20*time.Second); replicated || err != nil {
			t.Errorf("replicated %v (%v)", replicated, err)
		}
	}
	if n := countNotes(t, db); n != 2 {
		t.Errorf("%d notes", n)
	}
	if commits := get[string](t, db, `SHOW synchronous_commit`); commits != "local" {
		t.Errorf("the others' commits: %s", commits)
	}
}

func TestAFailedDurableStatementSaysWhy(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	d := db.Durable()
	defer func() { _ = d.Close() }()
	if _, err := keep(t, d, "twice", 20*time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := keep(t, d, "twice", 20*time.Second); !postgres.IsUnique(err, "notes_note_once") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := d.ExecContext(ctx, insertNote, "too late"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
