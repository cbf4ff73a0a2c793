// Package preflight looks for everything that would keep the stack from
// starting, and says it all at once.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
)

// leastFree is what three copies of a young database, its WAL and the logs need.
const leastFree = 2 << 30

// leastDescriptors: an nginx worker, a gateway and a notification instance each hold thousands of sockets.
const leastDescriptors = 10_000

// Check reports every mistake.
func Check(ctx context.Context, plan *topology.Plan) error {
	var mistakes config.Mistakes
	programs(&mistakes)
	binaries(&mistakes, plan)
	ports(ctx, &mistakes, plan)
	disk(&mistakes, plan)
	descriptors(&mistakes)
	if len(mistakes) == 0 {
		return nil
	}
	return errors.New("the stack cannot start:\n  - " + strings.Join(mistakes, "\n  - "))
}

func programs(m *config.Mistakes) {
	if bin, err := embedded.FindPostgres(); err != nil {
		m.AddErr(err)
	} else if _, err := os.Stat(filepath.Join(bin, "pg_basebackup")); err != nil {
		m.Add("%s has no pg_basebackup: run `make deps`", bin)
	}
	for _, program := range []string{"redis-server", "redis-cli", "nginx"} {
		if _, err := exec.LookPath(program); err != nil {
			m.Add("%s is not installed: run `make deps`", program)
		}
	}
}

func binaries(m *config.Mistakes, plan *topology.Plan) {
	for _, kind := range []string{"auth", "notification", "sos", "gateway"} {
		if _, err := os.Stat(plan.Binary(kind)); err != nil {
			m.Add("%s is not built: run `make build`", plan.Binary(kind))
		}
	}
}

func ports(ctx context.Context, m *config.Mistakes, plan *topology.Plan) {
	all := plan.Ports()
	for _, port := range slices.Sorted(maps.Keys(all)) {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			m.Add("port %d (%s) is taken: stop the process that has it, or choose other ports with -port-base and -port", port, all[port])
			continue
		}
		_ = l.Close()
	}
}

func disk(m *config.Mistakes, plan *topology.Plan) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(plan.Dir, &fs); err != nil {
		m.Add("the folder %s cannot be examined: %v", plan.Dir, err)
		return
	}
	if free := int64(fs.Bavail) * fs.Bsize; free < leastFree { //nolint:gosec // no disk has 2^63 blocks
		m.Add("the disk under %s has %d MiB free and the stack needs %d: make room or choose another folder with -dir", plan.Dir, free>>20, leastFree>>20)
	}
}

func descriptors(m *config.Mistakes) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil && limit.Max < leastDescriptors {
		m.Add("a process may open %d files here and the stack needs %d: raise it with `ulimit -n %d`", limit.Max, leastDescriptors, leastDescriptors)
	}
}

// Folder makes the stack's folder and says in one sentence why it cannot be used.
func Folder(dir string) error {
	for _, sub := range []string{"logs", "run"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return fmt.Errorf("the folder %s cannot be used: choose another one with -dir: %w", dir, err)
		}
	}
	return nil
}
