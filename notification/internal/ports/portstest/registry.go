package portstest

import (
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/idgen"
)

// Registry tests an adapter of ports.Registry.
func Registry(t *testing.T, open func(*testing.T) ports.Registry) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, ports.Registry){
		"a lease is held until it runs out":                leaseRunsOut,
		"a new epoch ends the old one":                     epochs,
		"a lease that was given up is not held":            leaseEnds,
		"connections are found by their user":              connections,
		"connections are counted by their lease":           connectionsAreCounted,
		"entering a socket again replaces it":              entersAgain,
		"the connections of dead instances are reaped":     reapsTheDead,
		"sockets that were registered anew are not reaped": sparesTheRenewed,
		"rooms know the instances that occupy them":        roomsAreOccupied,
		"an instance that is silent leaves its rooms":      occupationEnds,
		"sockets from one place are summed":                crowdsAreSummed,
		"an instance that is silent has no sockets":        crowdsEnd,
	})
}

const long = time.Minute

func newLease() domain.Lease {
	return domain.Lease{Instance: domain.InstanceID(idgen.NewV7()), Epoch: domain.Epoch(idgen.NewV7())}
}

func connection(user domain.UserID, lease domain.Lease) domain.Connection {
	return domain.Connection{
		Socket: domain.SocketID(idgen.NewV7()), User: user, Session: domain.SessionID(idgen.NewV7()),
		Instance: lease.Instance, Epoch: lease.Epoch, ConnectedAt: time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC),
	}
}

func begin(t *testing.T, r ports.Registry, lease domain.Lease, ttl time.Duration) {
	t.Helper()
	if err := r.Begin(t.Context(), lease, ttl); err != nil {
		t.Fatalf("begin: %v", err)
	}
}

func isHeld(t *testing.T, r ports.Registry, lease domain.Lease) bool {
	t.Helper()
	held, err := r.Held(t.Context(), []domain.Lease{newLease(), lease})
	if err != nil || len(held) > 1 {
		t.Fatalf("held: %v, %v", held, err)
	}
	return held[lease]
}

func leaseRunsOut(t *testing.T, r ports.Registry) {
	lease := newLease()
	if held, err := r.Renew(t.Context(), lease, long); held || err != nil {
		t.Errorf("renewing what never began: %t, %v", held, err)
	}
	begin(t, r, lease, 100*time.Millisecond)
	if held, err := r.Renew(t.Context(), lease, 300*time.Millisecond); !held || err != nil || !isHeld(t, r, lease) {
		t.Errorf("renewing: %t, %v", held, err)
	}
	eventually.True(t, "the lease runs out", func() bool { return !isHeld(t, r, lease) })
	if held, err := r.Renew(t.Context(), lease, long); held || err != nil {
		t.Errorf("renewing what has run out: %t, %v", held, err)
	}
}

func epochs(t *testing.T, r ports.Registry) {
	old := newLease()
	next := domain.Lease{Instance: old.Instance, Epoch: domain.Epoch(idgen.NewV7())}
	begin(t, r, old, long)
	begin(t, r, next, long)
	if held, err := r.Renew(t.Context(), old, long); held || err != nil || isHeld(t, r, old) {
		t.Errorf("the old epoch is held: %t, %v", held, err)
	}
	if !isHeld(t, r, next) {
		t.Error("the new epoch is not held")
	}
	if err := r.End(t.Context(), old); err != nil || !isHeld(t, r, next) {
		t.Errorf("ending the old epoch ended the new one, or %v", err)
	}
}

func leaseEnds(t *testing.T, r ports.Registry) {
	lease := newLease()
	begin(t, r, lease, long)
	if err := r.End(t.Context(), lease); err != nil {
		t.Fatal(err)
	}
	if isHeld(t, r, lease) {
		t.Error("it is held")
	}
	if held, err := r.Held(t.Context(), nil); len(held) != 0 || err != nil {
		t.Errorf("asking for none: %v, %v", held, err)
	}
}

func add(t *testing.T, r ports.Registry, connections ...domain.Connection) []int {
	t.Helper()
	counts, err := r.Add(t.Context(), connections)
	if err != nil {
		t.Fatalf("add: %v", err)
	}
	return counts
}

func of(t *testing.T, r ports.Registry, users ...domain.UserID) []domain.Connection {
	t.Helper()
	found, err := r.Of(t.Context(), users)
	if err != nil {
		t.Fatalf("of: %v", err)
	}
	slices.SortFunc(found, func(a, b domain.Connection) int { return slices.Compare([]byte(a.Socket), []byte(b.Socket)) })
	return found
}

func connections(t *testing.T, r ports.Registry) {
	lease, ana, ben := newLease(), newUser(), newUser()
	phone, tablet, bens := connection(ana, lease), connection(ana, lease), connection(ben, lease)
	if counts := add(t, r, phone); !slices.Equal(counts, []int{1}) {
		t.Errorf("counts %v, want 1", counts)
	}
	if counts := add(t, r, tablet, bens); !slices.Equal(counts, []int{2, 1}) {
		t.Errorf("counts %v, want 2 and 1", counts)
	}
	if got := of(t, r, ana); len(got) != 2 || got[0] != phone || got[1] != tablet {
		t.Errorf("ana's: %v", got)
	}
	if got := of(t, r, ana, newUser(), ben); len(got) != 3 {
		t.Errorf("both: %v", got)
	}
	if err := r.Remove(t.Context(), []domain.Connection{phone, bens, connection(ben, lease)}); err != nil {
		t.Fatal(err)
	}
	if got := of(t, r, ana, ben); len(got) != 1 || got[0] != tablet {
		t.Errorf("after removing: %v", got)
	}
	if counts := add(t, r); len(counts) != 0 || r.Remove(t.Context(), nil) != nil || len(of(t, r)) != 0 {
		t.Error("nothing to do is not done quietly")
	}
}

func entersAgain(t *testing.T, r ports.Registry) {
	ana := newUser()
	c := connection(ana, newLease())
	add(t, r, c)
	c.Epoch = domain.Epoch(idgen.NewV7())
	if counts := add(t, r, c); !slices.Equal(counts, []int{1}) {
		t.Errorf("counts %v, want 1", counts)
	}
	if got := of(t, r, ana); len(got) != 1 || got[0] != c {
		t.Errorf("found %v", got)
	}
}

func reap(t *testing.T, r ports.Registry) int {
	t.Helper()
	reaped, err := r.Reap(t.Context())
	if err != nil {
		t.Fatalf("reap: %v", err)
	}
	return reaped
}

func reapsTheDead(t *testing.T, r ports.Registry) {
	alive, dead := newLease(), newLease()
	begin(t, r, alive, long)
	begin(t, r, dead, long)
	ana := newUser()
	stays := connection(ana, alive)
	add(t, r, stays)
	const ghosts = 1500 // more than fit into one round
	users := []domain.UserID{ana}
	var left []domain.Connection
	for range ghosts {
		user := newUser()
		users = append(users, user)
		left = append(left, connection(user, dead))
	}
	add(t, r, left...)
	if reaped := reap(t, r); reaped != 0 {
		t.Errorf("%d of the living were reaped", reaped)
	}
	if err := r.End(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	if reaped := reap(t, r); reaped != ghosts {
		t.Errorf("%d reaped, want %d", reaped, ghosts)
	}
	if got := of(t, r, users...); len(got) != 1 || got[0] != stays {
		t.Errorf("left: %v", got)
	}
	if reaped := reap(t, r); reaped != 0 {
		t.Errorf("%d reaped again", reaped)
	}
}

func sparesTheRenewed(t *testing.T, r ports.Registry) {
	old, ana, ben := newLease(), newUser(), newUser()
	begin(t, r, old, long)
	stays, goes := connection(ana, old), connection(ben, old)
	add(t, r, stays, goes)
	next := domain.Lease{Instance: old.Instance, Epoch: domain.Epoch(idgen.NewV7())}
	begin(t, r, next, long)
	stays.Epoch = next.Epoch
	add(t, r, stays)
	if reaped := reap(t, r); reaped != 1 {
		t.Errorf("%d reaped, want 1", reaped)
	}
	if got := of(t, r, ana, ben); len(got) != 1 || got[0] != stays {
		t.Errorf("left: %v", got)
	}
}
