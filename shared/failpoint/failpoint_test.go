package failpoint_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/loveapp/backend/shared/failpoint"
)

func TestAProgramDiesAtThePointThatItIsArmedForAndNowhereElse(t *testing.T) {
	t.Parallel()
	plain, deadly := build(t), build(t, "-tags", "failpoints")
	for name, tc := range map[string]struct {
		program, armed, said string
		killed               bool
	}{
		"not built for it":      {plain, "commit.after:1", "xxx", false},
		"not armed":             {deadly, "", "xxx", false},
		"at the first time":     {deadly, "commit.after:1", "", true},
		"at the third time":     {deadly, "commit.after:3", "xx", true},
		"at a time never to be": {deadly, "commit.after:4", "xxx", false},
		"at another point":      {deadly, "send.before:2", "x", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, state := run(t, tc.program, tc.armed)
			if killed := state.Signal() == syscall.SIGKILL; killed != tc.killed || said != tc.said {
				t.Errorf("said %q, killed %v", said, killed)
			}
		})
	}
}

func TestAnArmingThatMakesNoSenseIsNotPassedOver(t *testing.T) {
	t.Parallel()
	deadly := build(t, "-tags", "failpoints")
	for _, armed := range []string{"commit.after", "commit.after:", "commit.after:0", "commit.after:x", "nowhere:1"} {
		if said, state := run(t, deadly, armed); state.ExitStatus() != 2 || said != "" { // a panic's
			t.Errorf("%s: said %q, status %d", armed, said, state.ExitStatus())
		}
	}
}

func build(t *testing.T, flags ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "child")
	out, err := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-o", program}, flags...), "./testdata/child")...).CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return program
}

func run(t *testing.T, program, armed string) (said string, state syscall.WaitStatus) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), failpoint.Variable+"="+armed)
	out, _ := cmd.Output() // it is meant to fail
	state, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok {
		t.Fatal("the state of the process is not known")
	}
	return string(out), state
}
