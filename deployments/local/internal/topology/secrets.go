package topology

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/loveapp/backend/shared/config"
)

// Who connects to what.
const (
	DatabaseUser   = "postgres"
	DatabaseSchema = "loveapp"
)

// Secrets are made at the first start and kept in the stack's folder, mode 0600.
type Secrets struct{ JWT, Internal, Database, Redis config.Secret }

// secretsFile is their wire form: a Secret itself never encodes.
type secretsFile struct {
	JWT      string `json:"jwtSecret"`
	Internal string `json:"internalSecret"`
	Database string `json:"databasePassword"`
	Redis    string `json:"redisPassword"`
}

// LoadSecrets reads the secrets of the stack in dir, making them if need be.
func LoadSecrets(dir string) (Secrets, error) {
	path := filepath.Join(dir, "secrets.json")
	text, err := os.ReadFile(path) //nolint:gosec // our own file
	if errors.Is(err, fs.ErrNotExist) {
		return makeSecrets(path)
	}
	if err != nil {
		return Secrets{}, fmt.Errorf("read the stack's secrets: %w", err)
	}
	var f secretsFile
	if err := json.Unmarshal(text, &f); err != nil || f.JWT == "" || f.Internal == "" || f.Database == "" || f.Redis == "" {
		return Secrets{}, fmt.Errorf("%s is damaged: remove the folder %s to start anew", path, dir)
	}
	return Secrets{config.Secret(f.JWT), config.Secret(f.Internal), config.Secret(f.Database), config.Secret(f.Redis)}, nil
}

func makeSecrets(path string) (Secrets, error) {
	f := secretsFile{JWT: random(), Internal: random(), Database: random(), Redis: random()}
	text, err := json.Marshal(f) //nolint:gosec // keeping them is the point; the file is 0600
	if err != nil {
		return Secrets{}, err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return Secrets{}, fmt.Errorf("keep the stack's secrets: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return Secrets{}, fmt.Errorf("keep the stack's secrets: %w", err)
	}
	return LoadSecrets(filepath.Dir(path))
}

func random() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails (Go 1.24)
	return hex.EncodeToString(raw[:])
}
