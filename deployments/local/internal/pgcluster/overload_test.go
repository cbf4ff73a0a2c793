package pgcluster_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/process"
)

// A machine so busy that nobody answers is played by stopping everybody.
func TestWhereNobodyAnswersThePrimaryIsLeftAlone(t *testing.T) {
	t.Parallel()
	c, plan := start(t, 14400)
	name, pid := pidOf(t, c, "primary")
	everybody := func(sig syscall.Signal) {
		for i := range topology.Databases {
			process.SignalFolder(plan.Work(topology.DatabaseName(i)), sig)
		}
	}
	everybody(syscall.SIGSTOP)
	const longerThanItsPatience = 7 * time.Second // 3 s, and a second for each of those who are asked
	for until := time.Now().Add(longerThanItsPatience); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if !process.Alive(pid) {
			t.Fatal("the primary was killed although no replica answered either")
		}
	}
	everybody(syscall.SIGCONT)
	eventually(t, "the same primary goes on", func() bool {
		for _, n := range c.Nodes(t.Context()) {
			if n.Name == name {
				return n.Role == "primary" && n.PID == pid && n.Healthy == nil
			}
		}
		return false
	})
}
