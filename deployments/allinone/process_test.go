package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait; only a test that fails uses it up.
const patience = 60 * time.Second

var program string // built once; the tests run it as a user does

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "loveapp-allinone-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "allinone")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// process is a run of the program.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{}

	mu       sync.Mutex
	out, err bytes.Buffer
	grew     chan struct{}
}

// launch starts the program in a folder of its own environment: nothing of the
// machine's reaches it but the PATH.
func launch(t *testing.T, dir string, settings ...string) *process {
	t.Helper()
	p := &process{t: t, done: make(chan struct{}), grew: make(chan struct{}, 1)}
	p.cmd = exec.Command(program)
	p.cmd.Dir = dir
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "PORT=0"}, settings...)
	p.cmd.Stdout, p.cmd.Stderr = &sink{p, &p.out}, &sink{p, &p.err}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // its status is asked of ProcessState
		close(p.done)
	}()
	t.Cleanup(p.end)
	return p
}

// start launches the program and waits for the banner.
func start(t *testing.T, dir string, settings ...string) *process {
	t.Helper()
	p := launch(t, dir, settings...)
	p.await("the banner", func() bool {
		return strings.Contains(p.stdout(), "Try it in another terminal") && strings.HasSuffix(p.stdout(), "\n\n")
	})
	return p
}

type sink struct {
	p  *process
	to *bytes.Buffer
}

// Write notes what the program prints and wakes whoever waits for it.
func (s *sink) Write(text []byte) (int, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	select {
	case s.p.grew <- struct{}{}:
	default:
	}
	return s.to.Write(text)
}

func (p *process) stdout() string { p.mu.Lock(); defer p.mu.Unlock(); return p.out.String() }
func (p *process) stderr() string { p.mu.Lock(); defer p.mu.Unlock(); return p.err.String() }

// await fails the test unless the program prints, while it runs, what seen looks for.
func (p *process) await(what string, seen func() bool) {
	p.t.Helper()
	timeout := time.After(patience)
	for !seen() {
		select {
		case <-p.grew:
		case <-p.done:
			if !seen() {
				p.t.Fatalf("ended with %v before %s\nstdout: %s\nstderr: %s", p.cmd.ProcessState, what, p.stdout(), p.stderr())
			}
		case <-timeout:
			p.t.Fatalf("no %s after %s\nstdout: %s\nstderr: %s", what, patience, p.stdout(), p.stderr())
		}
	}
}

// exit waits for the end and gives the exit code, -1 for a signal.
func (p *process) exit() int {
	p.t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("still running after %s\nstdout: %s\nstderr: %s", patience, p.stdout(), p.stderr())
		return 0
	}
}

func (p *process) signal(sig os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
}

// stop is Ctrl-C once, which must end well.
func (p *process) stop() {
	p.t.Helper()
	p.signal(os.Interrupt)
	if code := p.exit(); code != 0 {
		p.t.Fatalf("exit code %d\nstderr: %s", code, p.stderr())
	}
}

func (p *process) end() {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Error(err)
	}
	<-p.done
}

var urlRow = regexp.MustCompile(`(?m)^ +API +(\S+)$`)

func (p *process) url() string {
	p.t.Helper()
	found := urlRow.FindStringSubmatch(p.stdout())
	if found == nil {
		p.t.Fatalf("no address in %s", p.stdout())
	}
	return found[1]
}

// get asks the gateway.
func (p *process) get(path string) (status int, body string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url()+path, http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// postmaster is the pid of the embedded server, 0 when none runs.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	return pidIn(t, filepath.Join(dir, "data", "postgres", "cluster", "postmaster.pid"))
}

func pidIn(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil || syscall.Kill(pid, 0) != nil {
		return 0
	}
	return pid
}
