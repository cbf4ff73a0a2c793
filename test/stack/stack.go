// Package stack runs the local stack, real processes behind nginx, for the
// tests that need it, and injects what operators fear.
package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/loveapp/backend/shared/failpoint"
	"github.com/loveapp/backend/shared/freeport"
)

// Options say which stack to run.
type Options struct {
	Cluster bool     // Redis as a cluster of six
	Linked  bool     // with links that can be slowed down and cut; not with Cluster
	Env     []string // settings beside the stack's own, NAME=value
	// Failpoints: sos can be armed to die at a point of shared/failpoint.
	Failpoints bool
}

// Stack is a running stack.
type Stack struct {
	URL      string   // of nginx
	Gateways []string // behind it

	dir, program string
	ports        *freeport.Reservation // of its block
	env          []string
	shape        []string // the flags that say what it is like
	links        links    // nil: none
	relays       *relays  // nil: none
}

// Process is one of its processes.
type Process struct {
	Name, Role        string
	PID               int
	Addr, MetricsAddr string
	Healthy           bool
	Restarts          int
	Starts            int
}

// Start builds the programs and runs them in a folder of their own. It returns
// when all of them are healthy.
func Start(ctx context.Context, o Options) (*Stack, error) {
	repository, err := repository()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stack-*") // a short name: it holds a socket
	if err != nil {
		return nil, err
	}
	ports, err := freeport.TakeBlock()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &Stack{dir: dir, ports: ports, program: filepath.Join(dir, ".bin", "stack"), env: append(os.Environ(), o.Env...)}
	if err := s.prepare(ctx, repository, o.Failpoints); err != nil {
		ports.Release()
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.up(ctx, o); err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func (s *Stack) up(ctx context.Context, o Options) (err error) {
	redis := "single"
	if o.Cluster {
		redis = "cluster"
	}
	if o.Linked {
		if s.links, err = openLinks(s.ports.Port); err != nil {
			return err
		}
		if s.relays, err = openRelays(s.ports.Port); err != nil {
			return err
		}
	}
	s.shape = []string{"-redis", redis, "-port-base", strconv.Itoa(s.ports.Port), "-port", "0", "-linked=" + strconv.FormatBool(o.Linked)}
	if _, err := s.run(ctx, "up", s.shape...); err != nil {
		return err
	}
	return s.look(ctx)
}

// repository finds the folder with go.work from the working folder upwards.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("no go.work above the working folder")
}

// prepare makes the folder look like a repository after `make build`.
func (s *Stack) prepare(ctx context.Context, repository string, failpoints bool) error {
	bin := filepath.Join(s.dir, ".bin") + "/"
	tags := ""
	if failpoints {
		tags = "failpoints"
	}
	for _, args := range [][]string{
		{"-o", bin, "./auth/cmd/auth", "./gateway/cmd/gateway", "./notification/cmd/notification"},
		{"-o", bin, "-tags", tags, "./sos/cmd/sos"},
		{"-o", s.program, "./deployments/local"},
	} {
		cmd := exec.CommandContext(ctx, "go", append([]string{"build"}, args...)...) //nolint:gosec // our own programs
		cmd.Dir = repository
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %v: %w: %s", args, err, out)
		}
	}
	conf, err := os.ReadFile(filepath.Join(repository, "nginx.conf"))
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(s.dir, "nginx.conf"), conf, 0o600),
		os.CopyFS(filepath.Join(s.dir, "deployments", "nginx"), os.DirFS(filepath.Join(repository, "deployments", "nginx"))))
}

func (s *Stack) run(ctx context.Context, command string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.program, append([]string{command, "-dir", filepath.Join(s.dir, "s")}, args...)...)
	cmd.Dir, cmd.Env = s.dir, s.env
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("stack %s %v: %w: %s", command, args, err, said.String())
	}
	return out, nil
}

func (s *Stack) look(ctx context.Context) error {
	processes, err := s.Status(ctx)
	if err != nil {
		return err
	}
	for _, p := range processes {
		switch p.Role {
		case "door":
			s.URL = "http://" + p.Addr
		case "gateway":
			s.Gateways = append(s.Gateways, "http://"+p.Addr)
		}
	}
	return nil
}

// Status lists the processes as they are now.
func (s *Stack) Status(ctx context.Context) ([]Process, error) {
	out, err := s.run(ctx, "status", "-json")
	if err != nil {
		return nil, err
	}
	var answer struct{ Processes []Process }
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, fmt.Errorf("the stack's status: %w", err)
	}
	return answer.Processes, nil
}

// Signal sends KILL, STOP, CONT, TERM … to a process. STOP and CONT reach all of
// a server's processes.
func (s *Stack) Signal(ctx context.Context, name, signal string) error {
	_, err := s.run(ctx, "signal", name, signal)
	return err
}

// Restart stops every process as SIGTERM does and runs the same stack on its data,
// with settings beside those that it had.
func (s *Stack) Restart(ctx context.Context, env ...string) error {
	if _, err := s.run(ctx, "down"); err != nil {
		return err
	}
	s.env = append(s.env, env...)
	if _, err := s.run(ctx, "up", s.shape...); err != nil {
		return err
	}
	s.URL, s.Gateways = "", nil
	return s.look(ctx)
}

// Arm starts an instance of sos anew, so that it dies when it reaches the point
// for the n-th time; the stack then starts it again, without.
func (s *Stack) Arm(ctx context.Context, name string, point failpoint.Name, n int) error {
	_, err := s.run(ctx, "arm", name, fmt.Sprintf("%s:%d", point, n))
	return err
}

// FlushAll empties Redis, all of its masters.
func (s *Stack) FlushAll(ctx context.Context) error {
	_, err := s.run(ctx, "flushall")
	return err
}

// Ask runs a command of a service's program, such as loss-audit, as that service
// is configured, and gives what it prints; with an error, too.
func (s *Stack) Ask(ctx context.Context, service, command string) (string, error) {
	out, err := s.run(ctx, "ask", append(slices.Clone(s.shape), service, command)...)
	return string(out), err
}

// Secrets are the stack's own, for what no client may do.
type Secrets struct {
	JWT      string `json:"jwtSecret"`
	Internal string `json:"internalSecret"`
	Redis    string `json:"redisPassword"`
}

// Secrets reads them.
func (s *Stack) Secrets() (Secrets, error) {
	var secrets Secrets
	text, err := os.ReadFile(filepath.Join(s.dir, "s", "secrets.json"))
	if err != nil {
		return secrets, err
	}
	return secrets, json.Unmarshal(text, &secrets)
}

// Logs is the folder with a log for each process.
func (s *Stack) Logs() string { return filepath.Join(s.dir, "s", "logs") }

// Program is what runs the stack: for other programs that ask it what there is.
func (s *Stack) Program() string { return s.program }

// Dir is the folder of the stack's data, logs and secrets.
func (s *Stack) Dir() string { return filepath.Join(s.dir, "s") }

// Stop ends every process and removes the folder.
func (s *Stack) Stop(ctx context.Context) error {
	_, err := s.run(ctx, "down")
	s.links.close() // the services' connections first
	if s.relays != nil {
		s.relays.close()
	}
	s.ports.Release()
	return errors.Join(err, os.RemoveAll(s.dir))
}
