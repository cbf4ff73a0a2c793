package restore_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/process"
)

// patience is for a machine that does much else.
const patience = 3 * time.Minute

// place is a machine with PostgreSQL's programs, an archive and backups on it. Its
// servers are reached through sockets in its folder, so that no port can be taken.
type place struct {
	dir, bin string
	who      process.Identity
	env      []string // more settings for what runs here
}

func newPlace(t *testing.T) *place {
	t.Helper()
	bin, err := embedded.FindPostgres()
	if err != nil {
		t.Fatal(err)
	}
	// Not t.TempDir: a socket's path must be short.
	dir, err := os.MkdirTemp("", "drill")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	who, err := process.ForPostgres(bin, filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	p := &place{dir: dir, bin: bin, who: who}
	for _, name := range []string{"archive", "backups", "sockets"} {
		p.folder(t, name)
	}
	if err := who.Own(filepath.Dir(dir), dir); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *place) folder(t *testing.T, name string) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := errors.Join(os.MkdirAll(path, 0o700), p.who.Own(p.dir, path)); err != nil {
		t.Fatal(err)
	}
}

// script is one of deployments/postgres.
func script(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../deployments/postgres", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// command runs as whoever PostgreSQL runs as, with its programs at hand.
func (p *place) command(name string, args ...string) *exec.Cmd {
	if found := filepath.Join(p.bin, name); !strings.Contains(name, "/") {
		name = found
	}
	cmd := exec.Command(name, args...) //nolint:gosec // our own scripts and PostgreSQL's programs
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "PATH="+p.bin+":"+os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC",
		"PGHOST="+filepath.Join(p.dir, "sockets"), "PGUSER=postgres", "PGDATABASE=postgres",
		"ARCHIVE="+filepath.Join(p.dir, "archive"), "BACKUPS="+filepath.Join(p.dir, "backups"))
	cmd.Env = append(cmd.Env, p.env...)
	p.who.Apply(cmd, syscall.SIGKILL)
	return cmd
}

// run gives what the command prints.
func (p *place) run(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	cmd := p.command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := process.Run(cmd)
	return strings.TrimSpace(out.String()), err
}

func (p *place) must(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := p.run(t, name, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return out
}

func (p *place) query(t *testing.T, sql string) string {
	t.Helper()
	return p.must(t, "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql)
}

// serve starts a server on a folder of data and waits until it can be written to.
func (p *place) serve(t *testing.T, data string) *process.Child {
	t.Helper()
	return p.serveArchiving(t, data, script(t, "archive.sh")+` "%p" "%f"`)
}

// serveArchiving is serve with an archive_command and more settings (-c, name=value) of its own.
func (p *place) serveArchiving(t *testing.T, data, archive string, settings ...string) *process.Child {
	t.Helper()
	cmd := p.command("postgres", append([]string{
		"-D", data, "-c", "listen_addresses=", "-c", "unix_socket_directories=" + filepath.Join(p.dir, "sockets"),
		"-c", "archive_mode=on", "-c", "archive_command=" + archive,
		"-c", "max_connections=20", "-c", "shared_buffers=16MB",
	}, settings...)...)
	log, err := os.Create(data + ".log")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	server, err := process.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Stop(context.WithoutCancel(t.Context()), 10*time.Second, syscall.SIGINT, syscall.SIGQUIT)
		_ = log.Close()
	})
	p.eventually(t, data+".log", func() bool {
		out, err := p.run(t, "psql", "-XAtqc", "SELECT pg_is_in_recovery()")
		return err == nil && out == "f"
	})
	return server
}

func (p *place) eventually(t *testing.T, log string, holds func() bool) {
	t.Helper()
	eventually.Within(t, patience, "PostgreSQL has done it", holds, func() string {
		text, _ := os.ReadFile(log) //nolint:gosec // our own
		return string(text)
	})
}
