package restore_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// within runs a script that finds no room: any file over 100 KB fails to be written.
func (p *place) within(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return p.run(t, "/bin/sh", append([]string{"-c", `ulimit -f 200; exec "$@"`, "sh"}, args...)...)
}

func TestACopyThatBreaksOffLeavesNothingThatLooksWhole(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	data := filepath.Join(p.dir, "data")
	p.must(t, "initdb", "-N", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions")
	p.serve(t, data)
	p.folder(t, "backups/20200101T000000Z") // a backup of long ago
	p.folder(t, "backups/0 not ours")

	out, err := p.within(t, script(t, "backup.sh"))
	if left := p.must(t, "/bin/ls", "backups"); err == nil || left != "0 not ours\n20200101T000000Z" {
		t.Fatalf("a backup that broke off (%v) leaves %q:\n%s", err, left, out)
	}
	backup := p.must(t, "/usr/bin/env", "KEEP=1", script(t, "backup.sh"))
	if left := strings.Split(p.must(t, "/bin/ls", "-A", "backups"), "\n"); !slices.Equal(left, []string{"0 not ours", filepath.Base(backup)}) {
		t.Errorf("beside the newest one there are %q", left)
	}

	restored := filepath.Join(p.dir, "restored")
	if out, err := p.within(t, script(t, "restore.sh"), restored, backup); err == nil {
		t.Fatalf("it restores without room: %s", out)
	}
	if left := p.must(t, "/bin/ls", "-A", restored); left != ".new" {
		t.Errorf("PostgreSQL may start on what was restored in part: %q", left)
	}
	p.must(t, script(t, "restore.sh"), restored, backup)
	for _, name := range []string{"global/pg_control", "recovery.signal", "PG_VERSION"} {
		if _, err := os.Stat(filepath.Join(restored, name)); err != nil {
			t.Errorf("run again, it restores no %s", name)
		}
	}
}
