// Package alone runs one copy of auth as a process of its own on PostgreSQL and
// Redis, with nothing before it, for programs that measure what it costs.
package alone

import (
	"context"
	"crypto/rand"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/process"
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
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	child, err := process.Start(cmd)
	if err != nil {
		t.Fatalf("start auth: %v", err)
	}
	t.Cleanup(func() {
		if err := child.Stop(context.Background(), 30*time.Second, syscall.SIGTERM); err != nil {
			t.Errorf("stop auth: %v", err)
		}
	})
	a := &Auth{URL: "http://127.0.0.1:" + port, Addr: "127.0.0.1:" + port, PID: child.PID(), Servers: servers}
	a.awaitReady(t)
	return a
}

func command(t world.T, o Options) *exec.Cmd {
	t.Helper()
	binary := build(t)
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

func build(t world.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "alone-*")
	if err != nil {
		t.Fatalf("make a folder: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	binary := filepath.Join(dir, "auth")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/loveapp/backend/auth/cmd/auth").CombinedOutput() //nolint:gosec // our own program
	if err != nil {
		t.Fatalf("build auth: %v: %s", err, out)
	}
	return binary
}

// settings are those of production, with secrets of this run and mail that goes into a folder.
func settings(t world.T, servers world.Servers, port string) []string {
	t.Helper()
	db, redis := servers.Postgres, servers.Redis
	return []string{
		"DATABASE_HOST=" + db.Hosts[0].Host, "DATABASE_PORT=" + strconv.Itoa(db.Hosts[0].Port), "DATABASE_USERNAME=" + db.Username,
		"DATABASE_PASSWORD=" + db.Password.Value(), "DATABASE_NAME=" + db.Name, "DATABASE_SSLMODE=disable",
		"REDIS_HOST=" + redis.Addrs[0].Host, "REDIS_PORT=" + strconv.Itoa(redis.Addrs[0].Port), "REDIS_PASSWORD=" + redis.Password.Value(),
		"JWT_SECRET=" + rand.Text() + rand.Text(), "INTERNAL_SECRET=" + rand.Text() + rand.Text(),
		"LISTEN_HOST=127.0.0.1", "AUTH_SERVICE_PORT=" + port, "METRICS_PORT=" + strconv.Itoa(freeport.Reserve(t)), "LOG_LEVEL=error",
		"ADMIN_EMAIL=" + AdminEmail, "ADMIN_PASSWORD=" + AdminPassword,
	}
}

func (a *Auth) awaitReady(t world.T) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		res, err := http.Get(a.URL + "/health/ready") //nolint:noctx // a minute bounds it
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("auth did not get ready: %v", err)
		}
	}
}
