package process_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/freeport"
	"go.uber.org/goleak"
)

// program is the path of the built all-in-one, with the services beside it; TestMain builds them once.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "loveapp-program-*")
	if err == nil {
		err = os.Chmod(dir, 0o755) // another user runs it too
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "allinone")
	build := exec.Command("go", "build", "-o", dir+"/", "github.com/loveapp/backend/deployments/allinone")
	for _, service := range services() {
		build.Args = append(build.Args, "github.com/loveapp/backend/"+service+"/cmd/"+service)
	}
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "FAIL: build the programs: %v\n%s", err, out)
		return 1
	}
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, "FAIL: the tests left goroutines behind:", err)
			return 1
		}
	}
	return code
}

// home is a data folder and the ports of one installation: it stays the same
// over restarts.
type home struct {
	dir   string
	ports map[string]int // by variable
	env   []string       // more settings
}

func newHome(t *testing.T) *home {
	t.Helper()
	h := &home{dir: filepath.Join(t.TempDir(), "data"), ports: map[string]int{}}
	for _, variable := range []string{"PORT", "AUTH_SERVICE_PORT", "NOTIFICATION_SERVICE_PORT", "SOS_SERVICE_PORT", "METRICS_PORT"} {
		h.ports[variable] = freeport.Reserve(t)
	}
	t.Cleanup(func() { wantNothingRunning(t, h.dir) })
	return h
}

func (h *home) environment() []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "DATA_DIR=" + h.dir}
	for variable, port := range h.ports {
		env = append(env, fmt.Sprintf("%s=%d", variable, port))
	}
	return append(env, h.env...)
}

func (h *home) url() string { return fmt.Sprintf("http://localhost:%d", h.ports["PORT"]) }

// app is the running program.
type app struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr *text
	banner string
	stdout *bufio.Reader
}

// patience is for a start on a busy machine; it is no promise.
const patience = time.Minute

// start runs the program and returns once its banner says that everything works.
func (h *home) start(t *testing.T) *app {
	t.Helper()
	a := &app{t: t, stderr: &text{}}
	a.cmd = exec.Command(program)
	a.cmd.Env = h.environment()
	a.cmd.Dir = filepath.Dir(h.dir)
	a.cmd.Stderr = a.stderr
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a shell gives each job its group
	out, err := a.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	a.stdout = bufio.NewReader(out)
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if a.cmd.ProcessState == nil {
			_ = a.cmd.Process.Kill()
			_ = a.cmd.Wait()
		}
	})
	a.readBanner()
	return a
}

// readBanner reads the three commands that end the banner, and the line behind them.
func (a *app) readBanner() {
	a.t.Helper()
	overdue := time.AfterFunc(patience, func() { _ = a.cmd.Process.Kill() })
	defer overdue.Stop()
	for commands := 0; commands < 3; {
		line, err := a.stdout.ReadString('\n')
		a.banner += line
		if err != nil {
			_ = a.cmd.Wait()
			a.t.Fatalf("the program ends (%v) before it says that it runs:\n%s\n%s", a.cmd.ProcessState, a.banner, a.stderr)
		}
		if strings.Contains(line, "curl ") {
			commands++
		}
	}
}

// interrupt presses Ctrl-C and gives how the program ends.
func (a *app) interrupt() *os.ProcessState {
	a.t.Helper()
	a.signal(syscall.SIGINT)
	return a.wait()
}

// kill is the end that no program sees coming.
func (a *app) kill() {
	a.t.Helper()
	a.signal(syscall.SIGKILL)
	a.wait()
}

func (a *app) signal(sig syscall.Signal) {
	a.t.Helper()
	if err := a.cmd.Process.Signal(sig); err != nil {
		a.t.Fatalf("send %s: %v", sig, err)
	}
}

func (a *app) wait() *os.ProcessState {
	a.t.Helper()
	overdue := time.AfterFunc(patience, func() { _ = a.cmd.Process.Kill() })
	defer overdue.Stop()
	_, _ = io.Copy(io.Discard, a.stdout)
	err := a.cmd.Wait()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		a.t.Fatalf("wait for the program: %v", err)
	}
	return a.cmd.ProcessState
}

// stop ends the program in order and checks that it was.
func (a *app) stop() {
	a.t.Helper()
	if state := a.interrupt(); state.ExitCode() != 0 {
		a.t.Fatalf("after Ctrl-C the program ends with %s:\n%s", state, a.stderr)
	}
}

// refusal runs the program where it cannot start and gives what it says on stderr.
func (h *home) refusal(t *testing.T, change func(*exec.Cmd)) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, program)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = h.environment(), os.TempDir(), &out, &complaint
	if change != nil {
		change(cmd)
	}
	err := cmd.Run()
	ended, ok := errors.AsType[*exec.ExitError](err)
	if !ok || ended.ExitCode() < 1 {
		t.Fatalf("the program ends with %v, want an exit code above 0:\n%s%s", err, out.String(), complaint.String())
	}
	if out.Len() > 0 {
		t.Errorf("it says that it runs: %s", out.String())
	}
	return complaint.String()
}

// text is a buffer that one goroutine writes and another may read.
type text struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps what the program says.
func (x *text) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.buf.Write(p)
}

// String gives what it has said so far.
func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.buf.String()
}
