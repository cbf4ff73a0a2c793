package restore_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// drill is a place with a repository of pgBackRest in its archive, by the very
// settings and script of the overlay.
func drill(t *testing.T) (p *place, keeper, data string) {
	t.Helper()
	if _, err := exec.LookPath("pgbackrest"); err != nil {
		t.Fatalf("%v: run make deps", err)
	}
	p = newPlace(t)
	keeper, data = script(t, "pgbackrest/pgbackrest.sh"), filepath.Join(p.dir, "data")
	p.folder(t, "lock")
	p.env = []string{
		"PGBACKREST_CONFIG=" + script(t, "pgbackrest/pgbackrest.conf"), "PGBACKREST_REPO1_PATH=" + filepath.Join(p.dir, "archive"),
		"PGBACKREST_PG1_SOCKET_PATH=" + filepath.Join(p.dir, "sockets"), "PGBACKREST_PG1_USER=postgres",
		"PGBACKREST_LOCK_PATH=" + filepath.Join(p.dir, "lock"), "PGBACKREST_SPOOL_PATH=" + filepath.Join(p.dir, "lock"),
		"PGBACKREST_PG1_PATH=" + data,
	}
	p.must(t, "initdb", "-N", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions")
	return p, keeper, data
}

// What pgBackRest keeps brings a lost database back: a full backup, an incremental
// one on it, and the WAL behind both; to its end, and to a moment.
func TestALostDatabaseComesBackFromPgBackRest(t *testing.T) {
	t.Parallel()
	p, keeper, data := drill(t)
	server := p.serveArchiving(t, data, keeper+" archive %p")
	p.query(t, "CREATE TABLE calls (n int); INSERT INTO calls SELECT generate_series(1, 1000)")
	p.must(t, keeper, "backup", "full")
	p.query(t, "INSERT INTO calls SELECT generate_series(1001, 1500)")
	if info := p.must(t, keeper, "backup", "incr"); !strings.Contains(info, "status: ok") || strings.Count(info, "full backup:") != 1 || strings.Count(info, "incr backup:") != 1 {
		t.Errorf("the repository holds:\n%s", info)
	}
	p.query(t, "INSERT INTO calls SELECT generate_series(1501, 1600)")
	moment := p.query(t, "SELECT clock_timestamp()")
	p.query(t, "INSERT INTO calls SELECT generate_series(1601, 1700)")
	last := p.query(t, "SELECT pg_walfile_name(pg_switch_wal())")
	p.eventually(t, data+".log", func() bool {
		return p.query(t, "SELECT coalesce(max(last_archived_wal), '') FROM pg_stat_archiver") >= last
	})
	if err := syscall.Kill(-server.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-server.Ended()

	if out, err := p.run(t, keeper, "restore", data); err == nil || !strings.Contains(out, "is not empty") {
		t.Errorf("a restore over what may be all that is left says %q: %v", out, err)
	}
	began := time.Now()
	restored := filepath.Join(p.dir, "restored")
	p.must(t, keeper, "restore", restored)
	again := p.serveArchiving(t, restored, "false")
	t.Logf("restored and writable after %s", time.Since(began).Round(10*time.Millisecond))
	if got := p.query(t, "SELECT count(*), max(n) FROM calls"); got != "1700|1700" {
		t.Errorf("it holds %s, wanted all 1700", got)
	}
	p.query(t, "INSERT INTO calls VALUES (1701)")
	if err := again.Stop(t.Context(), patience, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}

	earlier := filepath.Join(p.dir, "earlier")
	p.must(t, "/usr/bin/env", "UNTIL="+moment, keeper, "restore", earlier)
	p.serveArchiving(t, earlier, "false")
	if got := p.query(t, "SELECT count(*) FROM calls"); got != "1600" {
		t.Errorf("at %s it held %s, wanted 1600", moment, got)
	}
}

func TestADamagedRepositoryIsFoundBeforeItIsRestored(t *testing.T) {
	t.Parallel()
	p, keeper, data := drill(t)
	p.serveArchiving(t, data, keeper+" archive %p")
	p.must(t, keeper, "backup", "full")
	p.must(t, "/bin/sh", "-c", `find archive/backup/love-app -name bundle -type d -exec sh -c 'for f in "$1"/*; do dd if=/dev/zero of="$f" bs=64 count=1 conv=notrunc 2>/dev/null; done' _ {} \;`)
	restored := filepath.Join(p.dir, "restored")
	if out, err := p.run(t, keeper, "restore", restored); err == nil {
		t.Errorf("a damaged backup was restored: %s", out)
	}
}
