// Package world runs the whole backend and speaks to it as its clients do.
// Journeys are written once against World and run on every implementation: on
// fake adapters, on a private PostgreSQL and Redis, on real processes.
package world

import (
	"context"
	"log/slog"

	"github.com/loveapp/backend/shared/config"
)

// World is a running backend, seen from outside. It stops when the test ends.
type World interface {
	// Gateways are the base URLs of the gateway's copies; there is at least one.
	Gateways() []string
}

// Restartable is a World whose services can go away and come back on the same data.
type Restartable interface {
	World
	// Stop ends every copy of the named services (gateway, auth, notification,
	// sos; none named: all) as SIGTERM does, and waits for them.
	Stop(services ...string)
	// Start runs what is stopped, at the same addresses, and returns once it is ready.
	Start()
}

// T is what a world and its people need of a test. *testing.T is one.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(cleanup func())
	Context() context.Context
}

// Size is how much of everything to run.
type Size struct {
	Gateways int // copies of the gateway; 0 means 1
	Services int // copies of each service, where the world can have more than one; 0 means 1
	// Collector is where an embedded world sends what it traces; "" traces nothing.
	Collector string
	// Logger takes what every service of an embedded world logs; nil: nobody does.
	Logger *slog.Logger
	// Issuers is OIDC_ISSUERS of an embedded world.
	Issuers string

	// Of the embedded world only: a monolith that is being moved away from.
	LegacyHost   string
	LegacySecret config.Secret
}

func (s Size) withDefaults() Size {
	s.Gateways = max(s.Gateways, 1)
	s.Services = max(s.Services, 1)
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}
