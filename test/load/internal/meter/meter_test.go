package meter_test

import (
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/test/load/internal/meter"
)

// burner is a program that uses a core until it is told to end. It has a child
// that does so and ends, and one that lives.
func burner(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("sh", "-c", `(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done); sleep 60 & echo ready; read line; kill $!`)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	if _, err := out.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func TestAProgramCostsWhatItsChildrenCostThoseThatHaveEndedToo(t *testing.T) {
	t.Parallel()
	pid := burner(t)
	usage, err := meter.Measure([]int{pid})
	if err != nil {
		t.Fatal(err)
	}
	u := usage[pid]
	if u.CPU < 20*time.Millisecond {
		t.Errorf("it has used %s, want what its child burned before it ended", u.CPU)
	}
	if u.Processes != 2 {
		t.Errorf("%d processes are counted, want the shell and its sleeping child", u.Processes)
	}
	if u.PSS <= 0 || u.RSS < u.PSS {
		t.Errorf("it holds %d bytes RSS and %d PSS, want more than none, and shared pages divided", u.RSS, u.PSS)
	}
	cpu, err := meter.CPU([]int{pid})
	if err != nil || cpu[pid] < u.CPU {
		t.Errorf("a later count is %s, %v; an earlier one was %s", cpu[pid], err, u.CPU)
	}
}

func TestSocketsAreCounted(t *testing.T) {
	t.Parallel()
	self := os.Getpid()
	var held []net.Listener
	for range 50 {
		l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, l)
	}
	with, err := meter.Measure([]int{self})
	if err != nil {
		t.Fatal(err)
	}
	if got := with[self].Sockets[0]; got < len(held) {
		t.Errorf("%d sockets are counted, want at least the %d listeners", got, len(held))
	}
	for _, l := range held {
		_ = l.Close()
	}
}

func TestAProgramThatHasEndedCostsNothing(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	usage, err := meter.Measure([]int{cmd.Process.Pid})
	if err != nil || usage[cmd.Process.Pid].Processes != 0 {
		t.Errorf("it is counted as %+v, %v", usage[cmd.Process.Pid], err)
	}
}

func TestTheMachineKnowsItself(t *testing.T) {
	t.Parallel()
	m := meter.ThisMachine()
	if m.Cores < 1 || m.Kernel == "" || m.Memory <= 0 || m.Go == "" {
		t.Errorf("the machine is %+v", m)
	}
	before, err := meter.CountLoad()
	if err != nil {
		t.Fatal(err)
	}
	after, err := meter.CountLoad()
	if busy := after.Since(before).Busy(); err != nil || busy < 0 || busy > 1 {
		t.Errorf("it was busy for %v of the time, %v", busy, err)
	}
}
