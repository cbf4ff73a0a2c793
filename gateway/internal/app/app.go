// Package app decides which requests the gateway lets in.
package app

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
)

// Config is what an App needs. Everything is required but SharedAddresses and Ceiling.
type Config struct {
	Shared          ports.Limiter // counts for all gateways together
	Local           ports.Limiter // counts here while Shared is away
	Limits          domain.Limits
	SharedAddresses []netip.Prefix // each counts for many clients
	Gateways        int            // how many share the limits
	InFlight        int            // how many requests may be served at the same time
	Ceiling         domain.Limit   // of this gateway, for all clients together; zero = none
	Now             func() time.Time
	Logger          *slog.Logger
}

// App is the gateway's admission: limits and slots.
type App struct {
	config   Config
	policies [domain.ClassCount]policies
	denials  *denials
	outage   outage
	inFlight atomic.Int64
	ceiling  ceiling
	rooms    map[domain.Service]*room
}

type policies struct{ own, many domain.Policy }

// New refuses a config with a hole.
func New(c Config) (*App, error) {
	if c.Shared == nil || c.Local == nil || c.Now == nil || c.Logger == nil || c.Gateways < 1 || c.InFlight < 1 {
		return nil, errors.New("app: both limiters, the number of gateways and slots, a clock and a logger are required")
	}
	a := &App{config: c, denials: newDenials(), ceiling: newCeiling(c.Ceiling), rooms: make(map[domain.Service]*room)}
	for _, s := range domain.Services() {
		a.rooms[s] = newRoom(c.Gateways, c.InFlight)
	}
	a.rooms[domain.Legacy] = newFixedRoom(domain.LegacyRoom(c.InFlight))
	for class := range a.policies {
		a.policies[class] = policies{
			own:  c.Limits.For(domain.Class(class), false),
			many: c.Limits.For(domain.Class(class), true),
		}
	}
	return a, nil
}

// Enter takes a slot, and a place in the room of the route's service, for which
// it may wait a little. Answered gives the place back, then Leave the slot.
// Without them the request is shed.
func (a *App) Enter(ctx context.Context, r domain.Route) bool {
	if !domain.MayEnter(r.Priority, int(a.inFlight.Add(1))-1, a.config.InFlight) || r.HasRoom() && !a.rooms[r.Service].enter(ctx) {
		a.inFlight.Add(-1)
		return false
	}
	return true
}

// Full tells whether Enter would refuse at once, without taking anything.
func (a *App) Full(r domain.Route) bool {
	return !domain.MayEnter(r.Priority, a.InFlight(), a.config.InFlight) || r.HasRoom() && a.rooms[r.Service].full()
}

// OverCeiling counts the request among all that this gateway takes on, and tells whether it is one too many.
func (a *App) OverCeiling(r domain.Route) bool { return a.ceiling.reached(r, a.config.Now()) }

// Answered is for the head of the answer to a request that has entered at that
// time. How long a client then reads says nothing about the service.
func (a *App) Answered(r domain.Route, entered time.Time) {
	if r.HasRoom() {
		a.rooms[r.Service].leave(entered, a.config.Now())
	}
}

// Leave ends what Enter began, when the whole answer is out.
func (a *App) Leave() { a.inFlight.Add(-1) }

// Room is how many requests of routes that HasRoom the service may have in flight.
func (a *App) Room(s domain.Service) int { return int(a.rooms[s].size.Load()) }

// InFlight is how many slots are taken.
func (a *App) InFlight() int { return int(a.inFlight.Load()) }

// Degraded tells whether the limits are counted here only, because the shared counter is away.
func (a *App) Degraded() bool { return a.outage.away.Load() }
