package token

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// load takes the set of the last run. A file that cannot be read or understood
// is as good as none: auth will give the keys again.
func (k *RemoteKeys) load() {
	if k.file == "" {
		return
	}
	data, err := os.ReadFile(k.file)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		k.keys, err = readJWKS(data)
	}
	if err != nil {
		k.logger.Warn("kept key set not usable", "error", err)
	}
}

// save keeps the set for the next start. Failing to costs nothing today.
func (k *RemoteKeys) save(data []byte) {
	if k.file == "" {
		return
	}
	if err := replaceFile(k.file, data); err != nil {
		k.logger.Warn("key set not kept", "error", err)
	}
}

// replaceFile leaves either the old or the new content, mode 0600: who can write
// this file can sign people in.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp") // CreateTemp makes it 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("replace %s: %w", path, err)
	}
	return nil
}
