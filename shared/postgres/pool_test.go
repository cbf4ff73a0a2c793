package postgres_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestWhoeverFindsNoFreeConnectionWaitsForALimitedTime(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) { c.MaxOpen, c.AcquireTimeout = 2, 50*time.Millisecond }) // one of two watches
	holding, release := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := db.Primary().ExecContext(holding, `SELECT pg_sleep(600)`)
		ended <- err
	}()
	eventually.True(t, "the only connection is taken", func() bool { return db.Primary().Stats().InUse == 1 })
	_, err := db.Primary().ExecContext(t.Context(), insertNote, "never")
	wantUnavailable(t, postgres.Classify(err))
	release()
	<-ended
	eventually.True(t, "it is free again", func() bool { return db.Ping(t.Context()) == nil })
}

// sessions are the process ids of the server's sessions of that name.
func sessions(t *testing.T, admin *pgtest.AdminConn, application string) map[int]bool {
	t.Helper()
	rows, err := admin.QueryContext(t.Context(), `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1`, application)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	pids := map[int]bool{}
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			t.Fatal(err)
		}
		pids[pid] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return pids
}

func TestTheServerSeesTheNumbersOfThePool(t *testing.T) {
	t.Parallel()
	const most, warm = 12, 3
	db, c := openDiary(t, func(c *postgres.Config) {
		c.MaxOpen, c.Warm, c.ApplicationName = most, warm, "counted"
		c.ConnMaxIdleTime, c.WarmMaxIdleTime = 300*time.Millisecond, time.Second
	})
	admin := pgtest.Admin(t, c)
	count := func() int { return len(sessions(t, admin, "counted")) }
	const watching = 1
	eventually.True(t, "the warm ones are open", func() bool { return count() == warm+watching })
	first := sessions(t, admin, "counted")

	var clients sync.WaitGroup
	for range 3 * most {
		clients.Go(func() {
			if _, err := db.Primary().ExecContext(t.Context(), `SELECT pg_sleep(0.2)`); err != nil {
				t.Error(err)
			}
		})
	}
	eventually.True(t, "as many as allowed are open", func() bool { return count() == most })
	clients.Wait()
	eventually.True(t, "the surplus is closed", func() bool { return count() == warm+watching })
	eventually.True(t, "the warm ones are replaced", func() bool {
		kept := 0
		for pid := range sessions(t, admin, "counted") {
			if first[pid] {
				kept++
			}
		}
		return kept <= watching && count() == warm+watching
	})
}

func TestListenersCountAmongTheConnections(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) { c.MaxOpen = 10 })
	e := listen(t, db, "births")
	receive(t, "it listens", e.connected)
	if n := db.Primary().Stats().MaxOpenConnections; n != 8 {
		t.Errorf("beside one that watches and one that listens there may be %d", n)
	}
}

func TestPoolsThatAreTogetherLargerThanTheServerWarn(t *testing.T) {
	t.Parallel()
	set := pgtest.NewReplicaSet(t, 0, "diary", diaryFiles())
	logs := [3]*lockedBuffer{{}, {}, {}}
	for i, size := range []int{200, 110, 100} { // the server takes 320, 3 of them superusers
		c := set.Config()
		c.MaxOpen, c.Warm, c.Logger = size, 1, slog.New(slog.NewTextHandler(logs[i], nil))
		open(t, c)
		if i < 2 {
			admin := set.Servers[0].Admin()
			eventually.True(t, "the pool is announced", func() bool {
				var n int
				err := admin.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'`).Scan(&n)
				return err == nil && n == i+1
			})
		}
	}
	eventually.True(t, "the third one warns", func() bool { return strings.Contains(logs[2].String(), "pools=410 room=317") })
	for i, log := range logs[:2] {
		if strings.Contains(log.String(), "pools=") {
			t.Errorf("pool %d warned: %s", i+1, log)
		}
	}
}

// lockedBuffer is written and read at once.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
