package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// readPort is the port of the server that a reader is led to.
func readPort(ctx context.Context, db *postgres.DB) (port int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var text string
	if err := db.Reader().GetContext(ctx, &text, `SELECT current_setting('port')`); err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(text, &port)
	return port, err
}

func awaitRead(t *testing.T, db *postgres.DB, from config.HostPort) {
	t.Helper()
	eventually.True(t, "reads come from "+from.Addr(), func() bool {
		port, err := readPort(t.Context(), db)
		return err == nil && port == from.Port
	})
}

func checkNamed(t *testing.T, db *postgres.DB, name string) health.Check {
	t.Helper()
	for _, c := range db.Checks() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no check %s", name)
	return health.Check{}
}

func TestReadsComeFromThePrimaryWhereThereIsNoReplica(t *testing.T) {
	t.Parallel()
	db, c := openDiary(t, func(*postgres.Config) {})
	awaitRead(t, db, c.Hosts[0])
}

func TestAReplicaThatIsAwayIsNotReadAndItsCheckSaysSo(t *testing.T) {
	t.Parallel()
	db, c := openDiary(t, func(c *postgres.Config) { c.ReadHosts = []config.HostPort{{Host: "127.0.0.1", Port: 1}} })
	for range 20 {
		if port, err := readPort(t.Context(), db); err != nil || port != c.Hosts[0].Port {
			t.Fatalf("read from %d, %v", port, err)
		}
	}
	check := checkNamed(t, db, "replica-1")
	if check.Critical {
		t.Error("without a replica the service is down")
	}
	wantUnavailable(t, check.Probe(t.Context()))
}

// One replica set goes through it all in turn: it takes seconds to make.
func TestReplicas(t *testing.T) {
	t.Parallel()
	set := pgtest.NewReplicaSet(t, 2, "diary", diaryFiles())
	db := open(t, set.Config())
	awaitRead(t, db, set.Config().ReadHosts[0])
	for _, step := range []struct {
		name string
		run  func(*testing.T, *pgtest.ReplicaSet, *postgres.DB)
	}{
		{"whoever has written reads it, in any process", readYourWrites},
		{"reads that wait for a frozen replica go on elsewhere, and it comes back", freezeReplica},
		{"one that stays behind leaves, and comes back", holdReplica},
		{"a killed one leaves", killReplica},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.run(t, set, db) }) {
			return
		}
	}
}

func readYourWrites(t *testing.T, set *pgtest.ReplicaSet, writer *postgres.DB) {
	reader := open(t, set.Config()) // shares nothing with the writer
	first := set.Config().ReadHosts[0]
	awaitRead(t, reader, first)
	admin := set.Servers[1].Admin()
	for _, statement := range []string{`ALTER SYSTEM SET recovery_min_apply_delay = '10ms'`, `SELECT pg_reload_conf()`} {
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	written, fromReplica := 0, 0
	eventually.True(t, "20 reads come from the replica", func() bool {
		written++
		exec(t, writer, insertNote, fmt.Sprint("written ", written))
		var row struct {
			Notes int    `db:"notes"`
			Port  string `db:"port"`
		}
		if err := reader.Reader().GetContext(t.Context(), &row, `SELECT count(*) AS notes, current_setting('port') AS port FROM notes`); err != nil {
			t.Fatal(err)
		}
		if row.Notes != written {
			t.Fatalf("after %d writes a read shows %d", written, row.Notes)
		}
		if row.Port == fmt.Sprint(first.Port) {
			fromReplica++
		}
		return fromReplica == 20
	})
}

func freezeReplica(t *testing.T, set *pgtest.ReplicaSet, db *postgres.DB) {
	reads := startReads(t, db)
	eventually.True(t, "reads flow", func() bool { return reads.count() > 50 })
	set.Servers[1].Freeze()
	awaitRead(t, db, set.Config().ReadHosts[1])
	reads.stop(t)
	t.Logf("the longest read while a replica froze took %s", reads.longest)
	set.Servers[1].Thaw()
	awaitRead(t, db, set.Config().ReadHosts[0])
}

func holdReplica(t *testing.T, set *pgtest.ReplicaSet, db *postgres.DB) {
	admin := set.Servers[1].Admin()
	if _, err := admin.ExecContext(t.Context(), `SELECT pg_wal_replay_pause()`); err != nil {
		t.Fatal(err)
	}
	exec(t, db, insertNote, "not replayed")
	awaitRead(t, db, set.Config().ReadHosts[1]) // at once: no read waits 5 s for what it needs
	check := checkNamed(t, db, "replica-1")
	eventually.True(t, "it is too far behind", func() bool { return check.Probe(t.Context()) != nil })
	if lag, err := check.Lag(t.Context()); err != nil || lag < 5*time.Second {
		t.Errorf("it left at a lag of %s, %v", lag, err)
	}
	if _, err := admin.ExecContext(t.Context(), `SELECT pg_wal_replay_resume()`); err != nil {
		t.Fatal(err)
	}
	awaitRead(t, db, set.Config().ReadHosts[0])
	if lag, err := check.Lag(t.Context()); err != nil || lag >= 5*time.Second {
		t.Errorf("it came back at a lag of %s, %v", lag, err)
	}
}

func killReplica(t *testing.T, set *pgtest.ReplicaSet, db *postgres.DB) {
	reads := startReads(t, db)
	eventually.True(t, "reads flow", func() bool { return reads.count() > 50 })
	set.Servers[1].Kill()
	awaitRead(t, db, set.Config().ReadHosts[1])
	set.Servers[2].Kill()
	awaitRead(t, db, set.Config().Hosts[0])
	reads.stop(t)
}

// reads are clients that read one after the other.
type reads struct {
	cancel  context.CancelFunc
	clients sync.WaitGroup

	mu      sync.Mutex
	done    int
	failed  []error
	longest time.Duration
}

func startReads(t *testing.T, db *postgres.DB) *reads {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &reads{cancel: cancel}
	for range 8 {
		r.clients.Go(func() {
			for ctx.Err() == nil {
				start := time.Now()
				_, err := readPort(context.WithoutCancel(ctx), db)
				r.note(time.Since(start), err)
			}
		})
	}
	t.Cleanup(func() { cancel(); r.clients.Wait() })
	return r
}

func (r *reads) note(took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	r.longest = max(r.longest, took)
	if err != nil {
		r.failed = append(r.failed, err)
	}
}

func (r *reads) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done
}

// stop expects that none has failed.
func (r *reads) stop(t *testing.T) {
	t.Helper()
	r.cancel()
	r.clients.Wait()
	if len(r.failed) > 0 {
		t.Errorf("%d of %d reads failed, the first one: %v", len(r.failed), r.done, r.failed[0])
	}
}
