package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/internal/wiretest"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestWritesGoOnWhenAnotherServerTakesOver(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*pgtest.Server){
		"the primary was killed":        (*pgtest.Server).Kill,
		"the primary no longer answers": (*pgtest.Server).Freeze,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := pgtest.NewReplicaSet(t, 2, "diary", diaryFiles())
			c := set.Config()
			c.Warm = 5
			db := open(t, c)
			e := listen(t, db, "births")
			receive(t, "it listens", e.connected)
			awaitRead(t, db, c.ReadHosts[0])
			exec(t, db, insertNote, "before")
			awaitReplayed(t, set, 1)
			lose(set.Servers[0])
			reads := startReads(t, db)
			eventually.True(t, "reads go on", func() bool { return reads.count() > 100 })
			reads.stop(t)

			set.Servers[1].Promote()
			set.Servers[2].Follow(set.Servers[1])
			promoted := time.Now()
			eventually.True(t, "writes go on", func() bool { return write(t, db, "after") == nil })
			t.Logf("the first write came %s after the promotion", time.Since(promoted))
			receive(t, "it listens at the new primary", e.connected)
			eventually.True(t, "what is notified there is heard", func() bool {
				notify(t, db, "births", "ada")
				return len(e.heard) > 0
			})

			set.Servers[0].Thaw() // had it frozen only, it would still take itself for the primary
			for i := range 20 {
				exec(t, db, insertNote, fmt.Sprint("later ", i))
			}
			if port := get[string](t, db, `SELECT current_setting('port')`); port != fmt.Sprint(c.Hosts[1].Port) {
				t.Errorf("writes go to port %s", port)
			}
			if n := countNotes(t, db); n != 22 {
				t.Errorf("there are %d notes", n)
			}
			awaitRead(t, db, c.ReadHosts[0])
		})
	}
}

// write gives up sooner than a request would.
func write(t *testing.T, db *postgres.DB, note string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err := db.Primary().ExecContext(ctx, insertNote+` ON CONFLICT DO NOTHING`, note)
	return err
}

// awaitReplayed waits until both replicas show n notes.
func awaitReplayed(t *testing.T, set *pgtest.ReplicaSet, n int) {
	t.Helper()
	for _, replica := range set.Servers[1:] {
		admin := replica.Admin()
		eventually.True(t, "it is replayed", func() bool {
			var notes int
			err := admin.QueryRowContext(t.Context(), `SELECT count(*) FROM diary.notes`).Scan(&notes)
			return err == nil && notes == n
		})
	}
}

func TestAStatementOnAServerThatHasFrozenEndsSoonAfterItsCaller(t *testing.T) {
	t.Parallel()
	set := pgtest.NewReplicaSet(t, 0, "diary", diaryFiles())
	db := open(t, set.Config())
	exec(t, db, insertNote, "before")
	set.Servers[0].Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := db.Primary().ExecContext(ctx, insertNote, "during")
		ended <- postgres.Classify(err)
	}()
	wantUnavailable(t, receive(t, "the statement ends", ended))
	set.Servers[0].Thaw()
	exec(t, db, insertNote, "after")
}

func TestATransactionOnAServerThatHasFrozenEndsSoonAfterItsCaller(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(freeze, leave func()) error{
		"in its commit": func(freeze, leave func()) error {
			freeze()
			time.AfterFunc(50*time.Millisecond, leave)
			return nil
		},
		"in its rollback": func(freeze, _ func()) error {
			freeze()
			return errRefused
		},
		"between two statements": func(freeze, leave func()) error {
			freeze()
			leave()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := pgtest.Config(t, "diary", diaryFiles())
			wire := wiretest.New(t, c.Hosts[0].Addr())
			c.Hosts[0] = wire.Addr
			db := open(t, c)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				ended <- db.Tx(ctx, func(tx *sqlx.Tx) error {
					if _, err := tx.ExecContext(ctx, insertNote, "frozen"); err != nil {
						return err
					}
					return end(wire.Freeze, cancel)
				})
			}()
			if err := receive(t, "the transaction ends", ended); err == nil {
				t.Error("it is said to be committed")
			}
			exec(t, db, insertNote, "after")
		})
	}
}

var errRefused = errors.New("refused")
