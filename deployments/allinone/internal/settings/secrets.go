package settings

import (
	"crypto/rand"
	"encoding/hex"
	"path/filepath"

	"github.com/loveapp/backend/deployments/allinone/internal/kept"
	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/config"
)

// Secrets are those that the environment leaves out and that must outlive a
// restart: with another JWT_SECRET everybody is signed out.
type Secrets struct {
	JWT      string `json:"jwtSecret"`
	Internal string `json:"internalSecret"`
	// With another pair no browser gets pushes any more.
	VAPIDPublic  string `json:"vapidPublicKey"`
	VAPIDPrivate string `json:"vapidPrivateKey"`
}

// NewSecrets makes a set from the system's source of randomness.
func NewSecrets() Secrets {
	var s Secrets
	s.complete()
	return s
}

// complete makes what is not there yet, and tells whether that was anything.
func (s *Secrets) complete() (made bool) {
	if s.JWT == "" || s.Internal == "" {
		s.JWT, s.Internal, made = randomHex(), randomHex(), true
	}
	if s.VAPIDPublic == "" || s.VAPIDPrivate == "" {
		public, private, err := notification.NewVAPIDKeys()
		if err != nil {
			panic(err) // only without a source of randomness, which Go's never is
		}
		s.VAPIDPublic, s.VAPIDPrivate, made = public, private.Value(), true
	}
	return made
}

func randomHex() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails (Go 1.24)
	return hex.EncodeToString(raw[:])
}

// nobody is whom push services reach until VAPID_SUBJECT says who it is; Apple's
// wants somebody real.
const nobody = "mailto:loveapp@localhost"

// KeptSecrets reads the set in the data folder, or makes it at the first start.
func KeptSecrets(dir string) (Secrets, error) {
	path := filepath.Join(dir, "secrets.json")
	var s Secrets
	if _, err := kept.Read(path, &s); err != nil {
		return s, err
	}
	if !s.complete() {
		return s, nil
	}
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
	if s.Notification.VAPIDPublicKey == "" && s.Notification.VAPIDPrivateKey == "" {
		s.Notification.VAPIDPublicKey, s.Notification.VAPIDPrivateKey = made.VAPIDPublic, config.Secret(made.VAPIDPrivate)
		if s.Notification.VAPIDSubject == "" {
			s.Notification.VAPIDSubject = nobody
		}
	}
}
