package restore_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What is lost is what archive_timeout has not handed over yet (window_test.go measures
// it); here a switch by hand hurries it.
func TestALostDatabaseComesBackFromItsBackupAndArchive(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	data := filepath.Join(p.dir, "data")
	p.must(t, "initdb", "-N", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions")
	server := p.serve(t, data)
	p.query(t, "CREATE TABLE calls (n int); INSERT INTO calls SELECT generate_series(1, 1000)")
	backup := p.must(t, script(t, "backup.sh"))
	p.query(t, "INSERT INTO calls SELECT generate_series(1001, 1500)")
	moment := p.query(t, "SELECT clock_timestamp()")
	p.query(t, "INSERT INTO calls SELECT generate_series(1501, 1600)")
	last := p.query(t, "SELECT pg_walfile_name(pg_switch_wal())")
	p.eventually(t, data+".log", func() bool {
		_, err := os.Stat(filepath.Join(p.dir, "archive", last+".gz"))
		return err == nil
	})

	if err := syscall.Kill(-server.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-server.Ended()
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}

	began := time.Now()
	p.must(t, script(t, "restore.sh"), data, backup)
	restored := p.serve(t, data)
	t.Logf("restored and writable after %s", time.Since(began).Round(10*time.Millisecond))
	if got := p.query(t, "SELECT count(*), max(n) FROM calls"); got != "1600|1600" {
		t.Errorf("it holds %s, wanted all 1600", got)
	}
	p.query(t, "INSERT INTO calls VALUES (1601)")
	if err := restored.Stop(t.Context(), 20*time.Second, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}

	earlier := filepath.Join(p.dir, "earlier")
	p.must(t, "/usr/bin/env", "UNTIL="+moment, script(t, "restore.sh"), earlier, backup)
	p.serve(t, earlier)
	if got := p.query(t, "SELECT count(*) FROM calls"); got != "1500" {
		t.Errorf("at %s it held %s, wanted 1500", moment, got)
	}
}

func TestARestoreOverwritesNothingAndTrustsNoDamagedBackup(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.folder(t, "data")
	if err := os.WriteFile(filepath.Join(p.dir, "data", "all that is left"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := p.run(t, script(t, "restore.sh"), filepath.Join(p.dir, "data"), filepath.Join(p.dir, "backups", "any"))
	if err == nil || !strings.Contains(out, "is not empty") {
		t.Errorf("it says %q: %v", out, err)
	}
	p.folder(t, "backups/broken")
	out, err = p.run(t, script(t, "restore.sh"), filepath.Join(p.dir, "new"), filepath.Join(p.dir, "backups", "broken"))
	if err == nil {
		t.Errorf("it restores what is no backup: %q", out)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "new")); err == nil {
		t.Error("it left a folder that looks like data")
	}
}
