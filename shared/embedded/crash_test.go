package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/eventually"
)

// crashingProgram starts a server, writes to it, says the server's pid, and waits to be killed.
func crashingProgram(dir string) error {
	ctx := context.Background()
	p, err := embedded.StartPostgres(ctx, embedded.PostgresOptions{Dir: dir, Durable: true, Logger: quietly()})
	if err != nil {
		return err
	}
	if err := write(ctx, diary(p), "before the crash"); err != nil {
		return err
	}
	pid, err := postmaster(dir)
	if err != nil {
		return err
	}
	fmt.Println(pid)
	time.Sleep(time.Hour) // it is killed long before
	return errors.New("nobody killed it")
}

// crash runs crashingProgram and kills it, once its write is committed, as the kernel would.
func crash(t *testing.T, dir string) (postmaster int) {
	t.Helper()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), crashVariable+"="+dir)
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if killed := program.Process.Kill(); killed != nil {
		t.Error(killed)
	}
	_ = program.Wait() // it was killed
	pid, errPID := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || errPID != nil {
		t.Fatalf("the program said %q, %v", line, err)
	}
	return pid
}

func TestWhatWasCommittedSurvivesAKillOfTheProgramAndTheNextStartNeedsNoHelp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	crash(t, dir)
	if got := notes(t, diary(start(t, dir))); len(got) != 1 || got[0] != "before the crash" {
		t.Fatalf("after the crash there are %q", got)
	}
}

func awaitGone(t *testing.T, pid int) {
	t.Helper()
	eventually.True(t, fmt.Sprintf("process %d has ended", pid), func() bool {
		return syscall.Kill(pid, 0) == syscall.ESRCH || zombie(pid)
	})
}

func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") Z ")
}
