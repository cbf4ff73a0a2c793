package embedded

import "github.com/loveapp/backend/shared/process"

// LockDataFolder makes dir if need be and keeps other processes out of it until
// the lock's Release or the end of this process. It fails in one sentence when
// dir cannot be written or is in use.
func LockDataFolder(dir string) (*process.FolderLock, error) {
	if err := prepareFolder(dir); err != nil {
		return nil, err
	}
	return process.LockFolder(dir)
}
