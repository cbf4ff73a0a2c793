package domain

import (
	"cmp"
	"slices"
	"time"
)

// MaxConnections is how many sockets one user may hold, on all instances together.
const MaxConnections = 10

// Bounds of rooms.
const (
	MaxRooms   = 32     // that one socket listens to
	MaxMembers = 10_000 // sockets of one instance in one room
)

// Connection is one authenticated socket as the others see it.
type Connection struct {
	Socket      SocketID
	User        UserID
	Session     SessionID
	Instance    InstanceID
	Epoch       Epoch
	ConnectedAt time.Time
}

// Epoch tells an instance's registrations apart: one that found its lease gone
// registers everything again under a new one, and what carries the old is a ghost.
type Epoch string

// Lease is an instance's claim to be alive.
type Lease struct {
	Instance InstanceID
	Epoch    Epoch
}

// Lease is the one that stands behind the connection.
func (c Connection) Lease() Lease { return Lease{c.Instance, c.Epoch} }

// Surplus gives the oldest of a user's live connections beyond MaxConnections:
// those that have to go. Whoever computes it twice closes the same ones.
func Surplus(live []Connection) []Connection {
	if len(live) <= MaxConnections {
		return nil
	}
	byAge := slices.Clone(live)
	slices.SortFunc(byAge, func(a, b Connection) int {
		return cmp.Or(a.ConnectedAt.Compare(b.ConnectedAt), cmp.Compare(a.Socket, b.Socket))
	})
	return byAge[:len(byAge)-MaxConnections]
}
