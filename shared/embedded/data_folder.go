package embedded

// DataFolder is a folder that this process alone may use.
type DataFolder struct{ lock *folderLock }

// LockDataFolder makes dir if need be and keeps other processes out of it until
// Release or the end of this process. It fails in one sentence when dir cannot
// be written or is in use.
func LockDataFolder(dir string) (*DataFolder, error) {
	if err := prepareFolder(dir); err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	return &DataFolder{lock: lock}, nil
}

// Release lets others in.
func (f *DataFolder) Release() { f.lock.release() }
