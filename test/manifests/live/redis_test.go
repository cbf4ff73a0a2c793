package live_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/test/manifests"
)

const (
	nodes    = 6
	password = "kept-by-this-test-alone"
)

// fleet is six nodes, run by the scripts that the cluster's ConfigMap holds.
type fleet struct {
	t       *testing.T
	dir     string
	port    int // of the first of six; Redis talks to other nodes 10,000 higher
	running [nodes]*exec.Cmd
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, dir: t.TempDir(), port: freeport.Block(t)}
	built, err := manifests.Build("../../../deployments/kubernetes/base")
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range built.Resources() {
		if object.GetKind() != "ConfigMap" || !strings.HasPrefix(object.GetName(), "redis-files") {
			continue
		}
		for name, text := range object.GetDataMap() {
			if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o700); err != nil { //nolint:gosec // it is run
				t.Fatal(err)
			}
		}
	}
	t.Cleanup(func() {
		for i := range f.running {
			f.kill(i)
		}
	})
	return f
}

func (f *fleet) environment(more ...string) []string {
	var all []string
	for i := range nodes {
		all = append(all, fmt.Sprintf("127.0.0.1:%d", f.port+i))
	}
	return append([]string{"PATH=" + os.Getenv("PATH"), "REDIS_PASSWORD=" + password, "REDISCLI_AUTH=" + password, "NODES=" + strings.Join(all, " ")}, more...)
}

func (f *fleet) folder(i int) string { return filepath.Join(f.dir, fmt.Sprint("data-", i)) }

// start runs a node's start.sh on its folder, which is made where it is missing.
func (f *fleet) start(i int) {
	f.t.Helper()
	if err := os.MkdirAll(f.folder(i), 0o700); err != nil {
		f.t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(f.dir, fmt.Sprint("log-", i)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command("sh", filepath.Join(f.dir, "start.sh")) //nolint:noctx // killed below
	cmd.Env = f.environment("HOST=127.0.0.1", fmt.Sprint("PORT=", f.port+i), "DATA="+f.folder(i), "MAXMEMORY=64mb")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.running[i] = cmd
}

func (f *fleet) kill(i int) {
	if cmd := f.running[i]; cmd != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		f.running[i] = nil
	}
}

// join runs join.sh to its end and gives what it says.
func (f *fleet) join() string {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", filepath.Join(f.dir, "join.sh")) //nolint:gosec // ours
	cmd.Env = f.environment()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		f.t.Fatalf("join.sh: %v\n%s", err, &said)
	}
	return said.String()
}

// ask is redis-cli's answer from node i.
func (f *fleet) ask(i int, words ...string) string {
	cmd := exec.CommandContext(f.t.Context(), "redis-cli", append([]string{"-p", fmt.Sprint(f.port + i)}, words...)...) //nolint:gosec // ours
	cmd.Env = f.environment()
	answer, _ := cmd.CombinedOutput()
	return strings.ReplaceAll(string(answer), "\r", "")
}

// whole: every node knows six, three of them masters and nobody failing.
func (f *fleet) whole() bool {
	for i := range nodes {
		table := f.ask(i, "cluster", "nodes")
		masters, replicas := strings.Count(table, "master"), strings.Count(table, "slave")
		if masters != 3 || replicas != 3 || strings.Contains(table, "fail") || !strings.Contains(f.ask(i, "cluster", "info"), "cluster_state:ok\n") {
			return false
		}
	}
	return true
}

func (f *fleet) awaitWhole(when string) {
	f.t.Helper()
	eventually.True(f.t, when+" the cluster is whole", f.whole, func() string { return f.ask(1, "cluster", "nodes") })
}

// master is a node that is one; not the first, which other things are asked of.
func (f *fleet) master() int {
	f.t.Helper()
	for i := nodes - 1; i > 0; i-- {
		if strings.HasPrefix(f.ask(i, "role"), "master") {
			return i
		}
	}
	f.t.Fatal("no node is a master")
	return 0
}

func TestTheScriptsOfTheManifestsMakeAClusterAndKeepItWhole(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for i := range nodes {
		f.start(i)
	}
	f.join()
	f.awaitWhole("made,")
	before := f.ask(0, "cluster", "myid")
	if said := f.join(); !strings.HasSuffix(said, "the cluster is ready\n") || strings.Contains(said, "joins") || f.ask(0, "cluster", "myid") != before {
		t.Errorf("run again it changes something:\n%s", said)
	}
	for _, lost := range []int{f.master(), 0} { // the first is the one that used to be asked whether there is a cluster
		f.kill(lost)
		if err := os.RemoveAll(f.folder(lost)); err != nil {
			t.Fatal(err)
		}
		f.start(lost)
		if said := f.join(); !strings.Contains(said, fmt.Sprintf("127.0.0.1:%d knows nobody: it joins as a replica", f.port+lost)) {
			t.Errorf("a node without its folder is not taken in:\n%s", said)
		}
		f.awaitWhole("after a node lost its folder,")
	}
	f.kill(3)
	f.start(3) // with its folder it needs nobody
	f.awaitWhole("after a restart,")
	for slot := range 6 {
		key := fmt.Sprint("key-", slot)
		if answer := f.ask(slot, "-c", "set", key, "yes") + f.ask(nodes-1-slot, "-c", "get", key); answer != "OK\nyes\n" {
			t.Errorf("the cluster answers %q", answer)
		}
	}
}
