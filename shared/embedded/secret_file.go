package embedded

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/loveapp/backend/shared/config"
)

// keptSecret reads the secret in path, or makes one at the first start. It is
// written under another name first: a crash leaves a whole secret or none.
func keptSecret(path string) (config.Secret, error) {
	if _, err := os.Stat(path); err == nil {
		return readSecret(path)
	}
	secret := randomSecret()
	if err := writeWhole(path, secret.Value()+"\n"); err != nil {
		return "", fmt.Errorf("keep the database password: %w", err)
	}
	return secret, nil
}

func readSecret(path string) (config.Secret, error) {
	text, err := os.ReadFile(path) //nolint:gosec // our own file
	if err != nil {
		return "", fmt.Errorf("the database password, kept in %s, cannot be read: restore the file from a backup: %w", path, err)
	}
	return config.Secret(strings.TrimSpace(string(text))), nil
}

func writeWhole(path, text string) error {
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // our own file
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
