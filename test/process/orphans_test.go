package process_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// wantNothingRunning fails when a program still works on the folder. The kernel
// takes a moment to end the children of a killed process, so it looks again.
func wantNothingRunning(t *testing.T, dir string) {
	t.Helper()
	const limit, pause = 10 * time.Second, 20 * time.Millisecond
	deadline := time.Now().Add(limit)
	for {
		left := working(t, dir)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("still running on %s after %s:\n%s", dir, limit, strings.Join(left, "\n"))
			return
		}
		<-time.After(pause)
	}
}

// working gives the processes that have the folder in their command line or as
// their working folder.
func working(t *testing.T, dir string) []string {
	t.Helper()
	real, err := filepath.EvalSymlinks(filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	out, err := exec.Command("ps", "-axo", "pid=,stat=,command=").Output()
	if err != nil {
		t.Fatalf("list processes: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || strings.HasPrefix(fields[1], "Z") {
			continue
		}
		if strings.Contains(line, real) || strings.HasPrefix(workingFolder(fields[0]), real) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// workingFolder asks the kernel; where it has no /proc the command line must do.
func workingFolder(pid string) string {
	folder, err := filepath.EvalSymlinks(filepath.Join("/proc", pid, "cwd"))
	if err != nil {
		return ""
	}
	return folder
}
