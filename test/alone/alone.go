// Package alone runs one copy of auth as a process of its own on PostgreSQL and
// Redis, with nothing before it, for programs that measure what it costs.
package alone

import (
	"crypto/rand"
	"os"
	"os/exec"
	"strconv"

	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

// Options change what Start starts; the zero value is fine.
type Options struct {
	// Processors auth may use; 0: all.
	Processors int
	// Pinned keeps auth on the machine's first processor. Whoever measures keeps
	// everything else off it with AvoidFirst, before Start.
	Pinned bool
	// Env is beside what the process needs, NAME=value.
	Env []string
}

// Auth is a running copy of auth.
type Auth struct {
	URL     string
	Addr    string // host:port
	PID     int
	Servers world.Servers
}

// The first administrator.
const (
	AdminEmail    = "root@example.org"
	AdminPassword = "seven quiet lighthouses"
)

// Start builds auth and runs it until the attempt ends.
func Start(t world.T, o Options) *Auth {
	t.Helper()
	servers := world.NewServers(t)
	cmd := command(t, o)
	port := strconv.Itoa(freeport.Reserve(t))
	cmd.Env = append(cmd.Env, settings(t, servers, port)...)
	cmd.Stderr = os.Stderr
	child := program.Start(t, cmd)
	a := &Auth{URL: "http://127.0.0.1:" + port, Addr: "127.0.0.1:" + port, PID: child.PID(), Servers: servers}
	program.Await(t, "auth", a.URL+"/health/ready")
	return a
}

func command(t world.T, o Options) *exec.Cmd {
	t.Helper()
	binary := program.Build(t, "auth")
	cmd := exec.Command(binary) //nolint:noctx // stopped by its signal
	if o.Pinned {
		cmd = exec.Command("taskset", "-c", "0", binary) //nolint:gosec,noctx // our own program, stopped by its signal
	}
	cmd.Env = append(os.Environ(), o.Env...)
	if o.Processors > 0 {
		cmd.Env = append(cmd.Env, "GOMAXPROCS="+strconv.Itoa(o.Processors))
	}
	return cmd
}

// settings are those of production, with secrets of this run and mail that goes into a folder.
func settings(t world.T, servers world.Servers, port string) []string {
	t.Helper()
	return append(servers.Env(),
		"JWT_SECRET="+rand.Text()+rand.Text(), "INTERNAL_SECRET="+rand.Text()+rand.Text(),
		"LISTEN_HOST=127.0.0.1", "AUTH_SERVICE_PORT="+port, "METRICS_PORT="+strconv.Itoa(freeport.Reserve(t)), "LOG_LEVEL=error",
		"ADMIN_EMAIL="+AdminEmail, "ADMIN_PASSWORD="+AdminPassword)
}
