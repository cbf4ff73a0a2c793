package auth

import (
	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/ports"
)

// legacyAware minds the monolith's tokens where they are taken.
func legacyAware(c Config, store ports.Store) ports.Store {
	if c.LegacyJWTSecret == "" {
		return store
	}
	return app.WithLegacy(store)
}
