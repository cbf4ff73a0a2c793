package restore_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/process"
)

// promised: what is lost with a primary's disk is written within a minute (RPO).
const promised = time.Minute

// safe is how a database is kept: by one of deployments/postgres's two ways.
type safe struct {
	*place
	name, data, archive string // the archive_command
	backup              func(t *testing.T)
	restore             func(t *testing.T, folder string)
}

func byFiles(t *testing.T) *safe {
	t.Helper()
	p := newPlace(t)
	s := &safe{place: p, name: "archive.sh", data: filepath.Join(p.dir, "data"), archive: script(t, "archive.sh") + ` "%p" "%f"`}
	p.must(t, "initdb", "-N", "-D", s.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions")
	var kept string
	s.backup = func(t *testing.T) { kept = p.must(t, script(t, "backup.sh")) }
	s.restore = func(t *testing.T, folder string) { p.must(t, script(t, "restore.sh"), folder, kept) }
	return s
}

func byPgBackRest(t *testing.T) *safe {
	t.Helper()
	p, keeper, data := drill(t)
	return &safe{
		place: p, name: "pgBackRest", data: data, archive: keeper + " archive %p",
		backup:  func(t *testing.T) { p.must(t, keeper, "backup", "full") },
		restore: func(t *testing.T, folder string) { p.must(t, keeper, "restore", folder) },
	}
}

// archiveTimeout is that of the settings that primaries are started with.
func archiveTimeout(t *testing.T) time.Duration {
	t.Helper()
	text, err := os.ReadFile(script(t, "postgresql.conf"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^archive_timeout = (\d+s)$`).FindSubmatch(text)
	if found == nil {
		t.Fatal("postgresql.conf has no archive_timeout in seconds")
	}
	timeout, err := time.ParseDuration(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return timeout
}

// open starts the server, a clerk and a backup, and returns when a file of WAL has
// been archived for no other reason than its age.
func (s *safe) open(t *testing.T, timeout time.Duration) (*process.Child, *clerk) {
	t.Helper()
	// While there is a hold, no file gets to the archive: it is asked for, and on its way.
	hold := "if [ -e " + filepath.Join(s.dir, "hold") + " ]; then touch " + filepath.Join(s.dir, "asked") + "; exit 1; fi; "
	server := s.serveArchiving(t, s.data, hold+s.archive, "-c", fmt.Sprintf("archive_timeout=%.0fs", timeout.Seconds()))
	s.query(t, "CREATE TABLE calls (n int PRIMARY KEY, at timestamptz NOT NULL)")
	c := hire(t, s.place)
	s.backup(t)
	current := s.query(t, "SELECT pg_walfile_name(pg_current_wal_lsn())")
	s.eventually(t, s.data+".log", func() bool {
		return s.query(t, "SELECT coalesce(max(last_archived_wal), '') FROM pg_stat_archiver") >= current
	})
	return server, c
}

// The moments at which a disk vanishes.
func atRandom(t *testing.T, _ *safe, timeout time.Duration) {
	t.Helper()
	<-time.After(timeout/10 + rand.N(timeout*9/10)) //nolint:gosec // chance, not a secret
}

func asItsFileIsHandedOver(t *testing.T, s *safe, _ time.Duration) {
	t.Helper()
	s.folder(t, "hold")
	s.eventually(t, s.data+".log", func() bool {
		_, err := os.Stat(filepath.Join(s.dir, "asked"))
		return err == nil
	})
}

// vanish takes the server and its disk away at once, and says when.
func (s *safe) vanish(t *testing.T, server *process.Child) time.Time {
	t.Helper()
	if err := syscall.Kill(-server.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(s.data, s.data+".gone"); err != nil {
		t.Fatal(err)
	}
	then := time.Now()
	<-server.Ended()
	if err := os.RemoveAll(s.data + ".gone"); err != nil {
		t.Fatal(err)
	}
	return then
}

func TestAVanishedDiskCostsAtMostTheLastMinute(t *testing.T) {
	t.Parallel()
	timeout := archiveTimeout(t)
	var all findings
	t.Run("drills", func(t *testing.T) {
		for name, c := range map[string]struct {
			keep   func(*testing.T) *safe
			moment func(*testing.T, *safe, time.Duration)
			atMost bool // nothing worse can happen
		}{
			"archive.sh, at a random moment":              {byFiles, atRandom, false},
			"archive.sh, as the next file is handed over": {byFiles, asItsFileIsHandedOver, true},
			"pgBackRest, as the next file is handed over": {byPgBackRest, asItsFileIsHandedOver, true},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := c.keep(t)
				server, clerk := s.open(t, timeout)
				c.moment(t, s, timeout)
				f := finding{Drill: name, Vanished: s.vanish(t, server), Acknowledged: clerk.dismiss()}
				restored := filepath.Join(s.dir, "restored")
				began := time.Now()
				s.restore(t, restored)
				s.serveArchiving(t, restored, "false")
				f.Back, f.Restored = time.Since(began), entered(t, s.place)
				all.add(f)
				t.Log(f)
				if f.lost() > promised {
					t.Errorf("%s are lost, %s is promised", f.lost(), promised)
				}
				if c.atMost && f.lost() < timeout/2 {
					t.Errorf("only %s are lost: this was no bad moment", f.lost())
				}
				if f.Acknowledged.N <= f.Restored.N {
					t.Errorf("of %d acknowledged rows %d are back: the drill lost nothing", f.Acknowledged.N, f.Restored.N)
				}
			})
		}
	})
	all.write(t, timeout)
}
