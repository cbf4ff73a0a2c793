package alone

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// AvoidFirst keeps this process, and what it starts from now on, off the
// machine's first processor.
func AvoidFirst() error {
	if runtime.NumCPU() < 2 {
		return fmt.Errorf("to measure one processor, two are needed; there are %d", runtime.NumCPU())
	}
	others := fmt.Sprintf("1-%d", runtime.NumCPU()-1)
	out, err := exec.Command("taskset", "-a", "-p", "-c", others, strconv.Itoa(os.Getpid())).CombinedOutput() //nolint:gosec,noctx // util-linux
	if err != nil {
		return fmt.Errorf("keep off the first processor: %w: %s", err, out)
	}
	return nil
}

// Postgres is the process that this one started as PostgreSQL; 0 where there is none.
func Postgres() int {
	names, _ := filepath.Glob("/proc/[0-9]*/stat") // nothing matches but on Linux
	for _, name := range names {
		text, err := os.ReadFile(name) //nolint:gosec // of /proc
		if err != nil {
			continue // it has ended
		}
		var pid, parent int
		var command, state string
		if _, err := fmt.Sscan(string(text), &pid, &command, &state, &parent); err != nil {
			continue // a name with a space in it is not ours
		}
		if parent == os.Getpid() && strings.Trim(command, "()") == "postgres" {
			return pid
		}
	}
	return 0
}
