package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Registry is shared by all instances: who is connected where, and which
// instances are alive. It is never the only holder of anything; while it cannot
// be reached every method fails.
type Registry interface {
	Leases
	Connections
	Ghosts
	Rooms
	Origins
}

// Leases tell living instances from dead ones.
type Leases interface {
	// Begin claims the lease for ttl and ends every other epoch of the instance.
	Begin(ctx context.Context, lease domain.Lease, ttl time.Duration) error
	// Renew extends it; false when the lease has run out or another epoch holds it.
	Renew(ctx context.Context, lease domain.Lease, ttl time.Duration) (held bool, err error)
	// End gives it up, if it is still held.
	End(ctx context.Context, lease domain.Lease) error
	// Held gives those of the leases that are held at the moment.
	Held(ctx context.Context, leases []domain.Lease) (map[domain.Lease]bool, error)
}

// Connections are all authenticated sockets.
type Connections interface {
	// Add enters the connections, replacing what stands there under the same
	// socket, and gives for each how many its user then has, ghosts included.
	Add(ctx context.Context, connections []domain.Connection) (counts []int, err error)
	// Remove takes the connections out, whatever epoch stands there.
	Remove(ctx context.Context, connections []domain.Connection) error
	// Of gives the connections of the users, ghosts included.
	Of(ctx context.Context, users []domain.UserID) ([]domain.Connection, error)
	// Count gives how many stand under each lease, held or not. It reads all of
	// them: for people who look, not for requests.
	Count(ctx context.Context) (map[domain.Lease]int, error)
}

// Ghosts are connections whose lease is held no more: their instance has died,
// or has registered its sockets again under another epoch.
type Ghosts interface {
	// Reap removes the ghosts of epochs that once began and tells how many. It
	// never removes a connection that was added again under a living epoch.
	Reap(ctx context.Context) (int, error)
}

// Rooms tell which instances have somebody in a room.
type Rooms interface {
	// Occupy notes, for ttl from now on, that the instance has somebody in the room.
	Occupy(ctx context.Context, room domain.Room, by domain.InstanceID, ttl time.Duration) error
	// Occupants gives the instances of each room that has any. One whose time is
	// over may still be among them for as long as another one's is not.
	Occupants(ctx context.Context, rooms []domain.Room) (map[domain.Room][]domain.InstanceID, error)
}

// Origins count sockets by where they come from.
type Origins interface {
	// Crowd notes, for ttl from now on, that the instance has so many sockets from
	// the origin, and gives how many all instances have. None takes the note back.
	Crowd(ctx context.Context, from domain.Origin, at domain.InstanceID, sockets int, ttl time.Duration) (total int, err error)
}
