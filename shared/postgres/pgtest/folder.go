package pgtest

import (
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/process"
)

const (
	memory       = "/dev/shm"
	folderPrefix = "loveapp-pgtest-"
	// roomNeeded: the write-ahead log grows to 1 GiB, and each test's database takes 8 MB.
	roomNeeded = 2 << 30
	// abandonedAfter leaves a binary that starts at this moment the time to lock its folder.
	abandonedAfter = time.Minute
)

// newFolder makes the server's folder, in memory where there is room: a database
// is 300 files, which takes 10 ms there and 30 times that on a busy disk.
func newFolder() (string, error) {
	root := memory
	if freeBytes(root) < roomNeeded {
		root = os.TempDir()
	}
	removeAbandoned(root)
	return os.MkdirTemp(root, folderPrefix+"*")
}

func freeBytes(dir string) uint64 {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return 0
	}
	return uint64(stat.Bavail) * uint64(stat.Bsize) //nolint:unconvert // the types differ between systems
}

// removeAbandoned clears away what test binaries left that were killed: their
// servers died with them, and nobody holds the lock of their folders.
func removeAbandoned(root string) {
	folders, _ := filepath.Glob(filepath.Join(root, folderPrefix+"*")) // the pattern is well-formed
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil || time.Since(info.ModTime()) < abandonedAfter {
			continue
		}
		if lock, err := process.LockFolder(folder); err == nil {
			_ = os.RemoveAll(folder) // best effort: another binary may be at it
			lock.Release()
		}
	}
}
