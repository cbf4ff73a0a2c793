package pgtest

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/pgdata"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/process"
)

// ReplicaSet is a primary and the replicas that stream from it: servers of one
// test, which may break them.
type ReplicaSet struct {
	// Servers begins with the one that is the primary at the start.
	Servers []*Server
	schema  string
}

// Server is one of them.
type Server struct {
	tb       testing.TB
	dir      string
	postgres *embedded.Postgres
}

// NewReplicaSet starts them, with the schema migrated. They end with the test.
func NewReplicaSet(tb testing.TB, replicas int, schema string, migrations fs.FS) *ReplicaSet {
	tb.Helper()
	dir, err := newFolder()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	// Each server locks its own folder; theirs must be held, too, lest another binary clears it away.
	lock, err := process.LockFolder(dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(lock.Release)
	set := &ReplicaSet{schema: schema, Servers: []*Server{startServer(tb, dir, 0, nil)}}
	for i := range replicas {
		set.Servers = append(set.Servers, startServer(tb, dir, i+1, set.Servers[0].postgres))
	}
	if err := postgres.Migrate(tb.Context(), set.Config(), migrations); err != nil {
		tb.Fatalf("migrate the replica set: %v", err)
	}
	return set
}

// Config leads to all: any may be the primary, all but the first are read.
func (s *ReplicaSet) Config() postgres.Config {
	c := s.Servers[0].config()
	c.Schema = s.schema
	for _, one := range s.Servers[1:] {
		c.Hosts = append(c.Hosts, one.postgres.HostPort())
		c.ReadHosts = append(c.ReadHosts, one.postgres.HostPort())
	}
	return c
}

func startServer(tb testing.TB, dir string, number int, follow *embedded.Postgres) *Server {
	tb.Helper()
	s := &Server{tb: tb, dir: filepath.Join(dir, fmt.Sprintf("server_%d", number))}
	var err error
	s.postgres, err = embedded.StartPostgres(tb.Context(), embedded.PostgresOptions{Dir: s.dir, Follow: follow, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatalf("start a server of the replica set: %v", err)
	}
	tb.Cleanup(s.Kill)
	return s
}

func (s *Server) config() postgres.Config {
	c := settings("", "postgres")
	c.Username, c.Password = s.postgres.Username(), s.postgres.Password()
	c.Hosts = []config.HostPort{s.postgres.HostPort()}
	return c
}

// Admin is a connection of the superuser to this server.
func (s *Server) Admin() *AdminConn {
	s.tb.Helper()
	return Admin(s.tb, s.config())
}

// Kill ends it at once, all of its processes: nothing is said to anybody.
func (s *Server) Kill() {
	process.SignalFolder(s.dir, syscall.SIGKILL)
	if err := s.postgres.Stop(context.Background()); err != nil {
		s.tb.Errorf("stop a server of the replica set: %v", err)
	}
}

// Freeze stops it as a machine that hangs: connections stay, and nothing answers.
func (s *Server) Freeze() { process.SignalFolder(s.dir, syscall.SIGSTOP) }

// Thaw lets it go on.
func (s *Server) Thaw() { process.SignalFolder(s.dir, syscall.SIGCONT) }

// Promote makes it the primary.
func (s *Server) Promote() {
	s.tb.Helper()
	s.with(func(login *sql.DB) error { return postgres.Promote(s.tb.Context(), login) })
}

// Follow points it to another primary.
func (s *Server) Follow(primary *Server) {
	s.tb.Helper()
	s.with(func(login *sql.DB) error {
		return postgres.Follow(s.tb.Context(), login, pgdata.Source{
			Login: pgdata.Login{Username: primary.postgres.Username(), Password: primary.postgres.Password()},
			Addr:  primary.postgres.HostPort(), Name: filepath.Base(s.dir),
		})
	})
}

func (s *Server) with(use func(*sql.DB) error) {
	s.tb.Helper()
	login, err := postgres.OpenLogin(s.config())
	if err != nil {
		s.tb.Fatal(err)
	}
	defer func() { _ = login.Close() }()
	if err := use(login); err != nil {
		s.tb.Fatal(err)
	}
}

// WaitFor names the standbys that have to confirm a commit before it returns
// ("" = none, "*" = any one), where it is made to wait: see postgres.Durable.
func (s *Server) WaitFor(standbys string) {
	s.tb.Helper()
	s.tell("ALTER SYSTEM SET synchronous_standby_names = '"+standbys+"'", "SELECT pg_reload_conf()")
}

// Archive starts it anew with an archive to which this command of a shell takes
// each file of write-ahead log, and gives it one to take.
func (s *Server) Archive(command string) {
	s.tb.Helper()
	s.tell("ALTER SYSTEM SET archive_mode = on", "ALTER SYSTEM SET archive_command = '"+command+"'")
	s.Kill()
	var err error
	if s.postgres, err = embedded.StartPostgres(s.tb.Context(), embedded.PostgresOptions{Dir: s.dir, Logger: slog.New(slog.DiscardHandler)}); err != nil {
		s.tb.Fatalf("start a server of the replica set again: %v", err)
	}
	s.tell("SELECT pg_switch_wal()")
}

func (s *Server) tell(statements ...string) {
	s.tb.Helper()
	admin := s.Admin()
	for _, statement := range statements {
		if _, err := admin.ExecContext(s.tb.Context(), statement); err != nil {
			s.tb.Fatalf("%s: %v", statement, err)
		}
	}
}
