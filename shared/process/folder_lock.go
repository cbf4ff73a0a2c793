package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// FolderLock keeps a second copy of the app out of a data folder. The kernel
// drops it when the process ends, however it ends, so no stale lock remains.
type FolderLock struct{ file *os.File }

// LockFolder takes the lock of dir, or says who holds it.
func LockFolder(dir string) (*FolderLock, error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // a folder of ours
	if err != nil {
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer func() { _ = file.Close() }()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("data folder %s is in use by another process (pid %s): stop that one or choose another folder", dir, holder(file))
		}
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	if err := file.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(file, "%d\n", os.Getpid()) // only for the sentence above
	}
	return &FolderLock{file: file}, nil
}

func holder(file *os.File) string {
	text, err := io.ReadAll(io.LimitReader(file, 32))
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return pid
	}
	return "unknown"
}

// Release unlocks before it closes: a child that is being forked at this moment
// has a copy of the descriptor until its exec, and the lock is gone with the last copy only.
func (l *FolderLock) Release() {
	_ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN) // fails when released before
	_ = l.file.Close()
}
