package settings

import (
	"crypto/rand"
	"encoding/hex"
	"path/filepath"

	"github.com/loveapp/backend/deployments/allinone/internal/kept"
	"github.com/loveapp/backend/shared/config"
)

// Secrets are those that the environment leaves out and that must outlive a
// restart: with another JWT_SECRET everybody is signed out.
type Secrets struct {
	JWT      string `json:"jwtSecret"`
	Internal string `json:"internalSecret"`
}

// NewSecrets makes a set from the system's source of randomness.
func NewSecrets() Secrets { return Secrets{JWT: randomHex(), Internal: randomHex()} }

func randomHex() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails (Go 1.24)
	return hex.EncodeToString(raw[:])
}

// KeptSecrets reads the set in the data folder, or makes it at the first start.
func KeptSecrets(dir string) (Secrets, error) {
	path := filepath.Join(dir, "secrets.json")
	var s Secrets
	found, err := kept.Read(path, &s)
	if err != nil || (found && s.JWT != "" && s.Internal != "") {
		return s, err
	}
	s = NewSecrets()
	return s, kept.Write(path, s)
}

// UseSecrets fills in what the environment left out.
func (s *Settings) UseSecrets(made Secrets) {
	if s.JWTSecret == "" {
		s.Auth.JWTSecret = config.Secret(made.JWT)
	}
	if s.InternalSecret == "" {
		s.Each(func(c *config.Infra) { c.InternalSecret = config.Secret(made.Internal) })
	}
}
