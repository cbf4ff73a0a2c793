package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/process"
)

// programs builds what the stack runs, as `make build` does, into a root of its own.
func programs(t *testing.T) (root string) {
	t.Helper()
	repository, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	root = t.TempDir()
	bin := filepath.Join(root, ".bin") + "/"
	for output, packages := range map[string][]string{
		bin:           {"./auth/cmd/auth", "./gateway/cmd/gateway", "./notification/cmd/notification", "./sos/cmd/sos"},
		bin + "stack": {"./deployments/local"},
	} {
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"build", "-o", output}, packages...)...)
		cmd.Dir = repository
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if err := os.CopyFS(filepath.Join(root, "deployments", "nginx"), os.DirFS(filepath.Join(repository, "deployments", "nginx"))); err != nil {
		t.Fatal(err)
	}
	conf, err := os.ReadFile(filepath.Join(repository, "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "nginx.conf"), conf, 0o600); err != nil {
		t.Fatal(err)
	}
	return root
}

// stack runs the program as people do.
type stack struct{ root, dir string }

func (s stack) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(s.root, ".bin", "stack"), append([]string{args[0], "-dir", s.dir}, args[1:]...)...)
	cmd.Dir = s.root
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (s stack) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := s.run(t, args...)
	if err != nil {
		t.Fatalf("stack %v: %v: %s", args, err, out)
	}
	return out
}

type line struct {
	Name, Role string
	PID        int
	Addr       string
	Healthy    bool
	Restarts   int
}

func (s stack) status(t *testing.T) map[string]line {
	t.Helper()
	var answer struct{ Processes []line }
	if err := json.Unmarshal([]byte(s.must(t, "status", "-json")), &answer); err != nil {
		t.Fatal(err)
	}
	lines := map[string]line{}
	for _, l := range answer.Processes {
		lines[l.Name] = l
	}
	return lines
}

func (s stack) nothingLeft(t *testing.T) {
	t.Helper()
	if left := process.InFolder(s.dir); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
}

func healthy(t *testing.T, url string) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/health", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	var body struct{ Status string }
	return json.NewDecoder(res.Body).Decode(&body) == nil && body.Status == "ok"
}

// One stack goes through its whole life: it costs seconds to start.
func TestAStackStartsHealsAndLeavesNothing(t *testing.T) {
	t.Parallel()
	s := stack{root: programs(t), dir: filepath.Join(t.TempDir(), "s")}
	base := freeport.Block(t)
	url := fmt.Sprintf("http://127.0.0.1:%d", base+80) // nginx's place in the block
	ports := []string{"-port-base", strconv.Itoa(base), "-port", "0"}
	t.Cleanup(func() { _, _ = s.run(t, "down") })

	s.must(t, append([]string{"up"}, ports...)...)
	if !healthy(t, url) {
		t.Fatal("up, but not healthy through nginx")
	}
	lines := s.status(t)
	const processes = 3 + 1 + 11 + 1
	if len(lines) != processes {
		t.Fatalf("%d processes: %v", len(lines), lines)
	}

	t.Run("a second start says that it runs", func(t *testing.T) { //nolint:paralleltest // steps of one life
		if out, err := s.run(t, append([]string{"up"}, ports...)...); err == nil || !strings.Contains(out, "is already up") {
			t.Fatalf("%v: %s", err, out)
		}
	})
	t.Run("its servers and logs can be looked into", func(t *testing.T) { s.isLookedInto(t, lines["gateway-1"].Addr) }) //nolint:paralleltest // steps of one life
	t.Run("what is killed comes back", func(t *testing.T) {                                                             //nolint:paralleltest // steps of one life
		for _, name := range []string{"gateway-2", "notification-1", "sos-1", "auth-2", "redis-1", "postgres-3"} {
			s.must(t, "signal", name, "KILL")
		}
		eventually.True(t, "everything is healthy under new pids", func() bool {
			for name, now := range s.status(t) {
				if !now.Healthy || (name == "gateway-2" || name == "redis-1" || name == "postgres-3") && now.PID == lines[name].PID {
					return false
				}
			}
			return healthy(t, url)
		})
	})
	t.Run("the primary's place is taken", func(t *testing.T) { //nolint:paralleltest // steps of one life
		s.must(t, "signal", "postgres-1", "KILL")
		eventually.True(t, "another primary and three healthy nodes", func() bool {
			now := s.status(t)
			return now["postgres-1"].Role == "replica" && now["postgres-1"].Healthy && healthy(t, url)
		})
	})
	t.Run("a supervisor that was killed leaves nothing that the next start cannot clear", func(t *testing.T) { //nolint:paralleltest // steps of one life
		if err := syscall.Kill(supervisor(t, s), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually.True(t, "the socket is dead", func() bool {
			out, err := s.run(t, "status")
			return err != nil && strings.Contains(out, "not running")
		})
		s.must(t, append([]string{"up"}, ports...)...)
		if !healthy(t, url) {
			t.Fatal("not healthy after the crash")
		}
	})
	t.Run("a supervisor that is told to quit takes everything with it", func(t *testing.T) { //nolint:paralleltest // steps of one life
		if err := syscall.Kill(supervisor(t, s), syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		eventually.True(t, "no process is left", func() bool { return len(process.InFolder(s.dir)) == 0 })
		eventually.True(t, "the supervisor itself has ended", func() bool {
			out, err := s.run(t, "status")
			return err != nil && strings.Contains(out, "not running")
		})
		s.must(t, append([]string{"up"}, ports...)...)
	})
	s.must(t, "down")
	s.nothingLeft(t)
	if out, err := s.run(t, "down"); err != nil {
		t.Errorf("down again: %v: %s", err, out)
	}
}

// supervisor finds the process that holds the stack's lock.
func supervisor(t *testing.T, s stack) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestEverythingThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	base := freeport.Block(t)
	taken := base + 3
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", taken))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // the cases run after this function has returned
	root := t.TempDir()
	program := filepath.Join(root, "stack")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		args, env []string
		says      []string
	}{
		"a taken port, no programs, no binaries": {
			[]string{"up", "-dir", filepath.Join(root, "a"), "-port-base", strconv.Itoa(base), "-port", "0"},
			[]string{"PATH=" + root, "PG_BIN=" + root},
			[]string{"PG_BIN is", "redis-server is not installed", "nginx is not installed", "gateway is not built", fmt.Sprintf("port %d (gateway-4) is taken", taken)},
		},
		"a folder that is a file":                    {[]string{"up", "-dir", file}, nil, []string{"cannot be used"}},
		"ports out of range":                         {[]string{"up", "-port-base", "40000"}, nil, []string{"port base must be"}},
		"an unknown kind of Redis":                   {[]string{"up", "-redis", "many"}, nil, []string{"single or cluster"}},
		"a stack that does not run":                  {[]string{"status", "-dir", filepath.Join(root, "b")}, nil, []string{"is not running"}},
		"no command":                                 {nil, nil, []string{"usage"}},
		"a signal without a process":                 {[]string{"signal"}, nil, []string{"takes the name of a process"}},
		"a log that nobody writes":                   {[]string{"logs", "-dir", root, "nobody"}, nil, []string{"no log of nobody"}},
		"a question to a Redis that does not run":    {[]string{"redis", "-dir", filepath.Join(root, "c")}, nil, []string{"is not running"}},
		"a question to a database that does not run": {[]string{"psql", "-dir", filepath.Join(root, "c"), "SELECT 1"}, nil, []string{"is not running"}},
		"a statement without quotes":                 {[]string{"psql", "-dir", root, "SELECT", "1"}, nil, []string{"takes one statement"}},
		"a log outside of the folder":                {[]string{"logs", "-dir", root, "../../etc/passwd"}, nil, []string{"takes the name of one process"}},
		"a folder with too long a name":              {[]string{"up", "-dir", filepath.Join(root, strings.Repeat("x", 120))}, nil, []string{"too long a name"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), program, c.args...)
			cmd.Dir = root
			cmd.Env = append(os.Environ(), c.env...)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("accepted: %s", out)
			}
			for _, want := range c.says {
				if !strings.Contains(string(out), want) {
					t.Errorf("%s does not say %q", out, want)
				}
			}
		})
	}
}
