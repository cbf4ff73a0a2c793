// Package kept holds small files in the data folder that only this user may read.
package kept

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Read fills dst from the JSON in path and says whether there is such a file.
func Read(path string, dst any) (found bool, err error) {
	text, err := os.ReadFile(path) //nolint:gosec // a file of the data folder
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s cannot be read: give this user the right to: %w", path, err)
	}
	if err := json.Unmarshal(text, dst); err != nil {
		return false, fmt.Errorf("%s is damaged: restore it from a backup, or delete it to have a new one made: %w", path, err)
	}
	return true, nil
}

// Write puts v into path as JSON, mode 0600. It grows under another name and is
// renamed when it is on the disk: a crash leaves the old file or the new one.
func Write(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	if err := writeSynced(path+".new", append(text, '\n')); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("name %s: %w", path, err)
	}
	return nil
}

func writeSynced(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a file of the data folder
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}
