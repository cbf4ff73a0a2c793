package restore_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// finding is what one drill lost.
type finding struct {
	Drill                  string
	Vanished               time.Time
	Acknowledged, Restored entry // the last ones
	Back                   time.Duration
}

// lost is from the last row that is back to the end of the disk: what was written in
// between is gone, whether or not anybody had heard that it was committed.
func (f finding) lost() time.Duration {
	return max(f.Vanished.Sub(f.Restored.At), f.Acknowledged.At.Sub(f.Restored.At)).Round(time.Millisecond)
}

func (f finding) String() string {
	return fmt.Sprintf("lost the last %s: %d of %d acknowledged rows; writable %s after the restore began",
		f.lost(), f.Acknowledged.N-f.Restored.N, f.Acknowledged.N, f.Back.Round(10*time.Millisecond))
}

type findings struct {
	mu  sync.Mutex
	all []finding
}

func (f *findings) add(one finding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, one)
}

// write makes the report in the file that RESTORE_REPORT names, if it does.
func (f *findings) write(t *testing.T, timeout time.Duration) {
	t.Helper()
	file := os.Getenv("RESTORE_REPORT")
	if file == "" || t.Failed() {
		return
	}
	slices.SortFunc(f.all, func(a, b finding) int { return cmp.Compare(a.Drill, b.Drill) })
	var text strings.Builder
	fmt.Fprintf(&text, `# What a vanished disk costs

A primary with `+"`archive_timeout = %s`"+` (deployments/postgres/postgresql.conf) takes a row each %s. After a base backup, and after
one file of WAL that was archived for its age alone, its process is killed and its folder deleted: at a random moment, and at
the worst one, when the next file is full but not yet in the archive. Then the backup and the archive make a new one.
Lost is the time from the last row that came back to the end of the disk, by the clock of the rows.

| drill | lost | promised | acknowledged rows lost | writable again after |
|---|---|---|---|---|
`, timeout, pace)
	for _, one := range f.all {
		fmt.Fprintf(&text, "| %s | %.1f s | %.0f s | %d of %d | %.1f s |\n", one.Drill, one.lost().Seconds(), promised.Seconds(),
			one.Acknowledged.N-one.Restored.N, one.Acknowledged.N, one.Back.Seconds())
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
