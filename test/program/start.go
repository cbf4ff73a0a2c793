package program

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/test/world"
)

// grace is for a program to end in order; then it is killed.
const grace = 30 * time.Second

// Start runs the program until the attempt ends.
func Start(t world.T, cmd *exec.Cmd) *process.Child {
	t.Helper()
	name := filepath.Base(cmd.Path)
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	child, err := process.Start(cmd)
	if err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	t.Cleanup(func() {
		if err := child.Stop(context.Background(), grace, syscall.SIGTERM); err != nil {
			t.Errorf("stop %s: %v", name, err)
		}
	})
	return child
}

// Build gives the program of a service, such as auth.
func Build(t world.T, service string) (path string) {
	t.Helper()
	path = filepath.Join(world.NewFolder(t), service)
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/loveapp/backend/"+service+"/cmd/"+service).CombinedOutput() //nolint:gosec // our own program
	if err != nil {
		t.Fatalf("build %s: %v: %s", service, err, out)
	}
	return path
}

// selfEnv tells the binary of the tests that it is the program.
const selfEnv = "LOVEAPP_TEST_PROGRAM"

// Self is this program with other arguments.
func Self(t world.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatalf("find this program: %v", err)
	}
	cmd := exec.Command(path, args...) //nolint:gosec,noctx // ourselves; stopped by its signal
	cmd.Env = append(os.Environ(), selfEnv+"=1")
	cmd.Stderr = os.Stderr
	return cmd
}

// Await waits until a GET of the URL is answered 200.
func Await(t world.T, name, url string) {
	t.Helper()
	const patience, pause = time.Minute, 10 * time.Millisecond
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	var failed error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(pause) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		res, err := client.Do(req)
		if failed = err; err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if t.Context().Err() != nil {
			break
		}
	}
	t.Fatalf("%s does not answer %s with 200: %v", name, url, failed)
}
