package embedded_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/postgres"
)

func start(t *testing.T, dir string) *embedded.Postgres {
	t.Helper()
	p, err := embedded.StartPostgres(t.Context(), embedded.PostgresOptions{Dir: dir, Durable: true, Logger: quietly()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, p) })
	return p
}

func stop(t *testing.T, p *embedded.Postgres) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func quietly() *slog.Logger { return slog.New(slog.DiscardHandler) }

func diary(p *embedded.Postgres) postgres.Config {
	return postgres.Config{
		Hosts: []config.HostPort{p.HostPort()}, Username: p.Username(), Password: p.Password(),
		Name: "postgres", SSLMode: "disable", Schema: "diary", Warm: -1,
	}
}

// write keeps a note in the server's database.
func write(ctx context.Context, c postgres.Config, note string) error {
	files := fstest.MapFS{"0001_notes.sql": {Data: []byte("-- +goose Up\nCREATE TABLE notes (note text PRIMARY KEY);\n")}}
	if err := postgres.Migrate(ctx, c, files); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.Primary().ExecContext(ctx, `INSERT INTO notes (note) VALUES ($1)`, note)
	return err
}

func notes(t *testing.T, c postgres.Config) []string {
	t.Helper()
	db, err := postgres.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var all []string
	if err := db.Primary().SelectContext(t.Context(), &all, `SELECT note FROM notes ORDER BY note`); err != nil {
		t.Fatal(err)
	}
	return all
}

func postmaster(dir string) (pid int, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "cluster", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(line)
}

func mustPostmaster(t *testing.T, dir string) int {
	t.Helper()
	pid, err := postmaster(dir)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestDataSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first := start(t, dir)
	if err := write(t.Context(), diary(first), "kept"); err != nil {
		t.Fatal(err)
	}
	stop(t, first)
	if got := notes(t, diary(start(t, dir))); len(got) != 1 || got[0] != "kept" {
		t.Fatalf("after the restart there are %q", got)
	}
}

func TestTheServerListensOnLoopbackBelowTheEphemeralPortsAndWantsThePassword(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	if addr := p.HostPort(); addr.Host != "127.0.0.1" || addr.Port >= 32768 {
		t.Errorf("it listens on %v", addr)
	}
	if info, err := os.Stat(filepath.Join(dir, "password")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the password's file: %v, %v", info, err)
	}
	c := diary(p)
	c.Password = "guessed"
	if err := write(t.Context(), c, "intruder"); err == nil || !strings.Contains(err.Error(), "28P01") {
		t.Errorf("with a wrong password: %v", err)
	}
}

func TestTheServerHasAProcessGroupOfItsOwnSoThatCtrlCIsNotForIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, dir)
	pid := mustPostmaster(t, dir)
	if group, err := syscall.Getpgid(pid); err != nil || group != pid {
		t.Fatalf("process %d is in group %d, %v", pid, group, err)
	}
}

func TestExitedTellsWhenTheServerEndsByItself(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	if err := syscall.Kill(mustPostmaster(t, dir), syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.Exited():
		if err == nil {
			t.Fatal("it ended without an error")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nobody was told")
	}
}

func TestExitedIsClosedWithoutAnErrorAfterStop(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	stop(t, p)
	if err, open := <-p.Exited(); open {
		t.Fatalf("after Stop it says %v", err)
	}
}

func TestStartPostgresSaysInOneSentenceWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(t *testing.T) (dir string)
		want    string
	}{
		"another process uses the folder": {func(t *testing.T) string {
			dir := t.TempDir()
			start(t, dir)
			return dir
		}, "is in use by another process (pid " + strconv.Itoa(os.Getpid()) + ")"},
		"the folder was written by another major version": {func(t *testing.T) string {
			dir := t.TempDir()
			stop(t, start(t, dir))
			rewrite(t, filepath.Join(dir, "cluster", "PG_VERSION"), "9\n")
			return dir
		}, "was written by PostgreSQL 9 and this machine has"},
		"the folder cannot be made": {func(t *testing.T) string {
			file := filepath.Join(t.TempDir(), "file")
			rewrite(t, file, "")
			return filepath.Join(file, "data")
		}, "cannot be made"},
		"the folder is not writable": {readOnlyFolder, "is not writable"},
		"the password is lost": {func(t *testing.T) string {
			dir := t.TempDir()
			stop(t, start(t, dir))
			if err := os.Remove(filepath.Join(dir, "password")); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "restore the file from a backup"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := test.prepare(t)
			_, err := embedded.StartPostgres(t.Context(), embedded.PostgresOptions{Dir: dir, Logger: quietly()})
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %v\nwant one line with %q", err, test.want)
			}
		})
	}
}

// readOnlyFolder is one where even root may not write: permissions do not stop root, /proc does.
func readOnlyFolder(t *testing.T) string {
	if os.Geteuid() == 0 {
		return "/proc/self"
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	return dir
}

func rewrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestACrashDuringTheFirstStartLeavesNothingInTheWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	half := filepath.Join(dir, "cluster.new")
	if err := os.Mkdir(half, 0o700); err != nil {
		t.Fatal(err)
	}
	rewrite(t, filepath.Join(half, "PG_VERSION"), "15\n")
	if err := write(t.Context(), diary(start(t, dir)), "works"); err != nil {
		t.Fatal(err)
	}
}

func TestAServerThatACrashLeftBehindIsStoppedFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stop(t, start(t, dir))
	_, ended, err := embedded.StartOrphan(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, dir)
	select {
	case <-ended:
	default:
		t.Fatal("two servers run on one folder")
	}
	if err := write(t.Context(), diary(p), "works"); err != nil {
		t.Fatal(err)
	}
}

func TestAStalePidOfAnotherProgramIsNoObstacleAndTheProgramLives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stop(t, start(t, dir))
	other := exec.Command("sleep", "600")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = other.Process.Kill(), other.Wait() })
	rewrite(t, filepath.Join(dir, "cluster", "postmaster.pid"), strconv.Itoa(other.Process.Pid)+"\n"+filepath.Join(dir, "cluster")+"\n1700000000\n5432\n\n127.0.0.1\n\nready\n")
	if err := write(t.Context(), diary(start(t, dir)), "works"); err != nil {
		t.Fatal(err)
	}
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Fatalf("the other program was stopped: %v", err)
	}
}

func TestPostgresRunsWhoeverWeAre(t *testing.T) {
	t.Parallel()
	ways, err := embedded.WaysToRunPostgres()
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "loveapp-embedded-*") // not t.TempDir: the first of its folders may be closed to others
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			if err := run(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
		})
	}
}
