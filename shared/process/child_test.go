package process_test

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/process"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAChildThatEndsBeforeItIsStoppedHasStopped(t *testing.T) {
	t.Parallel()
	for range 100 { // so that Stop also comes between the end and its being noted
		child, err := process.Start(exec.Command("true"))
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Stop(t.Context(), time.Minute, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAChildThatIgnoresItsSignalsIsKilled(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sh", "-c", "trap '' TERM; echo ready; read _")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil { // the shell waits for what never comes
		t.Fatal(err)
	}
	// A process group of its own, as every server's attributes give it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	child, err := process.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	if err := child.Stop(t.Context(), 50*time.Millisecond, syscall.SIGTERM); err == nil {
		t.Error("it is not said that it had to be killed")
	}
	if !child.Gone() {
		t.Error("it lives")
	}
}
