package restore_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func (p *place) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // whoever PostgreSQL runs as reads it
		t.Fatal(err)
	}
	return path
}

func TestAnArchivedFileIsNeverReplacedByAnother(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first, other := p.write(t, "first", "one history"), p.write(t, "other", "another history")
	archive := script(t, "archive.sh")
	p.must(t, archive, first, "000000010000000000000001")
	p.must(t, archive, first, "000000010000000000000001") // asked again after a crash: it has it
	if out, err := p.run(t, archive, other, "000000010000000000000001"); err == nil {
		t.Errorf("two primaries destroy each other's archive: %q", out)
	}
	if kept := p.must(t, "/usr/bin/env", "gzip", "-dc", "archive/000000010000000000000001.gz"); kept != "one history" {
		t.Errorf("the archive holds %q", kept)
	}
}

// Without that the archive fills its disk, and then nothing is archived any more.
func TestTheArchiveForgetsWhatNoBackupNeeds(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	archive, wal := script(t, "archive.sh"), p.write(t, "wal", "what happened")
	for name, age := range map[string]time.Duration{
		"000000010000000000000001": 17 * 24 * time.Hour, "000000010000000000000002": 14 * 24 * time.Hour, "00000002.history": 400 * 24 * time.Hour,
	} {
		p.must(t, archive, wal, name)
		then := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(p.dir, "archive", name+".gz"), then, then); err != nil {
			t.Fatal(err)
		}
	}
	p.must(t, archive, wal, "000000010000000000000003")
	left := strings.Fields(p.must(t, "/bin/ls", "-A", "archive"))
	if want := []string{"000000010000000000000002.gz", "000000010000000000000003.gz", "00000002.history.gz"}; !slices.Equal(left, want) {
		t.Errorf("the archive holds %q, want %q", left, want)
	}
}

// What comes back without a part in the middle would look like all there was.
func TestADamagedArchiveIsNotTakenForItsEnd(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	data := filepath.Join(p.dir, "data")
	p.must(t, "initdb", "-N", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions")
	p.serve(t, data)
	backup := p.must(t, script(t, "backup.sh"))
	p.query(t, "CREATE TABLE calls (n int)")
	last := p.query(t, "SELECT pg_walfile_name(pg_switch_wal())")
	archived := filepath.Join(p.dir, "archive", last+".gz")
	p.eventually(t, data+".log", func() bool {
		_, err := os.Stat(archived)
		return err == nil
	})
	if err := os.Truncate(archived, 1000); err != nil {
		t.Fatal(err)
	}
	restored := filepath.Join(p.dir, "restored")
	p.must(t, script(t, "restore.sh"), restored, backup)
	// A recovery that goes on regardless ends by being promoted, and this by its time.
	out, err := p.run(t, "pg_ctl", "-D", restored, "-w", "-t", "60", "-o", "-c listen_addresses= -c unix_socket_directories="+p.dir, "start")
	if err == nil || !strings.Contains(out, "could not restore file") {
		t.Errorf("it starts: %v\n%s", err, out)
	}
}
